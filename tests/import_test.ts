/**
 * `import … from "http://…/mod.ts"`, from an empty folder, without a config and without any other permission.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { taskTest } from "./scripts/task.ts";

const ROOT = new URL("..", import.meta.url);

const program = (url: string): string => `
  import { engine, initTraining, names, sampleText, trainSteps } from "${url}/mod.ts";
  let state = initTraining(names);
  for (const step of trainSteps(state, { steps: 5 })) state = step.state();
  const simd = engine("simd", { threads: 2 });
  for (const step of trainSteps(state, { steps: 10, batch: 4, engine: simd })) state = step.state();
  console.log(state.t, sampleText(state, state.random)[0]);
`;

taskTest("mod.ts can be imported by URL: ten steps with two engines, and a sample", async (folder) => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const path = new URL(`.${new URL(request.url).pathname}`, ROOT);
    const type = path.pathname.endsWith(".ts") ? "text/typescript" : "text/plain";
    return new Response(await Deno.readFile(path), { headers: { "content-type": type } });
  });
  try {
    const host = `127.0.0.1:${server.addr.port}`;
    Deno.writeTextFileSync(`${folder}/program.ts`, program(`http://${host}`));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--check", "--no-prompt", `--allow-import=${host}`, "program.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertMatch(new TextDecoder().decode(stdout), /^10 [a-z]*\n$/);
  } finally {
    await server.shutdown();
  }
});
