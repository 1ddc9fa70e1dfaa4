/**
 * The page as a folder, for any web host.
 *
 * @module
 */

import { inFolder } from "../cli/places.ts";
import { folderOf } from "../files/paths.ts";
import { reason } from "../files/reason.ts";
import { writeWhole } from "../files/write.ts";
import type { Site } from "./site.ts";

/**
 * Writes all files of a site, and returns how many there are.
 *
 * @throws {Error} If one cannot be written.
 */
export function writeSite(site: Site, folder: string): number {
  for (const [name, bytes] of site) {
    const path = inFolder(folder, name);
    try {
      Deno.mkdirSync(folderOf(path), { recursive: true });
    } catch (error) {
      throw new Error(`folder ${folder} cannot be written: ${reason(error)}`);
    }
    writeWhole(path, bytes, "file");
  }
  return site.size;
}
