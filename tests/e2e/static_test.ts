/**
 * The page as a folder on a web host: under a path, with headers that are not ours.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { buildSite } from "../../scripts/play/site.ts";
import { browserTest, trainToTheEnd } from "./browser.ts";

const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript", css: "text/css" };

browserTest(
  "static page: trains under any path, with either engine, and asks no other host",
  async ({ page, complaints }) => {
    const site = await buildSite(true);
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const name = new URL(request.url).pathname.replace(/^\/some\/where\//, "") || "index.html";
      const type = TYPES[name.split(".").at(-1)!] ?? "text/plain";
      return new Response(site.get(name) ?? null, {
        status: site.has(name) ? 200 : 404,
        headers: { "content-type": type },
      });
    });
    const url = `http://127.0.0.1:${server.addr.port}/some/where/`;
    const hosts = new Set<string>();
    page.on("request", (request) => hosts.add(new URL(request.url()).host));
    const array = await trainToTheEnd(page, `${url}#data=names&steps=100`);
    const simd = await trainToTheEnd(page, `${url}#data=names&steps=100&engine=simd`);
    assert(Math.abs(array - simd) < 1e-3, `${array}, ${simd}`);
    const isRefused = await page.evaluate(() => {
      try {
        document.createElement("p").setAttribute("onclick", "globalThis.ran = true");
        return false;
      } catch {
        return true;
      }
    });
    assertEquals([isRefused, [...hosts]], [true, [new URL(url).host]]);
    assertStringIncludes(complaints.pop()!, "TrustedScript");
    await server.shutdown();
  },
);
