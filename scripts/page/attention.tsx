/**
 * Where the heads of a model look.
 *
 * @module
 */

import { Heatmap } from "./heatmap.tsx";
import { figure } from "./numbers.ts";
import { say } from "./words.ts";

/** What the heads look at. */
export type Looks = {
  /** The character at each position; "" for BOS. */
  readonly characters: readonly string[];
  /** Attention weights `[position][layer][head][position]`. */
  readonly attention: readonly (readonly (readonly (readonly number[])[])[])[];
  /** The position that is looked at, and what happens if another is chosen. */
  readonly chosen: number;
  readonly onChoose: (position: number) => void;
};

/** A character as it is shown; BOS has none. */
export function visible(text: string, isFirst: boolean): string {
  if (text === "") return isFirst ? say("beginOfText") : say("endOfText");
  return text === " " ? "␣" : text === "\n" ? "⏎" : text;
}

/** Where each head of each layer looked. */
export function Attention({ characters, attention, chosen, onChoose }: Looks) {
  const row = Math.min(chosen, attention.length - 1);
  const heads = attention[0].flatMap((layer, l) => layer.map((_, h) => [l, h] as const));
  const shown = (i: number): string => visible(characters[i], i === 0);
  return (
    <section class="card" aria-labelledby="attention-title">
      <h3 id="attention-title">{say("attention")}</h3>
      <p class="about">{say("attentionAbout")}</p>
      <div class="heads">
        {heads.map(([layer, head]) => {
          const name = say("headName", { layer, head });
          const weights = attention.map((position) => position[layer][head]);
          const own = weights[row];
          const top = own.indexOf(Math.max(...own));
          const summary = say("attentionSummary", {
            ...{ head: name, from: shown(row) },
            ...{ to: shown(top), share: Math.round(100 * own[top]) },
          });
          return (
            <figure key={name}>
              <figcaption>{name}</figcaption>
              <Heatmap label={summary} rows={weights} row={row} onRow={onChoose} />
            </figure>
          );
        })}
      </div>
      <details class="table">
        <summary>{say("table")}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={say("attention")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{say("position")}</th>
                {heads.map(([layer, head]) => (
                  <th scope="col" key={`${layer} ${head}`}>{say("headName", { layer, head })}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: row + 1 }, (_, i) => (
                <tr key={i}>
                  <th scope="row">{`${i} ${shown(i)}`}</th>
                  {heads.map(([layer, head]) => (
                    <td key={`${layer} ${head}`}>{figure(attention[row][layer][head][i], 3)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}
