/**
 * Data packed by gzip.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { unpacked } from "../../../scripts/files/gzip.ts";
import { asyncLaw } from "../../property.ts";
import { bytesOf, packed } from "./packed.ts";

const bytes = fc.uint8Array({ maxLength: 300 }).map((some) => Uint8Array.from(some));

asyncLaw("gzip: what was packed comes back, and what was not stays as it is", [bytes, fc.nat()], async (content, n) => {
  const gzip = await packed(content);
  const at = 2 + n % (gzip.length - 1);
  assertEquals(bytesOf(await unpacked([gzip.subarray(0, at), gzip.subarray(at)], "d")), content);
  if (content[0] === 0x1f) return;
  assertEquals(bytesOf(await unpacked([content], "d")), content);
  assertEquals(
    bytesOf(await unpacked(content.length === 0 ? [] : [content.subarray(0, 1), content.subarray(1)], "d")),
    content,
  );
});

asyncLaw(
  "gzip: what was cut or changed is refused",
  [bytes, fc.nat(), fc.integer({ min: 0, max: 7 })],
  async (content, n, bit) => {
    const gzip = await packed(content);
    const refused = async (wrong: Uint8Array<ArrayBuffer>): Promise<void> => {
      const message = await unpacked([wrong], "data file d").then(() => "", (error) => error.message);
      assertStringIncludes(message, "data file d is packed by gzip, and damaged");
    };
    await refused(gzip.subarray(0, 2 + n % (gzip.length - 2)));
    await refused(Uint8Array.from([...gzip, ...gzip]));
    const changed = gzip.slice();
    changed[gzip.length - 1 - n % 8] ^= 1 << bit; // the checksum or the length at its end
    await refused(changed);
  },
);
