import { assert } from "@std/assert";
import fc from "fast-check";
import { allFinite } from "../../src/optim/mod.ts";
import { law } from "../property.ts";

law(
  "allFinite: one NaN or infinity at any place, in arrays of any length; large numbers are finite",
  [fc.array(fc.constantFrom(0, -1, 1e308, -1e308, 5e-324), { maxLength: 20 }), fc.nat()],
  (values, n) => {
    for (const floats of [Float64Array, Float32Array]) {
      const array = floats.from(values.map((x) => Math.fround(x) === x || floats === Float64Array ? x : 1));
      assert(allFinite(array));
      for (const bad of [NaN, Infinity, -Infinity]) {
        if (array.length > 0) assert(!allFinite(array.with(n % array.length, bad)));
      }
    }
  },
);
