/**
 * Templates: the kernels' innermost loops are unrolled here, since the compiler does not do it. (XNNPACK does it so.)
 *
 * @module
 */

const FOR = /^\s*\/\/\$ for ([a-z]+) in (?:(\d+)\.\.(\d+)|(\d+(?:, \d+)*))$/;
const END = /^\s*\/\/\$ end$/;
/** What begins a loop, whose limits may depend on the loop around it; and anything meant for the template. */
const BEGIN = /^\s*\/\/\$ for /;
const DIRECTIVE = /^\s*\/\/\$/;

/**
 * Repeats the lines between `//$ for x in 0..4` and `//$ end` with 0, 1, 2 and 3 in place of `$x`. A list like `8, 4, 1`
 * can stand in place of a range. Loops can be nested, and an inner one may use the outer one's variable as a limit.
 *
 * @param text A file with loops; other lines stay as they are. What follows `$x` must not be a small letter.
 * @throws {SyntaxError} If a loop cannot be read, a loop has no end, or an end has no loop.
 */
export function unroll(text: string): string {
  return unrollLines(text.split("\n")).join("\n");
}

function unrollLines(lines: readonly string[]): string[] {
  const start = lines.findIndex((line) => DIRECTIVE.test(line));
  if (start < 0) return [...lines];
  const loop = lines[start].match(FOR);
  if (loop === null) {
    throw new SyntaxError(`"${lines[start].trim()}" cannot be read here: it must be like "//$ for x in 0..4"`);
  }
  const [, name, from, to, list] = loop;
  const end = endOf(lines, start);
  const body = lines.slice(start + 1, end);
  const values = list?.split(", ") ?? Array.from({ length: Number(to) - Number(from) }, (_, i) => Number(from) + i);
  const variable = new RegExp(`\\$${name}(?![a-z])`, "g");
  const copies = values.flatMap((value) => unrollLines(body.map((line) => line.replace(variable, String(value)))));
  return [...lines.slice(0, start), ...copies, ...unrollLines(lines.slice(end + 1))];
}

/** The line that ends the loop beginning at `start`. */
function endOf(lines: readonly string[], start: number): number {
  let depth = 0;
  for (let i = start; i < lines.length; i++) {
    if (BEGIN.test(lines[i])) depth++;
    else if (END.test(lines[i]) && --depth === 0) return i;
  }
  throw new SyntaxError(`"${lines[start].trim()}" has no "//$ end"`);
}
