/**
 * A copy of the project to try commands in, so that nobody's models and results are touched.
 *
 * @module
 */

/** What is no part of the project: see .gitignore. */
const LEFT_OUT = /^(\.git|out|node_modules|.*\.tmp)$/;

/** The project's files, as paths from its root: those that are committed, and those that are about to be. */
export function projectFiles(root: URL, folder = ""): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap(({ name, isDirectory }) => {
    if (LEFT_OUT.test(name)) return [];
    return isDirectory ? projectFiles(root, `${folder}${name}/`) : [folder + name];
  });
}

/** Does something in a copy of these files, and removes it. */
export async function inScratchCopy<T>(
  root: URL,
  files: readonly string[],
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const scratch = Deno.makeTempDirSync({ prefix: "docs-" });
  try {
    for (const file of files) {
      Deno.mkdirSync(`${scratch}/${file.slice(0, file.lastIndexOf("/") + 1)}`, { recursive: true });
      Deno.copyFileSync(new URL(file, root), `${scratch}/${file}`);
    }
    return await work(scratch);
  } finally {
    Deno.removeSync(scratch, { recursive: true });
  }
}
