/**
 * The page begins.
 *
 * @module
 */

import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app.tsx";
import { beginFirst } from "./link.tsx";
import { problem } from "./store.ts";
import { language, say } from "./words.ts";

language.value = navigator.language.startsWith("ko") ? "ko" : "en";
effect(() => {
  document.documentElement.lang = language.value;
  document.title = `${say("title")}: ${say("subtitle")}`;
});
const address = location.hash.slice(1);
render(<App />, document.getElementById("page")!);
beginFirst(address === "content" ? "" : address).catch((error) => problem.value = (error as Error).message);
