/**
 * How a law is stated: a name, what is generated, and what must hold for all of it.
 *
 * @module
 */

import { checkRange } from "../mod.ts";
import fc, { type Arbitrary, type Parameters } from "fast-check";

const variable = "MICROGPT_TEST_SEED";
/** `deno task test` permits the seed to be read; plain `deno test` does not. */
const isThorough = granted({ name: "env", variable });
const given = isThorough ? Deno.env.get(variable) : undefined;

/** Runs are repeatable; MICROGPT_TEST_SEED=n explores others. */
const SEED = checkRange(variable, Number(given ?? 42), { whole: true, from: 0, to: 2 ** 31 - 1 });

/** How many cases a law is tried on, unless it says otherwise: as many as fast-check tries by default. */
const CASES = 100;

/** Plain `deno test` tries a law on a quarter of its cases. */
const casesOf = (numRuns: number = CASES): number => isThorough ? numRuns : Math.ceil(numRuns / 4);

/** Values of the types, each from its own arbitrary. */
type Arbitraries<Ts extends [unknown, ...unknown[]]> = { [K in keyof Ts]: Arbitrary<Ts[K]> };

/**
 * A property as a test: of what the arbitraries generate, one value each, something holds. On failure fast-check shows the
 * smallest example, with the seed and the path to it.
 */
export function law<Ts extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: Arbitraries<Ts>,
  holds: (...values: Ts) => void,
  parameters: Parameters<Ts> = {},
): void {
  const numRuns = casesOf(parameters.numRuns);
  Deno.test(name, () => fc.assert(fc.property(...arbitraries, holds), { seed: SEED, ...parameters, numRuns }));
}

/** A law of which the cases take promises: {@linkcode law} would not wait for them. */
export function asyncLaw<Ts extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: Arbitraries<Ts>,
  holds: (...values: Ts) => Promise<void>,
  parameters: Parameters<Ts> = {},
): void {
  const numRuns = casesOf(parameters.numRuns);
  Deno.test(name, () => fc.assert(fc.asyncProperty(...arbitraries, holds), { seed: SEED, ...parameters, numRuns }));
}

/** Whether a permission is granted; a test that needs one is ignored where it is not. */
export function granted(...permissions: Deno.PermissionDescriptor[]): boolean {
  return permissions.every((permission) => Deno.permissions.querySync(permission).state === "granted");
}
