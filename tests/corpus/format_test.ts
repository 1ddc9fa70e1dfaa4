/**
 * What a text looks like.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { names, parseDocuments } from "../../mod.ts";
import { DOCUMENT_KINDS, formatOf } from "../../src/corpus/mod.ts";
import { law } from "../property.ts";

const word = fc.string({ unit: fc.constantFrom(..."abcé류 ,;\"'"), minLength: 1, maxLength: 8 });
const words = fc.array(word, { minLength: 3, maxLength: 8 });

law("format: JSON is told from text, however it is laid out and cut", [words, fc.constantFrom(...DOCUMENT_KINDS)], (
  texts,
  kind,
) => {
  const formatIn = (text: string) => formatOf(parseDocuments(text, kind));
  for (const space of [undefined, 1, "\t"]) {
    assertEquals(formatIn(JSON.stringify(texts, null, space)), "a JSON array");
    assertEquals(formatIn(JSON.stringify(texts.map((text) => ({ text })), null, space)), "a JSON array");
  }
  assertEquals(formatIn(texts.map((text) => `${JSON.stringify({ text })}\n`).join("")), "JSON lines");
  assertEquals(formatIn(texts.join("\n")), undefined);
});

const rows = fc.array(fc.tuple(word, fc.nat(99)), { minLength: 2, maxLength: 8 });

law("format: a CSV with a header, with any separator, has a column of numbers or well-known headings", [
  rows,
  fc.constantFrom(",", ";", "\t"),
], (rows, separator) => {
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const lines = rows.map(([text, n]) => quoted(text) + separator + n);
  assertEquals(formatOf([`word${separator}how often`, ...lines]), "CSV with a header");
  assertEquals(formatOf([`1${separator}2`, ...lines]), undefined);
  assertEquals(formatOf([`word${separator}how often`, ...lines, "x"]), undefined);
  const texts = rows.map(([text]) => `${quoted(text)}${separator}f`);
  assertEquals(formatOf([`Name${separator}Sex`, ...texts]), "CSV with a header");
  assertEquals(formatOf([`Smith${separator}John`, ...texts]), undefined);
});

Deno.test("format: HTML is known by its beginning", () => {
  for (
    const start of ["<!DOCTYPE html>", '<!doctype HTML PUBLIC "x">', "<html lang=en>", "<head>", "<!-- x --><html>"]
  ) {
    assertEquals(formatOf([start, "<p>anna"]), "HTML", start);
  }
  for (const start of ["<p>", "<3 html", "html", "< html>", "<htmlx>"]) {
    assertEquals(formatOf([start, "anna"]), undefined, start);
  }
});

Deno.test("format: names, verse and dialogue are text", () => {
  assertEquals(formatOf(names), undefined);
  assertEquals(formatOf(["[He sits.]", "BOB: well, well", "[He stands.]"]), undefined);
  assertEquals(formatOf(["Who, me", "Yes, you", "Not, him", "Then, who"]), undefined);
  assertEquals(formatOf([]), undefined);
});
