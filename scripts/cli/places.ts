/**
 * Paths as the user means them: from where the user stands. `deno task` works in the project's folder instead, and says in
 * INIT_CWD where it was called.
 *
 * @module
 */

/** A path that the user has given. Standard input, `-`, and addresses on the web are no paths, and stay as they are. */
export function fromUser(path: string): string {
  if (path === "-" || /^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return path;
  const folder = userFolder();
  return folder === undefined ? path : inFolder(folder, path);
}

/** The project's folder, where it is on a disk. */
const PROJECT = import.meta.dirname?.replace(/[/\\]scripts[/\\]cli$/, "");

/** A script of the project, wherever it is called from. */
export function scriptPath(name: string): string {
  return PROJECT === undefined || PROJECT === Deno.cwd() ? `scripts/${name}` : `${PROJECT}/scripts/${name}`;
}

/** A path in the project, such that it can be shown to a user who stands elsewhere, and be given back. */
export function fromProject(path: string): string {
  const project = PROJECT ?? Deno.cwd();
  return userFolder() === undefined && project === Deno.cwd() ? path : inFolder(project, path);
}

/** A path from a folder; one that begins at a root stays as it is. */
export function inFolder(folder: string, path: string): string {
  if (path === "" || /^([/\\]|[a-z]:[/\\])/i.test(path)) return path;
  return `${folder.replace(/[/\\]$/, "")}/${path.replace(/^(\.\/+)+/, "")}`;
}

/** The folder where the user stands, if it is another than the project's, and a task may know. */
function userFolder(): string | undefined {
  if (Deno.permissions.querySync({ name: "env", variable: "INIT_CWD" }).state !== "granted") return undefined;
  const folder = Deno.env.get("INIT_CWD");
  return folder === undefined || folder === Deno.cwd() ? undefined : folder;
}
