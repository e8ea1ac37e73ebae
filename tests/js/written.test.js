// The words that a T5 wrote, below the trio's staves, and what is said behind them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { writtenBoxes } from "../../static/js/exhibits/trio/axis.js";

const context = { font: "", measureText: (text) => ({ width: 6 * text.length }) };
const t5 = (n, ended) => ({ written: Array.from({ length: n }, () => ({ text: " rain" })), ended, limit: 16 });

test("what says where it was stopped counts as a part of what was written, so that it is never cut off", () => {
  const [done, stopped] = [true, false].map((ended) => writtenBoxes(context, t5(16, ended), 100, 2000));
  assert.deepEqual(stopped.boxes, done.boxes);
  assert.ok(stopped.end > done.end + 100);
  const close = writtenBoxes(context, t5(16, false), 100, stopped.end - 1);
  assert.equal(close.boxes[0].x, 0, "where it does not fit behind the text's beginning, all of it begins further left");
  assert.equal(close.end, stopped.end - 100);
});

test("of nothing that was written nothing is said", () => {
  assert.deepEqual(writtenBoxes(context, t5(0, false), 100, 500), { boxes: [], end: 0 });
});
