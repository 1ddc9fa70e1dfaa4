import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { backward, clear, createGraph, graphOps, leaf, type Node, setLeaves } from "../../../src/engines/scalar/mod.ts";
import { numberOps, type Ops } from "../../../src/model/mod.ts";
import { numbers, vectors } from "../../arbitraries.ts";
import { assertGradient, axes, graphGradient } from "../../gradients.ts";
import { law } from "../../property.ts";

/** Rounding of some dozens of float64 operations, relative to the largest number. */
const ROUNDING = 1e-12;

// Each op

law("add: gradient", [vectors(2)], (xs) => {
  assertGradient((ops, [a, b]) => ops.add(a, b), xs, axes(2));
});

law("mul: gradient", [vectors(2)], (xs) => {
  assertGradient((ops, [a, b]) => ops.mul(a, b), xs, axes(2));
});

const positive = fc.double({ min: 0.1, max: 4, noNaN: true });

law("pow: gradient", [positive, fc.double({ min: -3, max: 3, noNaN: true })], (x, exponent) => {
  assertGradient((ops, [a]) => ops.pow(a, exponent), [x], axes(1));
});

Deno.test("pow: to the power of 0 the derivative is 0, also at 0", () => {
  assertEquals(graphGradient((ops, [a]) => ops.pow(a, 0), [0]), { value: 1, grads: new Float64Array([0]) });
});

law("exp: gradient", [numbers], (x) => {
  assertGradient((ops, [a]) => ops.exp(a), [x], axes(1));
});

law("log: gradient", [positive], (x) => {
  assertGradient((ops, [a]) => ops.log(a), [x], axes(1));
});

law("relu: gradient", [numbers], (x) => {
  assertGradient((ops, [a]) => ops.relu(a), [x], axes(1));
});

Deno.test("relu: the derivative is 1 above 0, and 0 below and at 0", () => {
  const slopes = [2, -2, 0, -0].map((x) => graphGradient((ops, [a]) => ops.relu(a), [x]).grads[0]);
  assertEquals(slopes, [1, 0, 0, 0]);
});

law("sum: gradient", [vectors(0, 6)], (xs) => {
  assertGradient((ops, as) => ops.sum(as), xs, axes(xs.length));
});

law("dot: gradient", [vectors(6)], (xs) => {
  assertGradient((ops, as) => ops.dot(as.slice(0, 3), as.slice(3)), xs, axes(6));
});

law("dot: gradient where a vector meets itself", [vectors(1, 4)], (xs) => {
  assertGradient((ops, as) => ops.dot(as, as), xs, axes(xs.length));
});

// Whole expressions

/** A program: each instruction picks an op, and operands among the inputs and the results so far. */
type Instruction = { op: "add" | "mul" | "exp" | "log" | "relu" | "pow" | "sum" | "dot"; a: number; b: number };

const programs = fc.array(
  fc.record<Instruction>({
    op: fc.constantFrom("add", "mul", "exp", "log", "relu", "pow", "sum", "dot"),
    a: fc.nat(99),
    b: fc.nat(99),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Runs a program. Arguments are squashed where an op would leave the range of everyday numbers. */
function run<T>(ops: Ops<T>, inputs: readonly T[], program: readonly Instruction[]): T {
  const squash = (x: T): T => ops.pow(ops.add(ops.mul(x, x), ops.constant(1)), -0.5); // from 0 to 1
  const results = inputs.slice();
  for (const { op, a: ai, b: bi } of program) {
    const a = results[ai % results.length];
    const b = results[bi % results.length];
    if (op === "add") results.push(ops.add(a, b));
    else if (op === "mul") results.push(ops.mul(squash(a), b));
    else if (op === "exp") results.push(ops.exp(squash(a)));
    else if (op === "log") results.push(ops.log(squash(a)));
    else if (op === "relu") results.push(ops.relu(a));
    else if (op === "pow") results.push(ops.pow(ops.add(squash(a), ops.constant(1)), (bi % 7) - 3));
    else if (op === "sum") results.push(ops.sum([a, b, a]));
    else results.push(ops.dot([squash(a), squash(b)], [b, a]));
  }
  return results[results.length - 1];
}

law("any program: gradient, whatever is used how often", [vectors(3), programs], (xs, program) => {
  assertGradient((ops, as) => run(ops, as, program), xs, axes(3));
});

law("diamonds: a value that is used k times gets k times the gradient", [fc.integer({ min: 1, max: 50 })], (k) => {
  const { value, grads } = graphGradient((ops, [x]) => {
    const shared = ops.mul(x, ops.constant(3));
    let total = shared;
    for (let i = 1; i < k; i++) total = ops.add(total, shared);
    return total;
  }, [2]);
  assertEquals([value, grads[0]], [6 * k, 3 * k]);
});

law("backward: linear in what is added up", [vectors(3), programs, programs], (xs, first, second) => {
  const f = graphGradient((ops, as) => run(ops, as, first), xs).grads;
  const g = graphGradient((ops, as) => run(ops, as, second), xs).grads;
  const both = graphGradient((ops, as) => ops.add(run(ops, as, first), run(ops, as, second)), xs).grads;
  const scale = Math.max(1, ...f.map(Math.abs), ...g.map(Math.abs));
  both.forEach((d, i) => assertAlmostEquals(d, f[i] + g[i], ROUNDING * scale));
});

Deno.test("backward: a chain of a million nodes does not overflow the stack", () => {
  const graph = createGraph([1]);
  const ops = graphOps(graph);
  const half = ops.constant(0.5);
  let x: Node = leaf(graph, 0);
  for (let i = 0; i < 500_000; i++) x = ops.add(ops.mul(x, half), half); // stays at 1
  assert(graph.nodes > 1_000_000);
  assertEquals(ops.value(x), 1);
  assertEquals(backward(graph, x)[0], 0); // 0.5 to the power of 500,000
  let y: Node = leaf(graph, 0);
  for (let i = 0; i < 1_000_000; i++) y = ops.add(y, half);
  assertEquals(backward(graph, y)[0], 1);
});

law("backward: from any node, nodes that come later do not matter", [vectors(3), programs], (xs, program) => {
  const graph = createGraph(xs);
  const ops = graphOps(graph);
  const leaves = xs.map((_, i) => leaf(graph, i));
  const root = run(ops, leaves, program);
  const before = backward(graph, root);
  run(ops, [root, ...leaves], program);
  assertEquals(backward(graph, root), before);
});

Deno.test("backward: of a leaf itself, 1 for it and 0 for the others", () => {
  const graph = createGraph([3, 4, 5]);
  const ops = graphOps(graph);
  backward(graph, ops.sum([0, 1, 2].map((i) => leaf(graph, i)))); // what it leaves behind must not matter
  assertEquals(backward(graph, leaf(graph, 1)), new Float64Array([0, 1, 0]));
});

law(
  "backward: the gradient is a value that later work leaves alone",
  [vectors(3), programs],
  (xs, program) => {
    const graph = createGraph(xs);
    const ops = graphOps(graph);
    const leaves = xs.map((_, i) => leaf(graph, i));
    const first = backward(graph, run(ops, leaves, program));
    const kept = first.slice();
    clear(graph);
    backward(graph, ops.sum([...leaves, ...leaves])); // 2 for each leaf
    assertEquals(first, kept);
  },
);

// The arena

Deno.test("clear: after a million steps the arena is exactly as long as after one", () => {
  const graph = createGraph([0.5, 2]);
  const ops = graphOps(graph);
  const step = (): void => {
    const [x, y] = [leaf(graph, 0), leaf(graph, 1)];
    backward(graph, ops.log(ops.add(ops.dot([x, y], [y, x]), ops.exp(x))));
    clear(graph);
  };
  const size = (): number[] => [
    graph.nodes,
    graph.edges,
    graph.values.length,
    graph.starts.length,
    graph.operands.length,
    graph.locals.length,
    graph.grads.length,
  ];
  step();
  const afterOne = size();
  for (let i = 1; i < 1_000_000; i++) step();
  assertEquals(size(), afterOne);
  assertEquals([graph.nodes, graph.edges], [2, 0]);
});

law("clear: keeps the leaves and drops the rest", [vectors(3), programs], (xs, program) => {
  const graph = createGraph(xs);
  const ops = graphOps(graph);
  run(ops, xs.map((_, i) => leaf(graph, i)), program);
  clear(graph);
  assertEquals(xs.map((_, i) => ops.value(leaf(graph, i))), xs);
  assertEquals(graph.nodes, xs.length);
});

law("the arena grows without losing anything", [fc.integer({ min: 1000, max: 9000 })], (n) => {
  const { value, grads } = graphGradient((ops, xs) => {
    const squares = xs.map((x) => ops.mul(x, x));
    return ops.sum(squares);
  }, Array.from({ length: n }, (_, i) => i));
  assertEquals(value, numberOps.sum(Array.from({ length: n }, (_, i) => i * i)));
  assertEquals(grads, Float64Array.from({ length: n }, (_, i) => 2 * i));
}, { numRuns: 20 });

Deno.test("the arena grows for one node with more operands than it had room for in all", () => {
  const n = 5000;
  const xs = Array.from({ length: n }, (_, i) => i % 7);
  const { value, grads } = graphGradient((ops, leaves) => ops.dot(leaves, leaves), xs);
  assertEquals(value, numberOps.dot(xs, xs));
  assertEquals(grads, Float64Array.from(xs, (x) => 2 * x));
});

Deno.test("setLeaves: new values, and only as many as there are leaves", () => {
  const graph = createGraph([1, 2]);
  graphOps(graph).add(leaf(graph, 0), leaf(graph, 1));
  setLeaves(graph, [3, 4]);
  assertEquals(graphOps(graph).value(leaf(graph, 1)), 4);
  assertEquals(graph.nodes, 2);
  assertThrows(() => setLeaves(graph, [1]), RangeError, "1 values do not fit");
});

Deno.test("leaf and backward: what is not in the graph is refused", () => {
  const graph = createGraph([1, 2]);
  for (const i of [2, -1, 0.5, NaN]) assertThrows(() => leaf(graph, i), RangeError, `leaf ${i}`);
  for (const i of [2, -1, 0.5, NaN]) assertThrows(() => backward(graph, i as Node), RangeError, `node ${i}`);
});
