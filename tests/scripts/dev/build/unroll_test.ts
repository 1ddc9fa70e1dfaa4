import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { unroll } from "../../../../scripts/dev/build/unroll.ts";
import { law } from "../../../property.ts";

const lines = (...lines: string[]): string => lines.join("\n");

Deno.test("unroll: lines are repeated for each value, in order, and others stay as they are", () => {
  const template = lines(
    "start(); // costs $5",
    "  //$ for i in 0..3",
    "  sum$i = add(sum$i, x$i0, $index);",
    "  next();",
    "  //$ end",
    "  //$ for n in 8, 4, 1",
    "  while (left >= $n) left -= $n;",
    "  //$ end",
    "stop();",
  );
  assertEquals(
    unroll(template),
    lines(
      "start(); // costs $5",
      ...["  sum0 = add(sum0, x00, $index);", "  next();"],
      ...["  sum1 = add(sum1, x10, $index);", "  next();"],
      ...["  sum2 = add(sum2, x20, $index);", "  next();"],
      ...["  while (left >= 8) left -= 8;", "  while (left >= 4) left -= 4;", "  while (left >= 1) left -= 1;"],
      "stop();",
    ),
  );
});

law("unroll: an inner loop runs as far as the outer one says", [fc.nat(6)], (n) => {
  const template = lines("//$ for rows in 0.." + n, "//$ for r in 0..$rows", "$rows/$r", "//$ end", "//$ end", "end");
  const expected = Array.from({ length: n }, (_, rows) => Array.from({ length: rows }, (_, r) => `${rows}/${r}`));
  assertEquals(unroll(template), lines(...expected.flat(), "end"));
});

Deno.test("unroll: a template that cannot be read is refused, with the line", () => {
  const refuses = (template: string, sentence: string): void => {
    assertThrows(() => unroll(template), SyntaxError, sentence);
  };
  refuses(lines("//$ for i in 0..3", "x"), '"//$ for i in 0..3" has no "//$ end"');
  refuses(lines("//$ for i in 0..3", "//$ for j in 0..2", "//$ end"), '"//$ for i in 0..3" has no "//$ end"');
  refuses(lines("x", "//$ end"), '"//$ end" cannot be read here');
  refuses(lines("  //$ for i of 0..3", "//$ end"), '"//$ for i of 0..3" cannot be read here');
  refuses(lines("//$ for i in 0..$n", "//$ end"), '"//$ for i in 0..$n" cannot be read here');
  refuses("//$ fro i in 0..3", '"//$ fro i in 0..3" cannot be read here');
});
