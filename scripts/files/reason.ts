/**
 * Why the system refused something, in words.
 *
 * @module
 */

import { folderOf } from "./paths.ts";

/**
 * Why the system refused something, in a few words.
 *
 * @param path What was to be read, if it is a file.
 */
export function reason(error: unknown, path?: string): string {
  if (error instanceof Deno.errors.NotFound) {
    return path === undefined ? "there is no such file or folder" : `there is no such file in ${folderOf(path)}`;
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission is denied";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
    return "a part of the path is a file, not a folder";
  }
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes("os error 28")) return "there is no space left on the device";
  if (message.includes("os error 27")) return "it would be larger than files may be here";
  if (message.includes("os error 30")) return "the file system is read-only";
  return message;
}
