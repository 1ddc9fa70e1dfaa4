import { assertEquals, assertThrows } from "@std/assert";
import { modelConfig } from "../../mod.ts";
import { checkPosition, checkToken, lossPositions } from "../../src/model/mod.ts";

const config = modelConfig(3, { blockSize: 2 });

Deno.test("checkToken, checkPosition: whole numbers below the vocabulary's size, and below the block's", () => {
  for (const token of [0, 2]) checkToken(token, config);
  for (const token of [3, -1, 0.5, NaN]) assertThrows(() => checkToken(token, config), RangeError, `token ${token}`);
  for (const position of [0, 1]) checkPosition(position, config);
  for (const position of [2, 3]) {
    assertThrows(() => checkPosition(position, config), RangeError, `position ${position} is past the block`);
  }
});

Deno.test("lossPositions: as many as have a next token in the block; a wrong token among those is refused, wherever it is", () => {
  assertEquals([[2, 2], [2, 0, 2], [2, 0, 1, 2]].map((tokens) => lossPositions(config, tokens)), [1, 2, 2]);
  for (const tokens of [[9, 0, 1], [2, 9, 1], [2, 0, 9]]) {
    assertThrows(() => lossPositions(config, tokens), RangeError, "token 9 cannot be used");
  }
  assertEquals(lossPositions(config, [2, 0, 1, 9]), 2); // past the block nobody looks
  for (const tokens of [[], [2]]) assertThrows(() => lossPositions(config, tokens), RangeError, "no next token");
});
