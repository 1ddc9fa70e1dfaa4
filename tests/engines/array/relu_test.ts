import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { reluBackward, reluForward } from "../../../src/engines/array/mod.ts";
import { counts, matrix, rows } from "./blocks.ts";
import { law } from "../../property.ts";

law(
  "relu: what is not positive is 0, and so is its gradient",
  [counts.chain((n) => fc.record({ x: matrix(n, 3), dY: matrix(n, 3) }))],
  ({ x, dY }) => {
    const [y, d] = [rows(x, 3), rows(dY, 3)];
    reluForward(y, 0, x.length / 3);
    reluBackward(d, y, x.length / 3);
    assertEquals(Array.from(y.data), x.map((v) => v > 0 ? v : 0));
    assertEquals(Array.from(d.data), dY.map((v, i) => x[i] > 0 ? v : 0));
  },
);

Deno.test("relu: rows before `from`, and from `to` or `n` on, stay as they are", () => {
  const x = rows([-1, -2, -3, -4], 1);
  reluForward(x, 1, 3);
  assertEquals(Array.from(x.data), [-1, 0, 0, -4]);
  const dY = rows([5, 6, 7], 1);
  reluBackward(dY, rows([0, 0, 0], 1), 2);
  assertEquals(Array.from(dY.data), [0, 0, 7]);
});
