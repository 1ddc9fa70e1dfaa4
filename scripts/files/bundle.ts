/**
 * Modules of the project as files for elsewhere.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/**
 * A module with all that it imports, as one file that runs in browsers, Node and Deno.
 *
 * @param path From the project's folder.
 * @throws {Error} If it cannot be bundled.
 */
export async function bundleModule(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", path],
    cwd: ROOT,
  }).output();
  if (success) return stdout;
  const reason = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(`${path} cannot be bundled, for which packages are fetched the first time: ${reason}`);
}
