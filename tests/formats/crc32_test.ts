import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { crc32 } from "../../src/formats/mod.ts";
import { law } from "../property.ts";

const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 });

Deno.test("crc32: known checksums", () => {
  const of = (text: string): number => crc32(new TextEncoder().encode(text));
  assertEquals([of(""), of("a"), of("123456789")], [0, 0xe8b7be43, 0xcbf43926]);
});

law("crc32: of parts, one after the other, is that of the whole", [bytes, fc.nat(64)], (all, at) => {
  assertEquals(crc32(all.subarray(at), crc32(all.subarray(0, at))), crc32(all));
});

law("crc32: finds any change within 32 successive bits", [bytes, fc.nat(63), bytes], (all, at, noise) => {
  const changed = all.slice();
  noise.slice(0, 4).forEach((x, i) => {
    if (at + i < changed.length) changed[at + i] ^= x;
  });
  fc.pre(changed.some((x, i) => x !== all[i]));
  assert(crc32(changed) !== crc32(all));
});
