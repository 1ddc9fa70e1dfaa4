/**
 * The stand-in for @std/cli/unicode-width knows how many columns text takes.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";

Deno.test("unicodeWidth: one column for most, two for those of East Asia and emoji, none for marks", () => {
  const widths: Record<string, number> = {
    ...{ "": 0, "anna": 4, "±": 1, "ø": 1, "→": 1, "█": 1, "␣": 1, "…": 1, "—": 1 },
    ...{ "류현진": 6, "漢字": 4, "かな": 4, "Ａ": 2, "ﾊﾝ": 2, "🙂": 2, "（": 2 },
    ...{ "e\u0301": 1, "\u1105\u1172": 2, "a\u200db": 2, "\u202e": 0 },
  };
  for (const [text, width] of Object.entries(widths)) assertEquals([text, unicodeWidth(text)], [text, width]);
});
