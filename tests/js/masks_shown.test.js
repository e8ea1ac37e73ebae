// What of a long text stands in the picture of a mask, and that paint, brush and numbers know where it begins.

import assert from "node:assert/strict";
import { test } from "node:test";
import { canvasOf, cellsOf } from "../../static/js/exhibits/masks/cells.js";
import { heard } from "../../static/js/exhibits/masks/cone.js";
import { lossOf } from "../../static/js/exhibits/masks/loss.js";
import { isLong, shownIn } from "../../static/js/exhibits/masks/shown.js";
import { painted } from "../../static/js/state/mask_specification.js";

const long = (first, end, tokens, arrays = {}) => ({
  tokens: Array.from({ length: tokens }, () => "a"),
  masks: { shown: [first, end] },
  arrays,
});

test("a token has a row where it is shown, and a row is of a token", () => {
  const shown = shownIn(long(10, 14, 30));
  assert.deepEqual(
    [9, 10, 13, 14, null, undefined].map((token) => shown.row(token)),
    [null, 0, 3, null, null, null],
  );
  assert.equal(shown.token(3), 13);
  assert.deepEqual(shown.rows({ query: 12, key: 3 }), { query: 2, key: null, token: null });
  assert.deepEqual(shown.rows(null), { query: null, key: null, token: null });
  assert.deepEqual(shown.onText({ query: 2, key: 0 }), { query: 12, key: 10 });
  assert.deepEqual(shown.onText({ row: 1 }), { row: 11 });
  assert.equal(shown.onText(null), null);
  assert.deepEqual(shown.span, [10, 14]);
});

test("of a short text all is shown", () => {
  const frame = { tokens: ["a", "b", "c"], masks: {} };
  assert.deepEqual([shownIn(frame).first, shownIn(frame).size, isLong(frame)], [0, 3, false]);
  assert.ok(isLong(long(0, 2, 9)));
});

test("paint lies where it was painted, whatever part of the text is shown", () => {
  const mask = painted({ size: 3, cells: Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1) });
  const cells = (causal) => {
    const made = cellsOf(mask, long(1, 4, 6), causal);
    return [0, 1, 2].map((query) => [0, 1, 2].map((key) => (made.at(query, key) ? 1 : 0)).join(""));
  };
  assert.deepEqual(cells(true), ["100", "010", "111"], "the third token is left nothing, and reads itself");
  assert.deepEqual(cells(false), ["111", "001", "111"]);
});

test("a brush begins with nothing forbidden where the text's first token is not shown", () => {
  const allowed = Uint8Array.of(0b10011000, 0); // each of three sees itself and the one before
  const cells = cellsOf(null, long(1, 4, 6, { allowed }), true);
  assert.ok(canvasOf({ interventions: {} }, cells, 0).cells.includes(1));
  assert.ok(!canvasOf({ interventions: {} }, cells, 1).cells.includes(1));
});

test("what a long text's heads lose and how far it is heard are read as the server has counted them", () => {
  const lost_mean = Float32Array.of(0.25, 0.75, 0, 1);
  const frame = long(5, 7, 9, {
    lost: Float32Array.of(0.5, 0.125),
    lost_mean,
    heard: Uint16Array.of(1, 4, 6, 1, 5, 7),
  });
  const { row, part, whole } = lossOf(frame, { n_heads: 2 });
  assert.deepEqual([row(0, 1, 1), part(0, 1), part(0, null), part(1, null), whole], [0.125, 0.75, 0.5, 0.5, 0.5]);
  assert.deepEqual(heard(frame, 1, 2), [1, 5, 7]);
});
