/**
 * A server for the page, for this machine alone.
 *
 * @module
 */

import { POLICY, type Site } from "./site.ts";

/** What the files are. */
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
};

/** What every answer says, errors too. Workers obey the policy of their own file, so it comes with each. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

const answer = (status: number, text: string): Response =>
  new Response(`${text}\n`, { status, headers: { ...HEADERS, "content-type": TYPES.txt } });

/**
 * The answer to a request: a file of the site, or an error. A request that a page of another name sends to this machine
 * (DNS rebinding) says so in its `Host`, and gets nothing.
 *
 * @param port The port that is listened on.
 */
export function respond(site: Site, request: Request, port: number): Response {
  const host = request.headers.get("host");
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return answer(421, "this server answers to 127.0.0.1 and localhost only");
  }
  if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "only GET and HEAD are answered");
  const path = new URL(request.url).pathname.slice(1) || "index.html";
  const file = site.get(path); // a name among a few: no path leads out of them
  if (file === undefined) return answer(404, "there is no such file");
  const type = TYPES[path.split(".").at(-1)!];
  const headers = { ...HEADERS, "content-type": type, "content-length": String(file.length) };
  return new Response(request.method === "HEAD" ? null : file, { headers });
}

/**
 * Serves a site on this machine until it is closed.
 *
 * @param port Where; 0 for any that is free.
 * @throws {Error} If the port is taken or not allowed.
 */
export function serve(site: Site, port: number): { readonly port: number; readonly server: Deno.HttpServer } {
  let own = port;
  const handler = (request: Request): Response => respond(site, request, own);
  try {
    const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, handler);
    own = (server.addr as Deno.NetAddr).port;
    return { port: own, server };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new Error(`--port ${port} cannot be used: another program listens there; --port 0 takes any that is free`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new Error(`--port ${port} cannot be used: this user may not listen there; it must be from 1024, or 0`);
    }
    throw error;
  }
}
