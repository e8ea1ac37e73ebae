// Which parts of a model go when so many are to go, what shares a scale with a weight, and how sizes are written.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isWithin, ordered, removedOf } from "../../static/js/exhibits/smaller/order.js";
import * as words from "../../static/js/exhibits/smaller/words.js";

const part = (kind, layer, head, kl_bits) => ({ kind, layer, head, kl_bits });
const COSTS = [
  part("encoder", 0, 0, 0.3),
  part("decoder", 1, 0, 0.1),
  part("cross", 1, 1, 0.2),
  part("decoder", 0, 1, 0.05),
  part("encoder", 0, null, 2),
  part("decoder", 1, null, 1),
];

test("what costs least goes first", () => {
  const { heads, layers } = ordered(COSTS);
  assert.deepEqual(
    heads.map(({ kl_bits }) => kl_bits),
    [0.05, 0.1, 0.2, 0.3],
  );
  assert.deepEqual(
    layers.map(({ kind }) => kind),
    ["decoder", "encoder"],
  );
});

test("a head that goes with its layer is not counted, and one that looks across goes with the decoder", () => {
  const gone = removedOf(ordered(COSTS), { heads: 2, layers: 1 });
  assert.deepEqual(
    gone.layers.map(({ kind, layer }) => [kind, layer]),
    [["decoder", 1]],
  );
  assert.deepEqual(
    gone.heads.map(({ kind, layer }) => [kind, layer]),
    [
      ["decoder", 0],
      ["encoder", 0],
    ],
  );
  assert.equal(isWithin({ kind: "cross", layer: 1 }, gone.layers), true);
  assert.equal(isWithin({ kind: "encoder", layer: 1 }, gone.layers), false);
});

test("no more go than there are", () => {
  const gone = removedOf(ordered(COSTS), { heads: 99, layers: 99 });
  assert.equal(gone.layers.length, 2);
  assert.equal(gone.heads.length, 1);
});

test("sizes and divergences are written with their units", () => {
  assert.equal(words.size(9_844_608), "9.84\u00a0MB");
  assert.equal(words.size(412_300), "412\u00a0kB");
  assert.equal(words.bits(0), "0.000\u00a0bits");
  assert.equal(words.bits(0.0423), "0.042\u00a0bits");
  assert.equal(words.bits(0.0000312), "3.1 · 10⁻⁵\u00a0bits");
});

test("a removed part is named with its stack", () => {
  assert.equal(words.partName(part("cross", 1, 2, 0)), "head 3 of cross layer 2");
  assert.equal(words.partName(part("text", 3, null, 0)), "layer 4");
});

test("a text that loses nothing is told so", () => {
  const told = { bits: 0, most: 0, token: null, same: 5, places: 5 };
  assert.equal(words.overText(told), "At all 5 places of the text both say the very same.");
});
