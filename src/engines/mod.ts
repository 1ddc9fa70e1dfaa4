/**
 * Three ways to compute the same loss and gradient, and what each must hold.
 *
 * @module
 */

export * from "./engine.ts";
export * from "./engines.ts";
export * from "./gradcheck.ts";
export * from "./trainer.ts";
export * from "./array/array.ts";
export * from "./scalar/scalar.ts";
export type { Product, Products } from "./simd/module.ts";
export * from "./simd/simd.ts";
