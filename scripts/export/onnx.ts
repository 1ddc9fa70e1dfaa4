/**
 * A model as an ONNX graph: tokens `[batch, positions]` to logits `[batch, positions, vocabulary]`.
 *
 * @module
 */

import onnxProto from "onnx-proto";
import type { Checkpoint } from "../../mod.ts";
import { parameterLayout } from "../../src/model/mod.ts";

const { onnx } = onnxProto;

/** The version of the operators, and of the file format. */
const OPSET = 17;
const IR_VERSION = 8;
const { FLOAT, INT64 } = onnx.TensorProto.DataType;
/** What keeps the norm of zeros finite: as in the model. */
const EPSILON = 1e-5;

/** A graph that grows: nodes in the order of the computation, and the numbers that they need. */
type Graph = {
  readonly nodes: InstanceType<typeof onnx.NodeProto>[];
  readonly tensors: InstanceType<typeof onnx.TensorProto>[];
};

/** The bytes of an ONNX file. */
export function onnxOf(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { config, tokenizer: { vocabulary, bos }, t } = checkpoint;
  const graph: Graph = { nodes: [], tensors: [] };
  addWeights(graph, checkpoint);
  addNetwork(graph, checkpoint);
  const properties = { vocabulary, bos, config, steps: t };
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: "microgpt",
    opsetImport: [{ version: OPSET }],
    graph: {
      name: "microgpt",
      node: graph.nodes,
      initializer: graph.tensors,
      input: [valueOf("tokens", INT64, ["batch", "positions"])],
      output: [valueOf("logits", FLOAT, ["batch", "positions", config.vocabSize])],
    },
    metadataProps: Object.entries(properties).map(([key, value]) => ({ key, value: JSON.stringify(value) })),
  });
  return onnx.ModelProto.encode(model).finish().slice() as Uint8Array<ArrayBuffer>;
}

/** An input or output: a dimension with a name may have any size. */
function valueOf(name: string, elemType: number, dims: readonly (string | number)[]) {
  const dim = dims.map((each) => typeof each === "string" ? { dimParam: each } : { dimValue: each });
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/** All tensors by their names; weights transposed, as MatMul takes them. */
function addWeights({ tensors }: Graph, { config, params }: Checkpoint): void {
  for (const { name, rows, columns, offset } of parameterLayout(config)) {
    const isEmbedding = name === "wte" || name === "wpe";
    const data = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        data[isEmbedding ? r * columns + c : c * rows + r] = params[offset + r * columns + c];
      }
    }
    const dims = isEmbedding ? [rows, columns] : [columns, rows];
    tensors.push(onnx.TensorProto.create({ name, dataType: FLOAT, dims, rawData: new Uint8Array(data.buffer) }));
  }
}

/** The forward pass, as `gpt` has it. */
function addNetwork(graph: Graph, { config: { nLayer, nEmbd, nHead } }: Checkpoint): void {
  const { nodes, tensors } = graph;
  let made = 0;
  const float = (value: number): string => constant(FLOAT, [], new Uint8Array(Float32Array.of(value).buffer));
  const whole = (values: number[], dims = [values.length]): string =>
    constant(INT64, dims, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  const constant = (dataType: number, dims: number[], rawData: Uint8Array): string => {
    const name = `c${made++}`;
    tensors.push(onnx.TensorProto.create({ name, dataType, dims, rawData }));
    return name;
  };
  const node = (opType: string, input: string[], attribute: object[] = [], output = `n${made++}`): string => {
    nodes.push(onnx.NodeProto.create({ opType, input, output: [output], attribute }));
    return output;
  };
  const { INT, INTS } = onnx.AttributeProto.AttributeType;
  const int = (name: string, i: number): object => ({ name, type: INT, i });
  const ints = (name: string, ints: number[]): object => ({ name, type: INTS, ints });

  const [epsilon, zero, one, never] = [float(EPSILON), whole([0], []), whole([1], []), float(-Infinity)];
  const rmsNorm = (x: string): string => {
    const meanSquare = node("ReduceMean", [node("Mul", [x, x])], [ints("axes", [-1]), int("keepdims", 1)]);
    return node("Div", [x, node("Sqrt", [node("Add", [meanSquare, epsilon])])]);
  };
  const positions = node("Range", [zero, node("Gather", [node("Shape", ["tokens"]), one]), one]);
  // Each position looks at those up to itself.
  const isPast = node("GreaterOrEqual", [
    node("Unsqueeze", [positions, whole([1])]),
    node("Unsqueeze", [positions, whole([0])]),
  ]);
  const heads = whole([0, 0, nHead, nEmbd / nHead]);
  const together = whole([0, 0, nEmbd]);
  const scale = float((nEmbd / nHead) ** -0.5);
  const split = (x: string, perm: number[]): string =>
    node("Transpose", [node("Reshape", [x, heads])], [ints("perm", perm)]);

  let x = rmsNorm(node("Add", [node("Gather", ["wte", "tokens"]), node("Gather", ["wpe", positions])]));
  for (let l = 0; l < nLayer; l++) {
    const weights = (name: string): string => `layer${l}.${name}`;
    const normed = rmsNorm(x);
    const q = split(node("MatMul", [normed, weights("attn_wq")]), [0, 2, 1, 3]);
    const k = split(node("MatMul", [normed, weights("attn_wk")]), [0, 2, 3, 1]);
    const v = split(node("MatMul", [normed, weights("attn_wv")]), [0, 2, 1, 3]);
    const scores = node("Where", [isPast, node("Mul", [node("MatMul", [q, k]), scale]), never]);
    const gathered = node("MatMul", [node("Softmax", [scores], [int("axis", -1)]), v]);
    const attended = node("Reshape", [node("Transpose", [gathered], [ints("perm", [0, 2, 1, 3])]), together]);
    x = node("Add", [x, node("MatMul", [attended, weights("attn_wo")])]);
    const hidden = node("Relu", [node("MatMul", [rmsNorm(x), weights("mlp_fc1")])]);
    x = node("Add", [x, node("MatMul", [hidden, weights("mlp_fc2")])]);
  }
  node("MatMul", [x, "lm_head"], [], "logits");
}
