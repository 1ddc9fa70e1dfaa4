import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parameterCount } from "../../../src/model/mod.ts";
import { GROUPS, LAYOUT_FIELDS, LINE, TABLE_END, wordOf } from "../../../src/engines/simd/fields.ts";
import { memoryLayout, writeTable } from "../../../src/engines/simd/layout.ts";
import { placesOf } from "../../../src/engines/simd/places.ts";
import { configs } from "../../arbitraries.ts";
import { law } from "../../property.ts";

const layouts = fc.record({
  config: configs,
  capacity: fc.record({
    threads: fc.integer({ min: 1, max: 64 }),
    documents: fc.integer({ min: 1, max: 100 }),
    positions: fc.integer({ min: 1, max: 1000 }),
    tokens: fc.integer({ min: 1, max: 1000 }),
    pairs: fc.integer({ min: 1, max: 10_000 }),
  }),
}).map(({ config, capacity }) => memoryLayout(config, capacity));

law("simd: the layout sets every field of the table, and no other", [layouts], (layout) => {
  assertEquals(Object.keys(layout.fields).toSorted(), LAYOUT_FIELDS.toSorted());
  const words = new Int32Array(TABLE_END / 4).fill(-1);
  writeTable(layout, words);
  for (const field of LAYOUT_FIELDS) assertEquals(words[wordOf(field)], layout.fields[field]);
  assertEquals(words.filter((word) => word !== -1).length, LAYOUT_FIELDS.length);
});

law(
  "simd: what the layout gives away lies behind the table, in the memory, on cache lines of its own",
  [layouts],
  (layout) => {
    const addresses = Object.values(GROUPS)
      .flatMap((fields) => Object.entries(fields).filter(([, [type]]) => type === "usize").map(([name]) => name))
      .map((name) => layout.fields[name as keyof typeof layout.fields]);
    for (const address of addresses) {
      assert(address >= TABLE_END && address < layout.bytes);
      assertEquals(address % LINE, 0);
    }
    assertEquals(new Set(addresses).size, addresses.length);
  },
);

law("simd: every parameter has a place of its own, inside its buffer", [configs], (config) => {
  const places = placesOf(config);
  assertEquals([places.length, new Set(places).size], [parameterCount(config), parameterCount(config)]);
  const { fields } = memoryLayout(config, { threads: 1, documents: 1, positions: 1, tokens: 1, pairs: 1 });
  for (const place of places) assert(place >= 0 && place < fields.bufferBytes / 4);
});
