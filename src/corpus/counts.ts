/**
 * How often each character comes up.
 *
 * @module
 */

/**
 * How often each character comes up in some documents, sorted by code point.
 *
 * @param documents The documents; a whole text may come in pieces.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countEach } from "@microgpt/microgpt/corpus";
 *
 * assertEquals([...countEach(["anna", "n🙂"])], [["a", 2], ["n", 3], ["🙂", 1]]);
 * ```
 */
export function countEach(documents: Iterable<string>): Map<string, number> {
  // A data set may have a billion characters: all but those of two units are counted in a table.
  const units = new Float64Array(0x10000);
  const pairs = new Map<number, number>();
  for (const document of documents) {
    for (let i = 0; i < document.length; i++) {
      const unit = document.charCodeAt(i);
      const point = unit >= 0xd800 && unit < 0xdc00 ? document.codePointAt(i)! : unit;
      if (point === unit) {
        units[unit]++;
        continue;
      }
      pairs.set(point, (pairs.get(point) ?? 0) + 1);
      i++;
    }
  }
  const counts = new Map<string, number>();
  units.forEach((count, unit) => count > 0 && counts.set(String.fromCharCode(unit), count));
  for (const point of [...pairs.keys()].sort((a, b) => a - b)) {
    counts.set(String.fromCodePoint(point), pairs.get(point)!);
  }
  return counts;
}
