/**
 * What stands on top: a title, and the other language.
 *
 * @module
 */

import { language, say, type Word } from "./words.ts";

export function Header({ subtitle }: { subtitle: Word }) {
  const other = language.value === "en" ? "ko" : "en";
  return (
    <header>
      <div>
        <h1>{say("title")}</h1>
        <p>{say(subtitle)}</p>
      </div>
      <button type="button" lang={other} onClick={() => language.value = other}>{say("language")}</button>
    </header>
  );
}
