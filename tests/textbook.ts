/**
 * The textbook's GPT, to be measured against and nothing else: every number an object, a node for each addition and each
 * multiplication, a topological sort before the chain rule. It follows microgpt.py from `Value` to `gpt`.
 *
 * @module
 */

import type { Engine, ModelConfig } from "../mod.ts";
import { plainTrainer, positionsOf } from "../src/engines/mod.ts";
import { type LayerWeights, type Matrix, type Weights, weights } from "../src/model/mod.ts";

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
const pow = (a: Value, n: number): Value => value(a.data ** n, [a], [n * a.data ** (n - 1)]);
const exp = (a: Value): Value => value(Math.exp(a.data), [a], [Math.exp(a.data)]);
const log = (a: Value): Value => value(Math.log(a.data), [a], [1 / a.data]);
const relu = (a: Value): Value => value(Math.max(0, a.data), [a], [a.data > 0 ? 1 : 0]);

const sum = (xs: Value[]): Value => xs.reduce(add);
const dot = (xs: ArrayLike<Value>, ys: Value[]): Value => sum(ys.map((y, i) => mul(xs[i], y)));

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

const linear = (x: Value[], w: Matrix<Value>): Value[] => w.map((row) => dot(row, x));

function softmax(logits: Value[]): Value[] {
  const max = Math.max(...logits.map(({ data }) => data));
  const exps = logits.map((x) => exp(add(x, value(-max))));
  const total = sum(exps);
  return exps.map((e) => mul(e, pow(total, -1)));
}

function rmsNorm(x: Value[]): Value[] {
  const meanSquare = mul(dot(x, x), value(1 / x.length));
  const scale = pow(add(meanSquare, value(1e-5)), -0.5);
  return x.map((xi) => mul(xi, scale));
}

function attention(x: Value[], layer: LayerWeights<Value>, nHead: number, keys: Value[][], values: Value[][]): Value[] {
  const q = linear(x, layer.attn_wq);
  keys.push(linear(x, layer.attn_wk));
  values.push(linear(x, layer.attn_wv));
  const d = x.length / nHead;
  const heads: Value[] = [];
  for (let h = 0; h < nHead; h++) {
    const part = (vector: Value[]): Value[] => vector.slice(h * d, (h + 1) * d);
    const scores = softmax(keys.map((k) => mul(dot(part(q), part(k)), value(d ** -0.5))));
    for (let j = 0; j < d; j++) heads.push(dot(scores, values.map((v) => part(v)[j])));
  }
  return linear(heads, layer.attn_wo);
}

function documentLoss(tokens: readonly number[], w: Weights<Value>, { blockSize, nHead }: ModelConfig): Value {
  const n = Math.min(blockSize, tokens.length - 1);
  const caches = w.layers.map(() => ({ keys: [] as Value[][], values: [] as Value[][] }));
  const losses: Value[] = [];
  for (let position = 0; position < n; position++) {
    const [token, place] = [w.wte[tokens[position]], w.wpe[position]];
    let x = rmsNorm(Array.from(token, (e, i) => add(e, place[i])));
    w.layers.forEach((layer, i) => {
      const attended = attention(rmsNorm(x), layer, nHead, caches[i].keys, caches[i].values);
      x = x.map((xi, j) => add(attended[j], xi));
      const hidden = linear(rmsNorm(x), layer.mlp_fc1).map(relu);
      const out = linear(hidden, layer.mlp_fc2);
      x = x.map((xi, j) => add(out[j], xi));
    });
    const probabilities = softmax(linear(x, w.lm_head));
    losses.push(mul(log(probabilities[tokens[position + 1]]), value(-1)));
  }
  return mul(sum(losses), value(1 / n));
}

/** The textbook as an engine, for batches of one document. */
export function textbookEngine(): Engine {
  const leavesOf = (params: Float64Array): Value[] => Array.from(params, (x) => value(x));
  const matricesOf = (config: ModelConfig, leaves: Value[]): Weights<Value> =>
    weights(config, (start, end) => leaves.slice(start, end));
  const engine: Engine = {
    name: "textbook",
    precision: "float64",
    threads: 1,
    lossAndGrad: ({ config, params }, [tokens]) => {
      const leaves = leavesOf(params);
      const loss = documentLoss(tokens, matricesOf(config, leaves), config);
      backward(loss);
      return { loss: loss.data, grads: Float64Array.from(leaves, ({ grad }) => grad) };
    },
    totalLoss: ({ config, params }, documents) => {
      const matrices = matricesOf(config, leavesOf(params));
      const lossOf = (tokens: readonly number[]): number =>
        documentLoss(tokens, matrices, config).data * positionsOf(config, tokens);
      return documents.reduce((total, tokens) => total + lossOf(tokens), 0);
    },
    trainer: (state) => plainTrainer(engine, state),
  };
  return engine;
}
