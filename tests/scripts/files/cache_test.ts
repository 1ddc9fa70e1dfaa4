/**
 * Data sets from the web.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeCheckpoint } from "../../../mod.ts";
import { checkAddress, checkResponse, indexIn, isUrl, placeOf } from "../../../scripts/files/cache.ts";
import { characters } from "../../arbitraries.ts";
import { law } from "../../property.ts";
import { assertRefused, deno, ROOT, taskTest } from "../task.ts";
import { packed } from "./packed.ts";

const HASH = "0123456789abcdef".repeat(4);

law("cache: only 64 hexadecimal digits are a place; nothing else inside a file leads anywhere", [
  fc.string({ unit: fc.oneof(characters, fc.constantFrom("a", "7", ".", "/", "\n")), maxLength: 70 }),
  fc.nat(64),
], (text, at) => {
  assertEquals(placeOf(HASH), `out/data/${HASH}.txt`);
  const wrong = [text, text + HASH, HASH + text, HASH.slice(0, at) + text + HASH.slice(at + 1)];
  for (const hash of [...wrong, HASH.toUpperCase(), `${HASH}\n`, `../../${HASH}`, HASH.slice(1)]) {
    assertEquals(placeOf(hash) === undefined, hash.length !== 64 || /[^0-9a-f]/.test(hash), hash);
  }
});

Deno.test("cache: an address begins with https:// and can be read", () => {
  for (const address of ["https://a.org/x.txt", "HTTPS://a.org", "https://127.0.0.1:80/?a=b"]) checkAddress(address);
  for (const address of ["http://a.org/x", "ftp://a.org", "file:///etc/passwd", " https://a.org", "xhttps://a.org"]) {
    assertThrows(() => checkAddress(address), Error, "it must be a file or begin with https://");
  }
  for (const address of ["https://", "https://a b/", "https://a.org:99999/"]) {
    assertThrows(() => checkAddress(address), Error, `--data ${address} cannot be used: it is not a valid address`);
  }
  assertEquals(["https://a", "HTTP://a", "s3+x://a", "data/names.txt", "c:/x", "://a"].map(isUrl), [
    ...[true, true, true],
    ...[false, false, false],
  ]);
});

Deno.test("cache: an answer must be one, and come over https to the end, wherever it was sent on to", () => {
  const answer = (url: string, status = 200, statusText = "") =>
    ({ ok: status < 300, status, statusText, url }) as Response;
  checkResponse(answer("https://a.org/x"));
  checkResponse(answer(""));
  for (const url of ["http://a.org/x", "HTTP://a.org", "data:,x", "file:///x", "http://https://"]) {
    assertThrows(() => checkResponse(answer(url)), Error, "it leads away from https");
  }
  assertThrows(
    () => checkResponse(answer("https://a.org/x", 404, "Not Found")),
    Error,
    "the server answers 404 Not Found",
  );
  assertEquals(
    assertThrows(() => checkResponse(answer("https://a.org/x", 500)), Error).message,
    "the server answers 500",
  );
});

Deno.test("cache: a file that is not an index knows nothing", () => {
  for (const text of ["", "null", "7", '"x"', "{", "[1"]) assertEquals(indexIn(text), {}, text);
  assertEquals(indexIn(`{"https://a.org":"${HASH}"}`), { "https://a.org": HASH });
});

taskTest(
  "train:url: fetches, keeps under the hash, and needs the network only once; train never uses it",
  async (folder) => {
    let served = 0;
    let content = "anna\nbob\neve\n";
    const gzip = await packed(new TextEncoder().encode("anna\nbob\nida\n"));
    const unsafe = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("eve\nmallory\n"),
    );
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      cert: Deno.readTextFileSync(new URL("tests/scripts/tls/cert.pem", ROOT)),
      key: Deno.readTextFileSync(new URL("tests/scripts/tls/key.pem", ROOT)),
    }, (request) => {
      served++;
      if (new URL(request.url).pathname === "/away.txt") {
        return Response.redirect(`http://127.0.0.1:${unsafe.addr.port}/names.txt`);
      }
      if (new URL(request.url).pathname === "/more.txt") return new Response("ida\nleo\n");
      if (new URL(request.url).pathname === "/page.txt") return new Response("<!doctype html>\n<p>anna\n<p>bob\n");
      if (new URL(request.url).pathname === "/latin.txt") return new Response(Uint8Array.of(0x61, 10, 0xeb, 10));
      if (new URL(request.url).pathname === "/few.txt") return new Response("anna\n");
      if (new URL(request.url).pathname === "/packed.gz") return new Response(gzip);
      if (new URL(request.url).pathname === "/short.txt") {
        return new Response(ReadableStream.from([new TextEncoder().encode("anna\nbob\n")]), {
          headers: { "content-length": "99" },
        });
      }
      if (new URL(request.url).pathname === "/broken.txt") {
        return new Response("anna\nbob\n", { headers: { "content-encoding": "gzip" } }); // which it is not
      }
      return new URL(request.url).pathname === "/names.txt"
        ? new Response(content)
        : new Response("none", { status: 404 });
    });
    // In a copy of the project's folder, so that its cache stays as it is.
    for (const name of ["mod.ts", "deno.json", "import_map.json", "src", "scripts", "tests", "data"]) {
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
      const away = await train(net, "--data", address.replace("names", "away"), "--quiet");
      assertRefused(away, 1, "away.txt cannot be fetched: it leads away from https");
      assertRefused(
        await train(net, "--data", "http://127.0.0.1/x", "--quiet"),
        1,
        "it must be a file or begin with https://",
      );
      const broken = await train(net, "--data", address.replace("names", "broken"), "--quiet");
      assertRefused(broken, 1, "broken.txt cannot be fetched: ");
      for (
        const [name, why] of [
          ["page", " is a page in HTML, not plain text: name the address of the text itself"],
          ["latin", " is not UTF-8: byte 2 is 0xeb; it must be text in UTF-8, or be named with --encoding"],
          ["few", " has 1 document: it must have at least 2, one a line"],
          ["short", " cannot be fetched: "],
        ]
      ) {
        assertRefused(await train(net, "--data", address.replace("names", name), "--quiet"), 1, `${name}.txt${why}`);
      }
      assertEquals([...Deno.readDirSync(`${folder}/out/data`)].length, 2);
      const latin = ["--data", address.replace("names", "latin"), "--encoding", "latin1", "--steps", "2"];
      assertEquals((await train(net, ...latin, "--quiet", "--out", "out/l")).code, 0);
      const zipped = await train(
        net,
        "--data",
        address.replace("names.txt", "packed.gz"),
        "--steps",
        "2",
        "--out",
        "out/z",
      );
      assertEquals([zipped.code, zipped.stdout.split("\n")[0]], [0, "num docs: 3"]);
      assertEquals((await train("--quiet", "--resume", "out/z", "--steps", "3")).code, 0);

      // What a killed download has left goes with the next one; what another is writing stays.
      const left = `${folder}/out/data/download.0123abcd.tmp`;
      const busy = `${folder}/out/data/download.89abcdef.tmp`;
      Deno.writeTextFileSync(left, "an");
      using other = Deno.openSync(busy, { write: true, create: true });
      other.lockSync(true);
      content = "anna\nbob\neve\nzoe\n";
      const seen = served;
      const refreshed = await train(
        net,
        "--data",
        address,
        "--refresh",
        "--steps",
        "2",
        "--samples",
        "0",
        "--out",
        "out/r",
      );
      assertEquals([refreshed.code, refreshed.stdout.split("\n")[0], served], [0, "num docs: 4", seen + 1]);
      assertEquals((await train("--quiet", "--data", address, "--steps", "2", "--out", "out/n")).code, 0);
      assertEquals(served, seen + 1);
      const { source } = decodeCheckpoint(Deno.readFileSync(`${folder}/out/n`));
      assertEquals(source, { path: address, encoding: "utf-8" });
      const names = [...Deno.readDirSync(`${folder}/out/data`)].map(({ name }) => name);
      assert(names.includes("download.89abcdef.tmp") && !names.includes("download.0123abcd.tmp"));
      assertEquals((await train("--quiet", "--resume", "out/m", "--steps", "4")).code, 0); // the older one is still there

      const more = address.replace("names", "more");
      assertEquals((await train(net, "--quiet", "--data", more, "--steps", "2", "--out", "out/k")).code, 0);
      const index = indexIn(Deno.readTextFileSync(`${folder}/out/data/index.json`));
      assertEquals(Object.keys(index).length, 4);
      assertEquals(Deno.readTextFileSync(`${folder}/out/data/${index[more]}.txt`), "ida\nleo\n");
      assertEquals(Deno.readTextFileSync(`${folder}/out/data/${index[address]}.txt`), content);
    } finally {
      await server.shutdown();
      await unsafe.shutdown();
    }
    assertEquals(deno(ROOT, "task", "--quiet", "train", "--data", "https://127.0.0.1:9/x").code, 1);
    assertRefused(
      deno(ROOT, "task", "--quiet", "train", "--refresh"),
      2,
      "--refresh has no effect on --data data/names.txt",
    );
  },
);
