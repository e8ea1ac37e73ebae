// The atlas of a deep model stays within its place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { folded } from "../../static/js/exhibits/attention/atlas.js";

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

test("where all fit they stand in one row, as wide as it allows", () => {
  assert.deepEqual(folded(6, 230), { across: 6, size: 31 });
  assert.deepEqual(folded(12, 230), { across: 12, size: 13 });
});
