import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  encode,
  evaluate,
  initTraining,
  type Model,
  names,
  type RandomState,
  type SampleOptions,
  type SampleStep,
  sampleSteps,
  sampleText,
} from "../../mod.ts";
import { emptyCache, gpt, numberOps, numberTransformer, softmax } from "../../src/model/mod.ts";
import { choice, seedRandom } from "../../src/random/mod.ts";
import { nextTokenProbabilities } from "../../src/sample/mod.ts";
import { filters, trainings, vectors } from "../arbitraries.ts";
import { law } from "../property.ts";
import { trained } from "../trained.ts";

/** Rounding of sums and exponentials of a dozen numbers. */
const ROUNDING = 1e-12;
/** Sums of logarithms, of probabilities that may be small. */
const LOG_ROUNDING = 1e-9;

const temperatures = fc.double({ min: 0.01, max: 10, noNaN: true });

const entropy = (ps: number[]): number => -ps.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);

law(
  "temperature sharpens monotonically: the lower, the likelier the likeliest, and the less entropy",
  [vectors(2, 8), temperatures, temperatures],
  (logits, a, b) => {
    const cold = nextTokenProbabilities(logits, Math.min(a, b));
    const warm = nextTokenProbabilities(logits, Math.max(a, b));
    assert(Math.max(...cold) >= Math.max(...warm) - ROUNDING);
    assert(entropy(cold) <= entropy(warm) + ROUNDING);
    logits.forEach((x, i) => {
      if (x === Math.max(...logits)) assert(cold[i] >= warm[i] - ROUNDING);
    });
  },
);

law("temperature: 1 is softmax, and any keeps the order", [vectors(1, 8), temperatures], (logits, t) => {
  const ps = nextTokenProbabilities(logits, t);
  assertAlmostEquals(ps.reduce((sum, p) => sum + p), 1, ROUNDING);
  logits.forEach((x, i) => logits.forEach((y, j) => assert(x <= y ? ps[i] <= ps[j] : ps[i] >= ps[j])));
  softmax(numberOps, logits)
    .forEach((p, i) => assertAlmostEquals(nextTokenProbabilities(logits, 1)[i], p, ROUNDING));
});

const logitsWithTies = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 8 });

law("temperature: 0 is the first of the likeliest, and the limit of low ones", [logitsWithTies], (logits) => {
  const best = logits.indexOf(Math.max(...logits));
  assertEquals(nextTokenProbabilities(logits, 0), logits.map((_, i) => i === best ? 1 : 0));
  const ties = logits.filter((x) => x === logits[best]).length;
  nextTokenProbabilities(logits, Number.MIN_VALUE)
    .forEach((p, i) => assertEquals(p, logits[i] === logits[best] ? 1 / ties : 0));
});

law("samples: from the vocabulary, no longer than the block, BOS only at the end", [trainings], ({ state }) => {
  const steps = [...sampleSteps(state, state.random, { temperature: 1 })];
  const tokens = steps.map(({ token }) => token);
  assertEquals(steps.map(({ position }) => position), steps.map((_, i) => i));
  assert(tokens.length <= state.config.blockSize);
  assert(tokens.slice(0, -1).every((token) => token >= 0 && token < state.tokenizer.bos));
  assert(tokens.length === state.config.blockSize || tokens.at(-1) === state.tokenizer.bos);
  const [text, next] = sampleText(state, state.random, { temperature: 1 });
  const drawn = tokens.filter((token) => token !== state.tokenizer.bos);
  assertEquals(text, drawn.map((token) => state.tokenizer.vocabulary[token]).join(""));
  assertEquals(next, steps[steps.length - 1].random);
});

law("samples: a prompt begins the text, and the model sees it", [trainings], ({ documents, state }) => {
  const prompt = [...documents[0]].slice(0, state.config.blockSize - 1);
  const [text] = sampleText(state, state.random, { prompt: prompt.join("") });
  assert(text.startsWith(prompt.join("")));

  const transformer = numberTransformer(state);
  let cache = emptyCache<number>(state.config);
  let logits: number[] = [];
  for (const token of [state.tokenizer.bos, ...prompt.map((character) => state.tokenizer.ids.get(character)!)]) {
    ({ logits, cache } = gpt(transformer, token, cache));
  }
  const [first] = sampleSteps(state, state.random, { prompt: prompt.join(""), temperature: 0.7 });
  assertEquals(first.position, prompt.length);
  assertEquals(first.probabilities, nextTokenProbabilities(logits, 0.7));
});

law("samples: the same stream gives the same text, and the stream and the model stay as they are", [trainings], (t) => {
  const before = structuredClone(t.state);
  assertEquals(sampleText(t.state, t.state.random), sampleText(t.state, t.state.random));
  assertEquals(t.state, before);
});

/** A document drawn from the specification's own forward pass, as plainly as can be. */
function drawSlowly(model: Model, random: RandomState, temperature: number): [number[], RandomState] {
  const transformer = numberTransformer(model);
  const { bos } = model.tokenizer;
  const tokens: number[] = [];
  let cache = emptyCache<number>(model.config);
  let token = bos;
  do {
    const step = gpt(transformer, token, cache);
    cache = step.cache;
    const max = Math.max(...step.logits);
    [token, random] = choice(random, softmax(numberOps, step.logits.map((x) => (x - max) / temperature)));
    tokens.push(token);
  } while (token !== bos && cache.position < model.config.blockSize);
  return [tokens, random];
}

law("samples: those of the specification's slow path, token by token", [trainings], ({ state }) => {
  let fast = state.random;
  let slow = state.random;
  for (let i = 0; i < 3; i++) {
    const steps = [...sampleSteps(state, fast, { temperature: 0.9 })];
    const [tokens, next] = drawSlowly(state, slow, 0.9);
    assertEquals(steps.map(({ token }) => token), tokens);
    fast = steps[steps.length - 1].random;
    slow = next;
    assertEquals(fast, slow);
  }
});

law(
  "samples: nothing that a filter leaves out is drawn, and the length is kept",
  [trainings, filters, fc.nat()],
  ({ state }, given, seed) => {
    const maxLength = 1 + seed % 5;
    let length = 0;
    for (
      const { probabilities, token, logProbability } of sampleSteps(state, seedRandom(seed), {
        ...given,
        maxLength,
        logProbabilities: true,
      })
    ) {
      assert(probabilities[token] > 0);
      assert(logProbability! <= 0);
      if (given.topK !== undefined) assert(probabilities.filter((p) => p > 0).length <= given.topK);
      if (token !== state.tokenizer.bos) length++;
    }
    assert(length <= maxLength);
    assertThrows(() => sampleText(state, seedRandom(1), { maxLength: 0 }), RangeError, "maxLength 0");
  },
  { numRuns: 50 },
);

/** How the specification finds what comes after a document's last block of tokens, knowing nothing else of it. */
function logitsAfter(model: Model, tokens: readonly number[]): number[] {
  const transformer = numberTransformer(model);
  let cache = emptyCache<number>(model.config);
  let logits: number[] = [];
  for (const token of tokens.slice(-model.config.blockSize)) ({ logits, cache } = gpt(transformer, token, cache));
  return logits;
}

/** Prompts of no characters to more than three blocks, as the indices of characters. */
const lengths = fc.array(fc.nat(1000), { maxLength: 26 });
const promptOf = ({ tokenizer: { vocabulary } }: Model, indices: readonly number[]): string =>
  indices.map((i) => vocabulary[i % vocabulary.length]).join("");

law(
  "samples: past the block each token comes from the last block of tokens alone, bit for bit the specification's",
  [trainings, lengths, fc.integer({ min: 1, max: 20 }), fc.nat()],
  ({ state }, indices, more, seed) => {
    const prompt = promptOf(state, indices);
    const maxLength = indices.length + more;
    const options = { prompt, maxLength, temperature: 1, logProbabilities: true };
    const tokens = [state.tokenizer.bos, ...encode(state.tokenizer, prompt)];
    let random = seedRandom(seed);
    for (const step of sampleSteps(state, seedRandom(seed), options)) {
      const logits = logitsAfter(state, tokens);
      assertEquals(step.position, tokens.length - 1);
      assertEquals(step.probabilities, nextTokenProbabilities(logits, 1));
      assertAlmostEquals(step.logProbability!, Math.log(softmax(numberOps, logits)[step.token]), LOG_ROUNDING);
      let token: number;
      [token, random] = choice(random, step.probabilities);
      assertEquals([step.token, step.random], [token, random]);
      tokens.push(token);
    }
    assert(tokens.at(-1) === state.tokenizer.bos || tokens.length === maxLength + 1);
    assert(!tokens.slice(1, -1).includes(state.tokenizer.bos));
  },
);

law(
  "samples: what came before the last block of tokens makes no difference",
  [trainings, lengths, lengths, lengths, fc.nat()],
  ({ state }, one, other, same, seed) => {
    const { blockSize } = state.config;
    const block = promptOf(state, Array.from({ length: blockSize }, (_, i) => same[i] ?? 0));
    const after = (indices: readonly number[]): unknown[] => {
      const prompt = promptOf(state, indices) + block;
      const options = { prompt, maxLength: [...prompt].length + blockSize + 2, temperature: 1 };
      return [...sampleSteps(state, seedRandom(seed), options)].map(({ position: _, ...step }) => step);
    };
    assertEquals(after(one), after(other));
  },
  { numRuns: 50 },
);

law(
  "samples: up to the block nothing depends on how far the text may go",
  [trainings, lengths, fc.nat(20), fc.nat()],
  ({ state }, indices, more, seed) => {
    const { blockSize } = state.config;
    const prompt = promptOf(state, indices.slice(0, blockSize - 1));
    const without = [...sampleSteps(state, seedRandom(seed), { prompt, temperature: 1 })];
    const longer = [...sampleSteps(state, seedRandom(seed), { prompt, temperature: 1, maxLength: blockSize + more })];
    assertEquals(longer.slice(0, without.length), without);
    if (more === 0) assertEquals(longer.length, without.length);
  },
);

law(
  "samples: with a stop text, those drawn without it, up to its first occurrence after the prompt",
  [trainings, lengths, fc.integer({ min: 1, max: 20 }), fc.nat(30), fc.integer({ min: 1, max: 4 }), fc.nat()],
  ({ state }, indices, more, at, length, seed) => {
    const { vocabulary } = state.tokenizer;
    const draw = (options: SampleOptions): SampleStep[] => [...sampleSteps(state, seedRandom(seed), options)];
    const textOf = (steps: readonly SampleStep[]): string[] => steps.flatMap(({ token }) => vocabulary[token] ?? []);
    const prompt = promptOf(state, indices);
    // Two characters and BOS: texts repeat themselves.
    const few = { prompt, topK: 3, temperature: 0.2 };
    // A piece of what is drawn if the text may be long, or else of the prompt.
    const long = textOf(draw({ ...few, maxLength: indices.length + 20 }));
    const pieces = long.length > 0 ? long : [...prompt, vocabulary[0]];
    const stop = pieces.slice(at % pieces.length).slice(0, length).join("");

    const options = { ...few, maxLength: indices.length + more };
    const whole = draw(options);
    const drawn = textOf(whole);
    const steps = draw({ ...options, stop });
    assertEquals(steps.map(({ held: _, ...step }) => step), whole.slice(0, steps.length));
    const before = drawn.join("").split(stop)[0];
    const comes = before !== drawn.join("");
    assertEquals(steps.length, comes ? [...before, ...stop].length : whole.length);
    assertEquals(steps.at(-1)!.held, comes ? [...stop].length : 0);
    const [text, after] = sampleText(state, seedRandom(seed), { ...options, stop });
    assertEquals([text, after], [prompt + before, steps.at(-1)!.random]);
    assert(!text.slice(prompt.length).includes(stop));
  },
);

Deno.test("samples: stop texts that cannot come up are refused", () => {
  const model = initTraining(["anna", "bob"]);
  const stopAt = (stop: string) => (): unknown => sampleText(model, model.random, { stop });
  assertThrows(stopAt(""), RangeError, 'stop "" cannot be used: it must have at least one character');
  assertThrows(stopAt("anx"), RangeError, 'stop "anx" cannot come up: "x" is not in the vocabulary');
  assertThrows(stopAt("\ud83d"), RangeError, '"\\ud83d" is not in the vocabulary');
});

law(
  "log-probabilities: their sum is the model's own for the text",
  [trainings, fc.nat()],
  ({ state }, seed) => {
    let sum = 0;
    let text = "";
    let ended = false;
    for (
      const { token, logProbability } of sampleSteps(state, seedRandom(seed), {
        temperature: 2,
        topK: 3,
        logProbabilities: true,
      })
    ) {
      sum += logProbability!;
      ended = token === state.tokenizer.bos;
      if (!ended) text += state.tokenizer.vocabulary[token];
    }
    const { loss, tokens } = evaluate(state, [text]);
    assertAlmostEquals(-sum, loss * tokens, LOG_ROUNDING * Math.max(1, -sum));
    assert(ended || tokens === state.config.blockSize);
  },
  { numRuns: 50 },
);

law("samples: two at once do not disturb each other", [trainings], ({ state }) => {
  const alone = [...sampleSteps(state, state.random)];
  const first = sampleSteps(state, state.random);
  const second = sampleSteps(state, state.random);
  for (const step of alone) {
    assertEquals(first.next().value, step);
    assertEquals(second.next().value, step);
  }
});

Deno.test("samples: the same parameters under another config are another model", () => {
  const model = initTraining(["anna", "bob"], { nHead: 4, initStd: 0.5 });
  const other = { ...model, config: { ...model.config, nHead: 1 } };
  const texts = (m: Model): string[] => Array.from({ length: 9 }, (_, i) => sampleText(m, seedRandom(i))[0]);
  const expected = texts({ ...other, params: other.params.slice() });
  texts(model);
  assertEquals(texts(other), expected);
  assert(texts(model).join() !== expected.join());
});

Deno.test("samples: frequencies of the first letter match its probabilities", () => {
  const model = trained(initTraining(names, { nEmbd: 8 }), { steps: 200 });
  const n = 3000;
  const counts = new Array(model.config.vocabSize).fill(0);
  let random = seedRandom(11);
  let probabilities: readonly number[] = [];
  for (let i = 0; i < n; i++) {
    const [first] = sampleSteps(model, random, { temperature: 1 });
    counts[first.token]++;
    random = first.random;
    probabilities = first.probabilities;
  }
  // Five standard deviations.
  probabilities.forEach((p, i) => assertAlmostEquals(counts[i], n * p, 5 * Math.sqrt(n * p * (1 - p)) + 1));
});

Deno.test("samples: a prompted text may fill the block; the default temperature is 0.5", () => {
  const { params, ...rest } = initTraining(["a"], { blockSize: 6 });
  const model = { ...rest, params: params.map(() => 0) }; // a and BOS are equally likely
  const lengths = Array.from({ length: 200 }, (_, i) => sampleText(model, seedRandom(i), { prompt: "aaa" })[0].length);
  assertEquals(new Set(lengths), new Set([3, 4, 5, 6]));
  const fresh = initTraining(["anna", "bob"]);
  assertEquals(sampleText(fresh, seedRandom(1)), sampleText(fresh, seedRandom(1), { temperature: 0.5 }));
  assert(
    [...sampleSteps(fresh, seedRandom(1))][0].probabilities.join() !==
      [...sampleSteps(fresh, seedRandom(1), { temperature: 1 })][0].probabilities.join(),
  );
});

Deno.test("samples: wrong temperatures and prompts are refused", () => {
  const model = initTraining(["anna", "bob"], { blockSize: 4 });
  const sample = (options: Parameters<typeof sampleText>[2]) => (): unknown => sampleText(model, model.random, options);
  for (const temperature of [-1, NaN, Infinity]) {
    assertThrows(sample({ temperature }), RangeError, `temperature ${temperature}`);
    assertThrows(() => nextTokenProbabilities([1], temperature), RangeError, `temperature ${temperature}`);
  }
  assertThrows(sample({ prompt: "ax" }), RangeError, '"x" is not in the vocabulary');
  for (const maxLength of [0, -1, 1.5, NaN, -Infinity]) {
    assertThrows(sample({ maxLength }), RangeError, `maxLength ${maxLength}`);
  }
});

Deno.test("samples: the longest length counts the prompt, and is reached", () => {
  const { params, ...rest } = initTraining(["a"], { blockSize: 9 });
  const model = { ...rest, params: params.map(() => 0) }; // a and BOS are equally likely
  const lengths = (options: Parameters<typeof sampleText>[2]): number[] => {
    const drawn = Array.from({ length: 300 }, (_, i) => sampleText(model, seedRandom(i), options)[0].length);
    return [Math.min(...drawn), Math.max(...drawn)];
  };
  assertEquals(lengths({ prompt: "aa", maxLength: 5 }), [2, 5]);
  assertEquals(lengths({ maxLength: 3 }), [0, 3]);
  assertEquals(lengths({ prompt: "aaaaaaaa", maxLength: 11 }), [8, 11]); // past the block
  for (const maxLength of [1, 2]) {
    assertThrows(
      () => sampleText(model, seedRandom(1), { prompt: "aa", maxLength }),
      RangeError,
      `a prompt of 2 characters leaves no room: with maxLength ${maxLength}`,
    );
  }
});

Deno.test("samples: without a longest length, as many as the block has room for; if it has none, another block", () => {
  const { params, ...rest } = initTraining(["ab"], { blockSize: 4, nEmbd: 8 });
  const model = { ...rest, params: params.map(() => 0) }; // all are equally likely: at temperature 0 the first, a
  const lengthAfter = (prompt: string): number =>
    sampleText(model, seedRandom(1), { prompt, temperature: 0 })[0].length;
  assertEquals(["", "a", "aba", "abab", "ababa", "ab".repeat(500)].map(lengthAfter), [4, 4, 4, 8, 9, 1004]);
});

Deno.test("samples: a length without limit ends where the model ends it, past the block too", () => {
  const { params, ...rest } = initTraining(["a"], { blockSize: 3 });
  const model = { ...rest, params: params.map(() => 0) }; // a and BOS are equally likely
  const all = Array.from({ length: 100 }, (_, i) => [...sampleSteps(model, seedRandom(i), { maxLength: Infinity })]);
  assert(all.every((steps) => steps.at(-1)!.token === model.tokenizer.bos));
  assert(all.some((steps) => steps.length > 2 * model.config.blockSize));
});
