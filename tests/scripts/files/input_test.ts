/**
 * Data that is not a file in UTF-8: packed, in another encoding, on standard input, no plain text.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint } from "../../../mod.ts";
import { assertRefused, type Outcome, task, taskReading, taskTest } from "../task.ts";
import { packed } from "./packed.ts";

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const latin1 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (c) => c.charCodeAt(0));

taskTest("data: packed, in another encoding and on standard input, it trains to the same numbers", async (folder) => {
  const text = "anna\nzoë\nbjörn\neve\n";
  const train = ["--steps", "3", "--samples", "1", "--val-fraction", "0.25", "--documents", "line-blocks"];
  const written = async (name: string, bytes: Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>) => {
    Deno.writeFileSync(`${folder}/${name}`, await bytes);
    return ["--data", `${folder}/${name}`];
  };
  const trained = ({ code, stdout, stderr }: Outcome): Float64Array => {
    assertEquals([code, stderr], [0, ""]);
    const { params } = decodeCheckpoint(Deno.readFileSync(`${folder}/m`));
    assertMatch(stdout, /^num docs: 4\n/);
    return params;
  };
  const out = ["--out", `${folder}/m`];
  const expected = trained(task("train", ...await written("a.txt", bytesOf(text)), ...train, ...out));
  const gz = await written("a.txt.gz", packed(bytesOf(text)));
  assertEquals(trained(task("train", ...gz, ...train, ...out)), expected);
  assertEquals(trained(await taskReading(text, "train", "--data", "-", ...train, ...out)), expected);
  assertRefused(task("train", "--resume", `${folder}/m`), 1, ", from standard input): name it with --data");
  const again = await taskReading(text, "train", "--resume", `${folder}/m`, "--data", "-", "--steps", "5", "--quiet");
  assertEquals([again.code, again.stderr], [0, ""]);
  const stdin = await taskReading(
    await packed(latin1(text)),
    "train",
    "--data",
    "-",
    "--encoding",
    "latin1",
    ...train,
    ...out,
  );
  assertEquals(trained(stdin), expected);

  const latin = await written("latin.txt", latin1(text));
  assertRefused(
    task("train", ...latin, ...out),
    1,
    "is not UTF-8: byte 7 is 0xeb; it must be text in UTF-8, or be named with --encoding, such as windows-1252",
  );
  assertEquals(trained(task("train", ...latin, "--encoding", "latin1", ...train, ...out)), expected);
  // It is kept with the model: nobody has to say it again.
  assertMatch(task("evaluate", "--model", `${folder}/m`).stdout, /which it was trained on\n.*\ntraining +3 /);
  assertStringIncludes(task("sample", "--model", `${folder}/m`, "--samples", "2").stdout, " of 2 new (");
  assertEquals(task("train", "--quiet", "--resume", `${folder}/m`, "--steps", "5").code, 0);
  const utf8 = ["--data", `${folder}/a.txt`, "--encoding", "utf-8"];
  assertMatch(task("evaluate", "--model", `${folder}/m`, ...utf8).stdout, /another file .*\n.*\nother data +4 /);

  Deno.writeFileSync(`${folder}/cut.gz`, (await packed(bytesOf(text))).slice(0, -4));
  assertRefused(
    task("train", "--data", `${folder}/cut.gz`),
    1,
    "cut.gz is packed by gzip, and damaged, cut short or in",
  );
  assertRefused(await taskReading("", "train", "--data", "-"), 1, "standard input has no document in its 0 bytes");
});

taskTest("data: what is no plain text is learnt as it is, but train and evaluate say what it looks like", (folder) => {
  const said = (text: string, ...args: string[]): string => {
    Deno.writeTextFileSync(`${folder}/d`, text);
    const { code, stderr } = task(args[0] ?? "train", "--data", `${folder}/d`, ...args.slice(1));
    assertEquals(code, 0);
    return stderr;
  };
  const train = ["train", "--steps", "1", "--samples", "0", "--out", `${folder}/m`];
  assertMatch(
    said("name,count\nanna,1\nbob,2\n", ...train),
    /^note: data file .*d: it looks like CSV with a header, .*\n$/,
  );
  assertMatch(said('["anna",\n"bob"]\n', ...train), /^note: .* it looks like a JSON array, .* jq -r '\.\[\]'\n$/);
  assertMatch(said('{"a":1}\n{"a":2}\n', ...train), /^note: .* it looks like JSON lines, .*\n$/);
  assertMatch(
    said('{"a":2}\n{"a":1}\n', "evaluate", "--model", `${folder}/m`),
    /^note: .* it looks like JSON lines, .*\n$/,
  );
  assertMatch(said("<html>\n<p>anna\n", ...train), /^note: .* it looks like HTML, .*\n$/);
  assertEquals(said("<html>\n<p>anna\n", ...train, "--quiet"), "");
  assertEquals(said("anna\nbob\n", ...train), "");
  Deno.writeTextFileSync(`${folder}/d`, '["anna","bob"]\n');
  assertRefused(
    task("train", "--data", `${folder}/d`),
    1,
    "must have at least 2, one a line; it looks like a JSON array, ",
  );
});
