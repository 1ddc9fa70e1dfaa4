/**
 * SHA-256, which browsers compute only on pages that came safely.
 *
 * @module
 */

/** Whether this one does. */
export const hasSha256: boolean = globalThis.crypto?.subtle !== undefined;

/** SHA-256 of some bytes. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
