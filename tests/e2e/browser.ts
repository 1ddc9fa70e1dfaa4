/**
 * A real browser that looks at the page, as a user would.
 *
 * @module
 */

import axe from "axe-core";
import { assertEquals } from "@std/assert";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { serve } from "../../scripts/play/server.ts";
import { buildSite } from "../../scripts/play/site.ts";

/** Where Debian and others put it. */
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser, if there is one. */
export const EXECUTABLE: string | undefined = CHROMIUM.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** The page on a server of its own, and a browser; what the browser complains about is an error of the test. */
export type Visit = {
  readonly page: Page;
  /** The address of the page. */
  readonly url: string;
  readonly browser: Browser;
  /** What the browser has complained about; there must be nothing left at the end. */
  readonly complaints: string[];
};

/** A test in the browser. */
export function browserTest(
  name: string,
  body: (visit: Visit) => Promise<void>,
  options: BrowserContextOptions = {},
): void {
  Deno.test({ name, ignore: EXECUTABLE === undefined, sanitizeOps: false, sanitizeResources: false }, async () => {
    const { port, server } = serve(await buildSite(false), 0);
    const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
    try {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", ({ message }) => complaints.push(message));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      await body({ page, url: `http://127.0.0.1:${port}/`, browser, complaints });
      assertEquals(complaints, []);
    } finally {
      await browser.close();
      await server.shutdown();
    }
  });
}

/** Nothing on the page that is serious to people who use other senses or hands. */
export async function assertAccessible(page: Page): Promise<void> {
  // The page's policy lets no script in from outside; what the debugger evaluates is not one.
  await page.evaluate(axe.source);
  // deno-lint-ignore no-explicit-any
  const { violations } = await page.evaluate(() => (globalThis as any).axe.run());
  const serious = violations.filter(({ impact }: { impact: string }) => impact === "serious" || impact === "critical");
  // deno-lint-ignore no-explicit-any
  assertEquals(serious.map(({ id, nodes }: any) => [id, nodes.map(({ html }: any) => html)]), []);
}

/** Trains with the settings in an address until the run ends; the loss that the address then has. */
export async function trainToTheEnd(page: Page, address: string): Promise<number> {
  await page.goto("about:blank");
  await page.goto(address);
  await page.locator(".badge.ended").waitFor({ timeout: 60_000 });
  await page.waitForFunction(() => location.hash.includes("loss="));
  return Number(new URLSearchParams(new URL(page.url()).hash.slice(1)).get("loss"));
}
