// The atlas of a deep model stays within its place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { folded, heightOf, spot } from "../../static/js/exhibits/attention/fold.js";

const ROOM = 18; // for numbers, in front of the heads
const GAP = 5;

test("layers that do not fit side by side go on below, none over the edge", () => {
  for (const layers of [1, 6, 12, 13, 24, 30, 61, 126]) {
    for (const width of [160, 230, 420]) {
      const { across, size } = folded(layers, width);
      assert.ok(ROOM + across * (size + GAP) - GAP <= width, `${layers} layers in ${width} px`);
      assert.ok(size >= 12, "a head can be pressed");
      assert.ok(across >= 1 && across <= layers);
    }
  }
});

test("no two heads lie over each other, and the last ends where all of it does", () => {
  const fold = { heads: 9, ...folded(30, 230) };
  const corners = Array.from({ length: 30 * 9 }, (_, index) => spot(index % 30, Math.floor(index / 30), fold));
  assert.equal(new Set(corners.map(({ x, y }) => `${x} ${y}`)).size, 30 * 9);
  assert.equal(spot(29, 8, fold).y + fold.size, heightOf(30, fold));
});

test("where all fit they stand in one row, as wide as it allows", () => {
  assert.deepEqual(folded(6, 230), { across: 6, size: 31 });
  assert.deepEqual(folded(12, 230), { across: 12, size: 13 });
});
