/**
 * One parameter of the model, as the time machine shows it: the selection says which.
 *
 * @module
 */

import { parameterLayout } from "../../src/model/mod.ts";
import { traceParameter } from "../../src/view/mod.ts";
import { figure } from "./numbers.ts";
import { type Run, seen, selection } from "./store.ts";
import { say } from "./words.ts";

export function Parameter({ run }: { run: Run }) {
  const { config } = run.about.value ?? {};
  if (config === undefined) return null;
  const { moment } = seen.value!;
  const index = Math.min(selection.value.parameter, moment.params.length - 1);
  const { tensor, row, column, value, m, v, update } = traceParameter(moment, index, {
    ...{ config, settings: run.spec.settings },
  });
  const choose = (parameter: number): void => void (selection.value = { ...selection.value, parameter });
  const layout = parameterLayout(config);
  const at = (row: number, column: number): void => choose(tensor.offset + row * tensor.columns + column);
  return (
    <section class="card" aria-labelledby="parameter-title">
      <h3 id="parameter-title">{say("oneParameter")}</h3>
      <p class="about">{say("oneParameterAbout")}</p>
      <div class="inline">
        <label class="inline">
          {say("tensor")}
          <select
            value={tensor.name}
            onChange={(event) => choose(layout[event.currentTarget.selectedIndex].offset)}
          >
            {layout.map(({ name }) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
        <Place
          label={say("row")}
          value={row}
          count={tensor.rows}
          choose={(row) => at(row, column)}
        />
        <Place
          label={say("column")}
          value={column}
          count={tensor.columns}
          choose={(column) => at(row, column)}
        />
      </div>
      <table class="numbers">
        <tbody>
          {([
            ["parameterValue", value],
            ["parameterM", m],
            ["parameterV", v],
            ["parameterUpdate", update],
          ] as const).map(([name, number]) => (
            <tr key={name}>
              <th scope="row">{say(name)}</th>
              <td>{figure(number, 6)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A row or column of a tensor. */
function Place(
  { label, value, count, choose }: {
    label: string;
    value: number;
    count: number;
    choose: (place: number) => void;
  },
) {
  const take = ({ currentTarget: input }: { currentTarget: HTMLInputElement }): void => {
    const place = Math.round(Math.max(0, Math.min(count - 1, Number(input.value) || 0)));
    input.value = String(place);
    choose(place);
  };
  return (
    <label class="inline">
      {label}
      <input type="number" min={0} max={count - 1} value={value} onChange={take} />
    </label>
  );
}
