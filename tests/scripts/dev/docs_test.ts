/**
 * The documentation runner: what it finds on a page, what it runs of it, and what it calls wrong.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { commandsOf, outputDifference, planOf, withArguments } from "../../../scripts/dev/docs/commands.ts";
import { brokenLinks, externalLinks } from "../../../scripts/dev/docs/links.ts";
import { readPage, slug } from "../../../scripts/dev/docs/page.ts";

const PAGE = `# A page

<!-- run: with --steps 2 -->

\`\`\`sh
deno task train
\`\`\`

\`\`\`text
printed
\`\`\`

- in a list

  \`\`\`ts ignore
  const x = 1;
  \`\`\`

| file | link |
| ---- | ---- |
| \`src/a.ts\` and \`mod.ts\` | [there](other.md#a-page) |

<!-- run: not, there is no block -->

## A page

\`src/*.ts\` [up](#a-page-1) <https://example.org>

\`\`\`sh
deno task sample
\`\`\`

<!-- run: output -->
`;

Deno.test("page: blocks with their lines and the notes right above them", () => {
  assertEquals(readPage(PAGE).blocks, [
    { line: 5, language: "sh", code: "deno task train", note: "with --steps 2" },
    { line: 9, language: "text", code: "printed" },
    { line: 15, language: "ts ignore", code: "const x = 1;" },
    { line: 29, language: "sh", code: "deno task sample" },
  ]);
});

Deno.test("page: links, paths, anchors, and notes that belong to nothing", () => {
  const page = readPage(PAGE);
  assertEquals(page.links, [
    { line: 21, text: "other.md#a-page" },
    { line: 27, text: "#a-page-1" },
    { line: 27, text: "https://example.org" },
  ]);
  assertEquals(page.paths, [{ line: 21, text: "src/a.ts" }]);
  assertEquals([...page.anchors], ["a-page", "a-page-1"]);
  assertEquals(page.strayNotes, [{ line: 23, text: "not, there is no block" }, { line: 33, text: "output" }]);
  assertEquals(externalLinks(page), 1);
});

Deno.test("slug: as GitHub makes it", () => {
  assertEquals(slug("The `seven` steps, of Training_1!"), "the-seven-steps-of-training_1");
});

Deno.test("links: what leads nowhere is named with its line", () => {
  const pages = new Map([
    [
      "docs/a.md",
      readPage("# A\n\n[b](b.md#b) [top](../README.md) [self](#a)\n\n[x](x.md) [b](b.md#c) [a](#b)\n\n`src/y.ts`"),
    ],
    ["docs/b.md", readPage("# B")],
    ["README.md", readPage("# R\n\n[a](docs/a.md#a) [out](../README.md)")],
  ]);
  const exists = (path: string): boolean => pages.has(path);
  assertEquals(brokenLinks("docs/a.md", pages, exists), [
    "docs/a.md:7: there is no src/y.ts",
    "docs/a.md:5: the link x.md leads nowhere: there is no docs/x.md",
    "docs/a.md:5: the link b.md#c leads nowhere: docs/b.md has no heading #c",
    "docs/a.md:5: the link #b leads nowhere: docs/a.md has no heading #b",
  ]);
  assertEquals(brokenLinks("docs/b.md", pages, exists), []);
  assertEquals(brokenLinks("README.md", pages, exists), [
    "README.md:3: the link ../README.md leads nowhere: there is no ../README.md",
  ]);
});

Deno.test("commands: one a line, without comments, joined where a line goes on", () => {
  const code = "# first\ndeno task train --data a.txt \\\n  --steps 5   # five\n\ncmp a#b c";
  assertEquals(commandsOf(code), ["deno task train --data a.txt --steps 5", "cmp a#b c"]);
});

Deno.test("notes: run, shorten or skip; anything else is refused", () => {
  assertEquals(planOf(undefined), { kind: "run" });
  assertEquals(planOf("with --steps 20"), { kind: "shortened", args: "--steps 20" });
  assertEquals(planOf("not, no network"), { kind: "skipped", reason: "no network" });
  for (const note of ["", "never", "with", "not", "not, ", "output"]) assertThrows(() => planOf(note), SyntaxError);
});

Deno.test("arguments: in place of those that a command has, or besides them", () => {
  const command = "deno task train --steps 1000 --eval-steps 7 --seed=3 --quiet";
  assertEquals(withArguments(command, "--steps 20"), command.replace("1000", "20"));
  assertEquals(withArguments(command, "--seed 4 --batch 2"), command.replace("=3", " 4") + " --batch 2");
  assertEquals(withArguments("deno test", "tests/random/ --parallel"), "deno test tests/random/ --parallel");
});

Deno.test("output: an ellipsis stands for any lines, and for nothing else", () => {
  const lines = ["a", "b", "c", "d", "e"];
  const printed = lines.join("\n") + "\n";
  for (let from = 0; from <= lines.length; from++) {
    for (let to = from; to <= lines.length; to++) {
      const shown = lines.toSpliced(from, to - from, "…").join("\n");
      assertEquals(outputDifference(shown, printed), undefined, shown);
      if (to > from) {
        assertEquals(typeof outputDifference(lines.toSpliced(from, to - from).join("\n"), printed), "string");
      }
    }
    if (from < lines.length) {
      assertEquals(typeof outputDifference(lines.with(from, "x").join("\n"), printed), "string");
      assertEquals(typeof outputDifference(["…", ...lines.with(from, "x")].join("\n"), printed), "string");
    }
  }
  assertEquals(outputDifference("…\nc\ne", printed), 'it did not print "e", but "d"');
  assertEquals(outputDifference("a\nb", "a\nx\nb"), 'it did not print "b", but "x"');
  assertEquals(outputDifference("a", "a\nb"), 'after the last line it printed "b"');
});
