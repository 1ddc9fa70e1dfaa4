/**
 * What pictures of a run need, as values: curves, its history, what a step was, and links.
 *
 * @module
 */

export * from "./curve.ts";
export * from "./history.ts";
export * from "./link.ts";
export * from "./parameter.ts";
export * from "./report.ts";
export * from "./report_html.ts";
export * from "./snapshot.ts";
export * from "./trace.ts";
export * from "./tree.ts";
