/**
 * Data: files in pieces, wrong bytes by their place, and data sets from the web.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeCheckpoint, DOCUMENT_KINDS, parseDocuments } from "../../../mod.ts";
import { documentsOf, readData } from "../../../scripts/files/data.ts";
import { granted, law } from "../../property.ts";
import { assertRefused, deno, ROOT, task, taskTest } from "../task.ts";

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const text = fc.array(
  fc.oneof(fc.constantFrom("a", "é", "류", "🙂", " "), fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\ufeff")),
)
  .map((parts) => `ab\n\ncd\n${parts.join("")}`);

law(
  "data: the documents are the same wherever the bytes are cut",
  fc.tuple(text, fc.constantFrom(...DOCUMENT_KINDS)),
  ([
    content,
    kind,
  ]) => {
    const bytes = bytesOf(content);
    const expected = parseDocuments(content, kind);
    for (let at = 0; at <= bytes.length; at++) {
      const found = documentsOf([bytes.subarray(0, at), bytes.subarray(at)], "data.txt", kind);
      if (kind === "whole") assertEquals(found.join(""), expected.join(""));
      else assertEquals(found, expected);
    }
    const single = documentsOf(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)), "data.txt", kind);
    assertEquals(kind === "whole" ? [single.join("")] : single, kind === "whole" ? [expected.join("")] : expected);
  },
  { numRuns: 60 },
);

law("parseDocuments: a whole text is kept, with line feeds", text, (content) => {
  assertEquals(parseDocuments(content, "whole").join(""), content.replace(/\r\n|\r/g, "\n"));
  for (const paragraph of parseDocuments(content, "paragraph")) {
    assert(paragraph !== "" && !/\n\n/.test(paragraph));
  }
});

const wrong = fc.record({
  before: fc.array(fc.constantFrom("a", "é", "류", "🙂", "\n"), { maxLength: 6 }).map((parts) =>
    bytesOf(parts.join(""))
  ),
  byte: fc.constantFrom([0x00], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x41], [0xf5], [0x80]),
  after: fc.array(fc.constantFrom("a", "류"), { maxLength: 3 }).map((parts) => bytesOf(parts.join(""))),
});

law("data: the first wrong byte is named by its place", wrong, ({ before, byte, after }) => {
  const bytes = Uint8Array.from([...before, ...byte, ...after]);
  for (let at = 0; at <= bytes.length; at++) {
    const error = assertThrows(
      () => documentsOf([bytes.subarray(0, at), bytes.subarray(at)], "data.txt", "line"),
      Error,
      `byte ${before.length} is 0x${byte[0].toString(16).padStart(2, "0")}; it must be text in UTF-8`,
    );
    assertStringIncludes(error.message, byte[0] === 0 ? "is binary" : "is not UTF-8");
  }
});

Deno.test("data: empty files, UTF-16 and cut characters are refused", () => {
  const message = (bytes: number[], kind: "line" | "whole" = "line"): string =>
    assertThrows(() => documentsOf([Uint8Array.from(bytes)], "d", kind), Error).message;
  assertEquals(message([]), "data file d has no document in its 0 bytes: it must have at least 2, one a line");
  assertEquals(message([], "whole"), "data file d has no text in its 0 bytes: it must have at least one character");
  assertMatch(message([0xff, 0xfe, 0x61, 0x00]), /not UTF-8 but UTF-16: byte 0 is 0xff/);
  assertMatch(message([0x61, 0x0a, 0xf0, 0x9f, 0x99]), /not UTF-8: byte 2 is 0xf0/);
});

Deno.test({
  name: "data: a file of several pieces, with its SHA-256",
  ignore: !granted({ name: "read" }, { name: "write" }),
  fn: async () => {
    const path = Deno.makeTempFileSync();
    try {
      const line = `${"류🙂é ".repeat(30)}x\n`;
      const content = line.repeat(30_000); // some 9 MB: pieces end in the middle of characters
      Deno.writeTextFileSync(path, content);
      const { documents, hash } = await readData(path, "line");
      assertEquals(documents.length, 30_000);
      assert(documents.every((document) => document === line.trim()));
      const digest = await crypto.subtle.digest("SHA-256", bytesOf(content));
      assertEquals(hash, new Uint8Array(digest).toHex());
      Deno.writeTextFileSync(path, content.replaceAll("\n", " ") + "\xff\0");
      await readData(path, "whole").then(
        () => assert(false),
        (error) => assertStringIncludes(error.message, `byte ${30_000 * (30 * 10 + 2) + 2} is 0x00`),
      );
    } finally {
      Deno.removeSync(path);
    }
  },
});

taskTest("train: a book in blocks, resumed and evaluated by its hash alone", (folder) => {
  const out = `${folder}/book.safetensors`;
  const flags = ["--engine", "simd", "--batch", "4", "--n-embd", "8", "--block-size", "32", "--samples", "2"];
  const run = ["--data", "data/moby_dick.txt", "--documents", "paragraph", "--val-fraction", "0.1", ...flags];
  const { code, stdout } = task("train", ...run, "--eval-documents", "50", "--steps", "30", "--out", out);
  assertEquals(code, 0);
  assertMatch(stdout, /^num docs: 2560\nvocab size: 81\n[^]*^blocks: 3\d{4}, of 32 characters at most$/m);
  const again = task("train", "--resume", out, "--steps", "40");
  assertMatch(again.stdout, /^resumed: .*, after step 30 of 40$/m);
  assertEquals(decodeCheckpoint(Deno.readFileSync(out)).hyperparameters.documents, "paragraph");
  assertRefused(task("train", "--resume", out, "--documents", "whole"), 1, "the run has paragraph");
  const sampled = task("sample", "--model", out, "--samples", "3");
  assertMatch(sampled.stdout, /\n\d of 3 new \(\d+%\), \d in training data, \d repeated\n$/);
});

taskTest(
  "train:url: fetches, keeps under the hash, and needs the network only once; train never uses it",
  async (folder) => {
    let served = 0;
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      cert: Deno.readTextFileSync(new URL("tests/scripts/tls/cert.pem", ROOT)),
      key: Deno.readTextFileSync(new URL("tests/scripts/tls/key.pem", ROOT)),
    }, (request) => {
      served++;
      return new URL(request.url).pathname === "/names.txt"
        ? new Response("anna\nbob\neve\n")
        : new Response("none", { status: 404 });
    });
    // In a copy of the project's folder, so that its cache stays as it is.
    for (const name of ["mod.ts", "deno.json", "deno.lock", "src", "scripts", "tests", "data"]) {
      Deno.symlinkSync(new URL(name, ROOT), `${folder}/${name}`);
    }
    try {
      const address = `https://127.0.0.1:${server.addr.port}/names.txt`;
      const train = async (...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "--no-prompt",
            "--allow-read",
            "--allow-write",
            "--unsafely-ignore-certificate-errors=127.0.0.1",
          ]
            .concat(flags[0], "scripts/train.ts", flags.slice(1)),
          cwd: folder,
          env: { NO_COLOR: "1" },
        }).output();
        const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
        return { code, stdout: text(stdout), stderr: text(stderr).replace(/^DANGER: .*\n/, "") };
      };
      const without = await train("--quiet", "--data", address, "--steps", "2");
      assertRefused(
        { ...without, stdout: "" },
        1,
        `--data ${address} needs the network: deno task train:url may use it`,
      );
      assertEquals(served, 0);
      const net = "--allow-net=127.0.0.1";
      const { code, stdout } = await train(net, "--data", address, "--steps", "2", "--samples", "0", "--out", "out/m");
      assertEquals([code, stdout.split("\n")[0]], [0, "num docs: 3"]);
      const { dataHash } = decodeCheckpoint(Deno.readFileSync(`${folder}/out/m`));
      assertEquals(Deno.readTextFileSync(`${folder}/out/data/${dataHash}.txt`), "anna\nbob\neve\n");
      assertEquals((await train("--quiet", "--data", address, "--steps", "2", "--out", "out/n")).code, 0); // cached
      assertEquals((await train("--quiet", "--resume", "out/m", "--steps", "3")).code, 0); // by the hash alone
      assertEquals(served, 1);
      const missing = await train(net, "--data", address.replace("names", "none"), "--quiet");
      assertRefused(missing, 1, "none.txt cannot be fetched: the server answers 404 Not Found");
      assertRefused(
        await train(net, "--data", "http://127.0.0.1/x", "--quiet"),
        1,
        "it must be a file or begin with https://",
      );
      assertEquals([...Deno.readDirSync(`${folder}/out/data`)].length, 2);
    } finally {
      await server.shutdown();
    }
    assertEquals(deno(ROOT, "task", "--quiet", "train", "--data", "https://127.0.0.1:9/x").code, 1);
  },
);
