/**
 * The page's files: modules bundled for browsers, and all else as it is.
 *
 * @module
 */

import { bundleModule } from "../files/bundle.ts";
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };

/** The files of a site by their paths, without a slash in front. */
export type Site = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const ROOT = new URL("../../", import.meta.url);

/** What is bundled: the page, its workers, and the reports that it saves, each a file of its own. */
const ENTRIES = ["main.tsx", "trainer.ts", "replayer.ts", "report.tsx"];
/** What is taken as it is. */
const FILES: Readonly<Record<string, string>> = {
  "icon.svg": "scripts/page/icon.svg",
  "data/names.txt": "data/names.txt",
  "data/moby_dick.txt": "data/moby_dick.txt",
};

/**
 * What a page may do, for a header: run its own scripts and WebAssembly, and nothing that another host says.
 */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types microgpt",
].join("; ");

/** The same for a `<meta>`, where `frame-ancestors` is not allowed. */
const META_POLICY = POLICY.split("; ").filter((rule) => !rule.startsWith("frame-ancestors")).join("; ");

/**
 * All files of the page.
 *
 * @param isStatic Whether they will lie on a host whose headers are not ours: the policy is then in the page itself.
 * @throws {Error} If the modules cannot be bundled.
 */
export async function buildSite(isStatic: boolean): Promise<Site> {
  const site = new Map<string, Uint8Array<ArrayBuffer>>();
  const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const read = (path: string): string => Deno.readTextFileSync(new URL(path, ROOT));
  const html = read("scripts/page/page.html");
  const meta = `<meta http-equiv="Content-Security-Policy" content="${META_POLICY}">`;
  site.set("index.html", encode(isStatic ? html.replace("<meta charset", `${meta}\n    <meta charset`) : html));
  site.set("style.css", encode(styleSheet()));
  for (const [name, path] of Object.entries(FILES)) site.set(name, Deno.readFileSync(new URL(path, ROOT)));
  const bundles = await Promise.all(ENTRIES.map(bundle));
  ENTRIES.forEach((entry, i) => site.set(entry.replace(/\.tsx?$/, ".js"), bundles[i]));
  return site;
}

/** The style sheet of the page and of reports. */
export function styleSheet(): string {
  return `${uplotStyle}\n${Deno.readTextFileSync(new URL("scripts/page/style.css", ROOT))}`;
}

/** A module of the page with all that it imports, as one file for browsers. */
export function bundle(entry: string): Promise<Uint8Array<ArrayBuffer>> {
  return bundleModule(`scripts/page/${entry}`);
}
