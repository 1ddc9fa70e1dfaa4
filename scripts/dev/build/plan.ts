/**
 * assembly/plan.ts: the table of the simd engine's memory and the phases of a step, as the kernels read them.
 *
 * @module
 */

import { GROUPS, LINE, PHASES, TABLE } from "../../../src/engines/simd/fields.ts";

/** The text of assembly/plan.ts, from fields.ts. */
export function planText(): string {
  const phases = Object.entries(PHASES).map(([name, number]) => `export const ${name}: i32 = ${number};`);
  const groups = Object.entries(GROUPS).map(([title, fields]) => {
    const lines = Object.entries(fields).map(([name, [type, about]]) => `  ${name}: ${type}; // ${about}`);
    return [`  // ${title}.`, ...lines].join("\n");
  });
  return `/**
 * What TypeScript and the kernels must agree on. Written by \`deno task build\` from fields.ts: change it there.
 */

/** What a phase of a step does. */
${phases.join("\n")}

/** Bytes of a cache line: words that different threads write are this far apart. */
export const LINE: i32 = ${LINE};

/** Widths and counts are in numbers, strides and offsets in bytes. */
@unmanaged
export class Plan {
${groups.join("\n\n")}
}

/** The table, where it stands in memory. */
export const plan: Plan = changetype<Plan>(${TABLE});
`;
}
