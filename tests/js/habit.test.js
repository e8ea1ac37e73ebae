// What a head is said to do: as the server measured it, and nothing where it does no one thing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { habitOf } from "../../static/js/exhibits/attention/habit.js";
import { headHint } from "../../static/js/exhibits/attention/words.js";

const FRAME = {
  habits: ["before", "itself", "first"],
  arrays: { habits: Float32Array.of(0.75, 0.125, 0, 0.25, 0.625, 0.375, 0, 0.25, 0.5) }, // three heads
};

test("a head is called by the place that most of its reading is at, from half of it on", () => {
  assert.deepEqual(habitOf(FRAME, 0), { place: "before", share: 0.75 });
  assert.deepEqual(habitOf(FRAME, 1), { place: "itself", share: 0.625 });
  assert.deepEqual(habitOf(FRAME, 2), { place: "first", share: 0.5 });
  assert.equal(habitOf({ habits: ["first"], arrays: { habits: Float32Array.of(0.25) } }, 0), null);
});

test("what it does stands beside its share of the cell, which may be on its way", () => {
  assert.equal(
    headHint(2, 3, 0.62, { place: "before", share: 0.78 }),
    "layer 3, head 4: 62\u00a0% of the cell; mostly reads the token before (78\u00a0%)",
  );
  assert.equal(headHint(2, 3, 0.62, null), "layer 3, head 4: 62\u00a0% of the cell; reads here and there");
  assert.equal(headHint(2, 3, null, null), "layer 3, head 4: … of the cell; reads here and there");
});
