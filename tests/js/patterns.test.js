// Attention patterns come in steps, rounded down: what is printed of a step is what its probability would be printed as.

import assert from "node:assert/strict";
import { test } from "node:test";
import { difference } from "../../static/js/exhibits/attention/since.js";
import { before } from "../../static/js/exhibits/masks/loss.js";
import { Cells } from "../../static/js/exhibits/masks/cells.js";
import { maskStep } from "../../static/js/exhibits/machine/words.js";
import { percent, wholePercent } from "../../static/js/format.js";
import { Pattern } from "../../static/js/state/decode.js";
import { probability, strongestKey, WHOLE } from "../../static/js/state/patterns.js";

const steps = (p) => Math.min(WHOLE, Math.floor(WHOLE * p));

test("every step prints as what was rounded down to it, near its lower end, in its middle and near its upper end", () => {
  for (let step = 1; step < WHOLE; step++) {
    for (const within of [0.001, 0.5, 0.999]) {
      const p = (step + within) / WHOLE;
      assert.equal(steps(p), step);
      assert.equal(percent(probability(step)), percent(p));
      assert.equal(wholePercent(probability(step)), wholePercent(p));
    }
  }
});

test("nothing and everything print as such", () => {
  assert.deepEqual([0, WHOLE].map(probability), [0, 1]);
  assert.equal(percent(probability(steps(0.512))), "51.2\u00a0%");
  assert.equal(wholePercent(probability(steps(0.1245))), "12\u00a0%");
  assert.equal(wholePercent(probability(steps(0.0099))), "<\u00a01\u00a0%");
});

test("the token that is read most is no special one, however much that one is read", () => {
  const rows = new Pattern(Uint16Array.of(WHOLE - 5, 5, 0), [1, 1, 1, 3], false).head(0, 0);
  const keys = [{ special: true }, { special: false }, { special: false }];
  assert.equal(strongestKey(rows, 0, keys, false), 1);
});

test("where nothing has changed there is no change, and a step that rounding brings is none", () => {
  const pattern = (...values) => new Pattern(Uint16Array.from(values), [1, 1, 2, 2], false);
  const changes = difference(pattern(600, 100, 7, 8), pattern(601, 99, 9, 8), () => true);
  assert.deepEqual([...changes.values], [0, 0, -2, 0]);
  const other = difference(pattern(600, 100, 7, 8), pattern(1, 1, 1, 1), (query) => query === 0);
  assert.deepEqual([...other.values], [599, 99, Number.NaN, Number.NaN]);
});

test("a mask parts the attention that the server sends", () => {
  const pattern_head = new Pattern(Uint16Array.of(WHOLE, 300, 400), [1, 1, 2, 2], true);
  const cells = new Cells(2, Uint8Array.of(1, 0, 0, 1), true);
  const { rows, parted } = before({ pattern_head });
  assert.equal(rows.at(1, 0), 300);
  const { kept, struck, largest } = parted(cells);
  assert.deepEqual([kept.at(1, 1), struck.at(1, 0), largest], [400, 300, WHOLE]);
  assert.ok(Number.isNaN(kept.at(1, 0)) && Number.isNaN(struck.at(1, 1)));
});

test("the machine's card says what the mask says of the cell: whose ever it is", () => {
  assert.equal(maskStep(true, true), "may attend");
  assert.equal(maskStep(true, false), "none");
  for (const masked of [true, false]) assert.equal(maskStep(false, masked), "not allowed");
});
