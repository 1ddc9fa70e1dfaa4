/**
 * Why the system refused something, in words.
 *
 * @module
 */

/** Why the system refused something, in a few words. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
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
