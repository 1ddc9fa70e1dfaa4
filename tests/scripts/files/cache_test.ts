/**
 * Data sets from the web.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { decodeCheckpoint } from "../../../mod.ts";
import { assertRefused, deno, ROOT, taskTest } from "../task.ts";

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
