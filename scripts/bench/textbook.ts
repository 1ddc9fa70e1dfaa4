/**
 * The textbook's autograd, for comparison in the bench alone: one object a number, a node for each addition and each
 * multiplication, and a topological sort before the chain rule. Source: microgpt.py, `Value`.
 *
 * @module
 */

import { documentLoss, type Engine, type Ops, type Parameters, type Transformer, weights } from "../../mod.ts";

/** A number that remembers what it was computed from. */
type Value = {
  readonly data: number;
  grad: number;
  readonly children: readonly Value[];
  readonly locals: readonly number[];
};

function value(data: number, children: readonly Value[] = [], locals: readonly number[] = []): Value {
  return { data, grad: 0, children, locals };
}

const add = (a: Value, b: Value): Value => value(a.data + b.data, [a, b], [1, 1]);
const mul = (a: Value, b: Value): Value => value(a.data * b.data, [a, b], [b.data, a.data]);

const textbookOps: Ops<Value> = {
  constant: (data) => value(data),
  value: (x) => x.data,
  add,
  mul,
  pow: (a, exponent) => value(a.data ** exponent, [a], [exponent * a.data ** (exponent - 1)]),
  exp: (a) => value(Math.exp(a.data), [a], [Math.exp(a.data)]),
  log: (a) => value(Math.log(a.data), [a], [1 / a.data]),
  relu: (a) => value(Math.max(0, a.data), [a], [a.data > 0 ? 1 : 0]),
  sum: (xs) => Array.from(xs).reduce(add),
  dot: (xs, ys) => Array.from(xs, (x, i) => mul(x, ys[i])).reduce(add),
};

function backward(root: Value): void {
  const sorted: Value[] = [];
  const visited = new Set<Value>();
  const visit = (node: Value): void => {
    if (visited.has(node)) return;
    visited.add(node);
    node.children.forEach(visit);
    sorted.push(node);
  };
  visit(root);
  root.grad = 1;
  for (const { grad, children, locals } of sorted.reverse()) {
    children.forEach((child, i) => child.grad += locals[i] * grad);
  }
}

/** An engine made of these, for batches of one document. */
export function textbookEngine(): Engine {
  return {
    name: "textbook",
    lossAndGrad: ({ config, params }: Parameters, [tokens]) => {
      const leaves = Array.from(params, (x) => value(x));
      const transformer: Transformer<Value> = {
        ops: textbookOps,
        config,
        weights: weights(config, (start, end) => leaves.slice(start, end)),
      };
      const loss = documentLoss(transformer, tokens);
      backward(loss);
      return { loss: loss.data, grads: Float64Array.from(leaves, ({ grad }) => grad) };
    },
  };
}
