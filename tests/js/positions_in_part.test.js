// What of the vectors of a long text is there says the same as all of them would.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attentions, byPair, pinnedShares } from "../../static/js/exhibits/positions/effect.js";
import { alike } from "../../static/js/exhibits/positions/beside.js";
import { compares, withVectors } from "../../static/js/exhibits/positions/roles.js";
import { fieldOf } from "../../static/js/exhibits/positions/schemes.js";

const TOKENS = 7;
const WIDE = 6; // two pairs of RoPE and two coordinates that are not turned
const [QUERY, KEY] = [4, 2];

const numbers = (count, seed) => Float32Array.from({ length: count }, (_, at) => Math.sin(seed + 1.7 * at));
const rowOf = (array, at, cols) => array.subarray(at * cols, (at + 1) * cols);
const dot = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0);
const near = (one, other) => one.forEach((value, at) => assert.ok(Math.abs(value - other[at]) < 1e-6, `number ${at}`));

const frameOf = (arrays, compared) => ({
  tokens: Array.from({ length: TOKENS }, (_, id) => ({ id })),
  positions: {
    scheme: "rope",
    compared,
    scores: { scale: 0.4, cap: null, causal: true, head: 0 },
    rope: { frequencies: [1, 0.1] },
  },
  arrays,
});

const all = { q: numbers(42, 1), k: numbers(42, 2), rot_q: numbers(42, 3), rot_k: numbers(42, 4) };
const whole = frameOf(all, null);
const part = frameOf(
  {
    ...Object.fromEntries(
      Object.entries(all).map(([name, array]) => [name, rowOf(array, name.endsWith("q") ? QUERY : KEY, WIDE)]),
    ),
    dots: Float32Array.from(
      ["", "rot_"].flatMap((name) =>
        Array.from({ length: TOKENS }, (_, key) =>
          dot(rowOf(all[`${name}q`], QUERY, WIDE), rowOf(all[`${name}k`], key, WIDE)),
        ),
      ),
    ),
  },
  { query: QUERY, key: KEY },
);

test("a row of attention, and a dot product by pair, are those of all vectors", () => {
  for (const way of ["without", "with"]) near(attentions(part, QUERY)[way], attentions(whole, QUERY)[way]);
  const [of_part, of_whole] = [part, whole].map((frame) => byPair(frame, QUERY, KEY));
  for (const way of ["before", "after"]) near(of_part[way], of_whole[way]);
  near([of_part.rest], [of_whole.rest]);
});

test("of a pinned state the row is shown that is there, and no other", () => {
  near(pinnedShares(whole, part, QUERY), attentions(whole, QUERY).with);
  assert.equal(pinnedShares(whole, part, QUERY + 1), null);
});

test("the two tokens are asked for by name, and looked at as they came", () => {
  const view = (query, frame) => ({ state: { query, key: null, hover: null }, frame });
  assert.equal(compares(view(QUERY, whole)), "");
  assert.equal(compares(view(QUERY, part)), `${QUERY}.end`);
  assert.equal(compares(view(null, { ...part, position: TOKENS - 1 })), "end.end");
  assert.deepEqual(withVectors({ frame: part }, { query: 6, key: 0, selected: 1 }), {
    query: QUERY,
    key: KEY,
    selected: 1,
  });
});

test("trained vectors in small say where they are blocks, and the compared ones are in full", () => {
  const [cols, block] = [5, 2];
  const table = numbers(TOKENS * cols, 5);
  const small = Float32Array.from({ length: 4 * 3 }, (_, at) => at / 10);
  const frame = {
    ...frameOf(
      {
        learned_small: small,
        learned_rows: Float32Array.of(...rowOf(table, QUERY, cols), ...rowOf(table, KEY, cols)),
        learned_alike: numbers(TOKENS, 6),
      },
      { query: QUERY, key: KEY },
    ),
  };
  frame.positions.learned = { source: "small", n_positions: 9, block };
  const field = fieldOf("learned", frame, 0);
  assert.deepEqual([field.rows, field.cols], [TOKENS, cols]);
  for (const at of [QUERY, KEY])
    for (let col = 0; col < cols; col++) assert.equal(field.value(at, col), table[at * cols + col]);
  assert.equal(field.value(6, 4), small[3 * 3 + 2]);
  assert.match(field.reads(6, 4), /dimensions 5 to 5 around it: 1.1/);
  assert.match(field.reads(1, 1), /dimensions 1 to 2 around it/);
  assert.match(field.reads(QUERY, 1), /^dimension 2: /);
  assert.equal(alike(field, QUERY, 3), frame.arrays.learned_alike[3]);
  assert.equal(alike(field, 3, QUERY), null);
});

test("the cosine of two sinusoids by the formula is that of their vectors", () => {
  const frame = frameOf({}, null);
  frame.positions.sinusoidal = { frequencies: [1, 0.1, 0.01], d_model: 6 };
  const { alike: _, ...field } = fieldOf("sinusoidal", frame, 0);
  for (const [one, other] of [
    [0, 0],
    [0, 6],
    [5, 2],
  ])
    assert.ok(Math.abs(alike(field, one, other) - alike(fieldOf("sinusoidal", frame, 0), one, other)) < 1e-12);
});

test("what is further away than the table of buckets goes is in its last", () => {
  const frame = frameOf({ t5_bias: Float32Array.of(-2, -1, 0, 1, 2), t5_buckets: Uint16Array.of(2, 1, 0, 3, 4) }, null);
  frame.positions.t5 = { source: "small", reach: 3, sees: "both" };
  const field = fieldOf("t5", frame, 0);
  assert.deepEqual(
    [6, 2, 1, 0].map((key) => field.value(1, key)),
    [2, 1, 0, -1],
  );
  assert.equal(field.value(6, 0), -2);
  assert.match(field.reads(6, 0), /bucket 2/);
});
