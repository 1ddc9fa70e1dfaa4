/**
 * The page's server: its own files, to this machine, under a strict policy.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { respond, serve } from "../../../scripts/play/server.ts";
import type { Site } from "../../../scripts/play/site.ts";
import { granted } from "../../property.ts";

const site: Site = new Map([
  ["index.html", new TextEncoder().encode("<!doctype html>")],
  ["main.js", new TextEncoder().encode("1;")],
]);

const ask = (path: string, host = "127.0.0.1:8420", method = "GET"): Response =>
  respond(site, new Request(`http://127.0.0.1:8420${path}`, { method, headers: { host } }), 8420);

Deno.test("play: gives its files with their types, and the policy with every answer", async () => {
  assertEquals(await ask("/").text(), "<!doctype html>");
  assertEquals(ask("/main.js?x=1").headers.get("content-type"), "text/javascript; charset=utf-8");
  assertEquals(await ask("/main.js", undefined, "HEAD").text(), "");
  for (
    const answer of [ask("/"), ask("/main.js"), ask("/nothing"), ask("/", "evil.example"), ask("/", undefined, "POST")]
  ) {
    const policy = answer.headers.get("content-security-policy")!;
    assertStringIncludes(policy, "default-src 'none'");
    assertStringIncludes(policy, "frame-ancestors 'none'");
    assert(!/unsafe-inline|'unsafe-eval'|http|\*/.test(policy), policy);
    assertEquals(answer.headers.get("x-content-type-options"), "nosniff");
  }
});

Deno.test("play: nothing outside the site, and nothing to another name", () => {
  for (
    const path of [
      "/../deno.json",
      "/%2e%2e/deno.json",
      "//etc/passwd",
      "/..%2fdeno.json",
      "/main.js/",
      "/MAIN.JS",
      "/%00",
    ]
  ) {
    assertEquals(ask(path).status, 404, path);
  }
  for (const host of ["evil.example", "127.0.0.1", "127.0.0.1:80", "localhost", "localhost.evil.example:8420", ""]) {
    assertEquals(ask("/", host).status, 421, host);
  }
  assertEquals(ask("/", "localhost:8420").status, 200);
  assertEquals(ask("/", undefined, "POST").status, 405);
});

const ignore = !granted({ name: "net", host: "127.0.0.1" });

Deno.test("play: a free port is found, and a taken one is named", { ignore }, async () => {
  const { port, server } = serve(site, 0);
  assert(port > 0);
  assertEquals(await (await fetch(`http://127.0.0.1:${port}/main.js`)).text(), "1;");
  assertThrows(() => serve(site, port), Error, `--port ${port} cannot be used: another program listens there`);
  await server.shutdown();
});
