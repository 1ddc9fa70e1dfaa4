/**
 * The scalar computation graph: every number is a node that remembers what it was computed from, and `backward` applies
 * the chain rule from the last node to the first.
 *
 * The nodes live in an arena of typed arrays, in the order in which they were computed. That order is topological: an
 * operand always comes before the result, so going through the arena backwards needs neither a sort nor recursion.
 *
 * @module
 */

import type { Ops } from "../../model/ops.ts";

/**
 * A node of a {@linkcode Graph}: its index in the arena. (`isNode` exists in the type alone, so that a plain number does not
 * pass for a node.)
 */
export type Node = number & { readonly isNode: true };

/**
 * The arena, the one thing in the library that changes in place. Its first nodes are the leaves (a model's
 * parameters); the nodes of a computation follow and are dropped by {@linkcode clear}. Node `i` was computed from the
 * operands at `starts[i]` up to the start of the next node.
 */
export type Graph = {
  /** Number of leaves: the nodes that stay when the graph is cleared. */
  readonly leaves: number;
  /** Number of nodes, leaves included. */
  nodes: number;
  /** Number of operands of all nodes together. */
  edges: number;
  /** The value of each node. */
  values: Float64Array;
  /** Where the operands of each node begin. */
  starts: Int32Array;
  /** Each operand's node. */
  operands: Int32Array;
  /** The derivative of the result with respect to each operand. */
  locals: Float64Array;
  /** The derivative of the loss with respect to each node; used within {@linkcode backward} alone. */
  grads: Float64Array;
};

/** A larger graph (1.6 GB of operands) is refused before it exhausts the memory. */
const MAX_EDGES = 2 ** 27;

/**
 * A graph of leaves alone.
 *
 * @param leaves The value of each leaf.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { backward, createGraph, graphOps, leaf } from "@microgpt/microgpt/graph";
 *
 * const graph = createGraph([3, 4]);
 * const product = graphOps(graph).mul(leaf(graph, 0), leaf(graph, 1));
 * assertEquals(backward(graph, product), new Float64Array([4, 3]));
 * ```
 */
export function createGraph(leaves: ArrayLike<number>): Graph {
  const capacity = leaves.length + 1024;
  const graph: Graph = {
    leaves: leaves.length,
    nodes: leaves.length,
    edges: 0,
    values: new Float64Array(capacity),
    starts: new Int32Array(capacity),
    operands: new Int32Array(1024),
    locals: new Float64Array(1024),
    grads: new Float64Array(capacity),
  };
  graph.values.set(leaves);
  return graph;
}

/**
 * The node of leaf `i`.
 *
 * @param graph The graph.
 * @param i Index of the leaf, from 0.
 * @throws {RangeError} If the graph has no such leaf.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createGraph, graphOps, leaf } from "@microgpt/microgpt/graph";
 *
 * const graph = createGraph([5, 6]);
 * assertEquals(graphOps(graph).value(leaf(graph, 1)), 6);
 * ```
 */
export function leaf(graph: Graph, i: number): Node {
  if (!(Number.isInteger(i) && i >= 0 && i < graph.leaves)) {
    throw new RangeError(`leaf ${i} does not exist: the graph has ${graph.leaves}, counted from 0`);
  }
  return i as Node;
}

/**
 * Gives the leaves new values and drops all other nodes.
 *
 * @param graph The graph.
 * @param values One value for each leaf.
 * @throws {RangeError} If the number of values is not that of the leaves.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createGraph, graphOps, leaf, setLeaves } from "@microgpt/microgpt/graph";
 *
 * const graph = createGraph([1]);
 * setLeaves(graph, [2]);
 * assertEquals(graphOps(graph).value(leaf(graph, 0)), 2);
 * ```
 */
export function setLeaves(graph: Graph, values: ArrayLike<number>): void {
  if (values.length !== graph.leaves) {
    throw new RangeError(`${values.length} values do not fit: the graph has ${graph.leaves} leaves`);
  }
  clear(graph);
  graph.values.set(values);
}

/**
 * Drops all nodes but the leaves, which invalidates every earlier {@linkcode Node} that is not a leaf. The arena keeps its
 * memory for the next computation.
 *
 * @param graph The graph.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clear, createGraph, graphOps, leaf } from "@microgpt/microgpt/graph";
 *
 * const graph = createGraph([1]);
 * graphOps(graph).exp(leaf(graph, 0));
 * clear(graph);
 * assertEquals(graph.nodes, 1);
 * ```
 */
export function clear(graph: Graph): void {
  graph.nodes = graph.leaves;
  graph.edges = 0;
}

/** Makes room for one node with `edges` operands. */
function reserve(graph: Graph, edges: number): void {
  if (graph.nodes === graph.values.length) {
    const capacity = 2 * graph.nodes;
    graph.values = resized(new Float64Array(capacity), graph.values);
    graph.starts = resized(new Int32Array(capacity), graph.starts);
    graph.grads = new Float64Array(capacity);
  }
  const needed = graph.edges + edges;
  if (needed > graph.operands.length) {
    if (needed > MAX_EDGES) {
      throw new RangeError(
        `a graph of more than ${MAX_EDGES} operands does not fit: use a smaller model or block size, or another engine`,
      );
    }
    const capacity = Math.max(needed, 2 * graph.operands.length);
    graph.operands = resized(new Int32Array(capacity), graph.operands);
    graph.locals = resized(new Float64Array(capacity), graph.locals);
  }
}

function resized<A extends Float64Array | Int32Array>(larger: A, old: A): A {
  larger.set(old);
  return larger;
}

/** Appends a node whose operands, from `start` on, are written already. */
function append(graph: Graph, value: number, start: number, end: number): Node {
  const id = graph.nodes++;
  graph.values[id] = value;
  graph.starts[id] = start;
  graph.edges = end;
  return id as Node;
}

/** A node with one operand. */
function unary(graph: Graph, value: number, a: Node, local: number): Node {
  reserve(graph, 1);
  const start = graph.edges;
  graph.operands[start] = a;
  graph.locals[start] = local;
  return append(graph, value, start, start + 1);
}

/** A node with two operands. */
function binary(graph: Graph, value: number, a: Node, localA: number, b: Node, localB: number): Node {
  reserve(graph, 2);
  const start = graph.edges;
  graph.operands[start] = a;
  graph.locals[start] = localA;
  graph.operands[start + 1] = b;
  graph.locals[start + 1] = localB;
  return append(graph, value, start, start + 2);
}

/**
 * Arithmetic that records itself in the graph: each operation computes a value and the local derivatives.
 *
 * Source: microgpt.py, `Value`, where a sum of products is a chain of nodes; here it is one node with many operands.
 *
 * @param graph Where the operations are recorded.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { backward, createGraph, graphOps, leaf } from "@microgpt/microgpt/graph";
 *
 * const graph = createGraph([3]);
 * const ops = graphOps(graph);
 * const x = leaf(graph, 0);
 * const y = ops.add(ops.mul(x, x), x); // x is used three times; its gradients add up
 * assertEquals(ops.value(y), 12);
 * assertEquals(backward(graph, y)[0], 7);
 * ```
 */
export function graphOps(graph: Graph): Ops<Node> {
  return {
    constant: (value) => {
      reserve(graph, 0);
      return append(graph, value, graph.edges, graph.edges);
    },
    value: (x) => graph.values[x],
    add: (a, b) => binary(graph, graph.values[a] + graph.values[b], a, 1, b, 1),
    mul: (a, b) => {
      const x = graph.values[a];
      const y = graph.values[b];
      return binary(graph, x * y, a, y, b, x);
    },
    pow: (a, exponent) => {
      const x = graph.values[a];
      return unary(graph, x ** exponent, a, exponent === 0 ? 0 : exponent * x ** (exponent - 1));
    },
    exp: (a) => {
      const y = Math.exp(graph.values[a]);
      return unary(graph, y, a, y);
    },
    log: (a) => {
      const x = graph.values[a];
      return unary(graph, Math.log(x), a, 1 / x);
    },
    relu: (a) => {
      const x = graph.values[a];
      return x > 0 ? unary(graph, x, a, 1) : unary(graph, 0, a, 0);
    },
    sum: (xs) => {
      reserve(graph, xs.length);
      const { values, operands, locals, edges: start } = graph;
      let total = 0;
      for (let i = 0; i < xs.length; i++) {
        total += values[xs[i]];
        operands[start + i] = xs[i];
        locals[start + i] = 1;
      }
      return append(graph, total, start, start + xs.length);
    },
    dot: (xs, ys) => {
      reserve(graph, 2 * xs.length);
      const { values, operands, locals, edges: start } = graph;
      let total = 0;
      let end = start;
      for (let i = 0; i < xs.length; i++) {
        const x = values[xs[i]];
        const y = values[ys[i]];
        total += x * y;
        operands[end] = xs[i];
        locals[end++] = y;
        operands[end] = ys[i];
        locals[end++] = x;
      }
      return append(graph, total, start, end);
    },
  };
}

/**
 * The gradient of one node with respect to every leaf, as a new array; the graph's nodes stay as they are.
 *
 * Source: the chain rule, in reverse: each operand receives the local derivative times the gradient of its result,
 * and what arrives over several paths adds up (microgpt.py, `Value.backward`).
 *
 * @param graph The graph.
 * @param root The node to differentiate: the loss.
 * @returns One derivative for each leaf.
 * @throws {RangeError} If the graph has no such node.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { backward, createGraph, graphOps, leaf } from "@microgpt/microgpt/graph";
 *
 * const graph = createGraph([2, 5]);
 * const y = graphOps(graph).pow(leaf(graph, 0), 3);
 * assertEquals(backward(graph, y), new Float64Array([12, 0])); // y does not depend on the second leaf
 * ```
 */
export function backward(graph: Graph, root: Node): Float64Array {
  const { leaves, nodes, edges, starts, operands, locals, grads } = graph;
  if (!(Number.isInteger(root) && root >= 0 && root < nodes)) {
    throw new RangeError(`node ${root} does not exist: the graph has ${nodes}, counted from 0`);
  }
  grads.fill(0, 0, Math.max(root + 1, leaves));
  grads[root] = 1;
  let end = root + 1 < nodes ? starts[root + 1] : edges;
  for (let i: number = root; i >= leaves; i--) {
    const start = starts[i];
    const grad = grads[i];
    if (grad !== 0) { // dead ReLUs cut off much of the graph
      for (let e = start; e < end; e++) grads[operands[e]] += locals[e] * grad;
    }
    end = start;
  }
  return grads.slice(0, leaves);
}
