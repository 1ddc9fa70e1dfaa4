/**
 * The page's workers. Under Trusted Types only this policy may name a script, and it knows two.
 *
 * @module
 */

type WorkerName = "trainer" | "replayer";

type Policy = { readonly createScriptURL: (url: string) => string };
type Factory = { readonly createPolicy: (name: string, rules: Policy) => Policy };

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
const rules: Policy = { createScriptURL: (name) => new URL(`./${name}.js`, import.meta.url).href };
const policy = factory?.createPolicy("microgpt", rules) ?? rules;

/** A new worker. */
export function workerOf(name: WorkerName): Worker {
  return new Worker(policy.createScriptURL(name), { type: "module", name });
}
