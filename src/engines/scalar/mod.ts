/**
 * The scalar computation graph: values, local derivatives, and `backward` by the chain rule.
 *
 * @module
 */

export * from "./graph.ts";
