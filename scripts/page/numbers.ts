/**
 * Numbers as people read them.
 *
 * @module
 */

/** A number with so many digits that count, without zeros behind the point. */
export function figure(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits)));
}

/** A whole number with its thousands apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
