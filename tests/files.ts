/**
 * The files of the project, for tests that read them.
 *
 * @module
 */

/** The folder of the project. */
const ROOT = new URL("..", import.meta.url);

/** The text of a file, by its path from the root. */
export function readText(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The TypeScript files in a folder and below it, as paths from the root. */
export function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return filesIn(`${folder}${name}/`);
    return name.endsWith(".ts") ? [folder + name] : [];
  }).sort();
}
