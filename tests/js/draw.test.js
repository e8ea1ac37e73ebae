// The drawing kit, as far as it is arithmetic.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cellAt, cellSize } from "../../static/js/draw/cells.js";
import { cellAfter, indexAfter } from "../../static/js/draw/gridkeys.js";
import { apart, chosen, stepFor } from "../../static/js/draw/labels.js";
import { once } from "../../static/js/draw/once.js";
import { belowZero, colourOf, diverging, fading, gainOf, sequential } from "../../static/js/draw/ramp.js";
import { largestOf, paintValues, rasterize } from "../../static/js/draw/raster.js";
import { linear, logarithmic, ticks } from "../../static/js/draw/scale.js";
import { between } from "../../static/js/draw/tween.js";
import { Rows } from "../../static/js/state/decode.js";

test("what is made once is made again only of other values", () => {
  const made = [];
  const make = once((...values) => made.push(values));
  const frame = {};
  assert.equal(make(frame, Number.NaN), 1);
  assert.equal(make(frame, Number.NaN), 1);
  assert.equal(make({}, Number.NaN), 2);
  assert.equal(make(frame, 0), 3);
  assert.equal(made.length, 3);
});

test("a key leads to the next cell of a grid and stops at its edges", () => {
  const grid = { rows: 3, columns: 4 };
  assert.deepEqual(cellAfter("ArrowDown", { row: 1, column: 2 }, grid), { row: 2, column: 2 });
  assert.deepEqual(cellAfter("ArrowDown", { row: 2, column: 2 }, grid), { row: 2, column: 2 });
  assert.deepEqual(cellAfter("ArrowLeft", { row: 1, column: 0 }, grid), { row: 1, column: 0 });
  assert.deepEqual(cellAfter("Home", { row: 1, column: 2 }, grid), { row: 1, column: 0 });
  assert.deepEqual(cellAfter("End", { row: 1, column: 2 }, grid), { row: 1, column: 3 });
  assert.deepEqual(cellAfter("Home", { row: 1, column: 2 }, grid, true), { row: 0, column: 0 });
  assert.deepEqual(cellAfter("End", { row: 1, column: 2 }, grid, true), { row: 2, column: 3 });
  assert.equal(cellAfter("a", { row: 1, column: 2 }, grid), null);
});

test("a key leads along a line", () => {
  assert.equal(indexAfter("ArrowUp", 2, 5), 1);
  assert.equal(indexAfter("ArrowRight", 4, 5), 4);
  assert.equal(indexAfter("End", 0, 5), 4);
  assert.equal(indexAfter("Home", 3, 5), 0);
  assert.equal(indexAfter("Enter", 3, 5), null);
});

test("a point is in the cell that it lies in, and in none outside", () => {
  const grid = { left: 10, top: 20, wide: 5, high: 4, rows: 3, columns: 2 };
  assert.deepEqual(cellAt(grid, 10, 20), { row: 0, column: 0 });
  assert.deepEqual(cellAt(grid, 19.9, 31.9), { row: 2, column: 1 });
  for (const [x, y] of [
    [9.9, 20],
    [20, 20],
    [10, 19.9],
    [10, 32],
  ])
    assert.equal(cellAt(grid, x, y), null);
});

test("cells have whole sizes as long as they are large", () => {
  assert.equal(cellSize(100, 3, 40), 33);
  assert.equal(cellSize(100, 1, 40), 40);
  assert.equal(cellSize(100, 64, 40), 100 / 64);
});

test("labels that are lit are drawn, and their neighbours make way", () => {
  assert.equal(stepFor(6.5), 2);
  assert.deepEqual(chosen(6, 2, [3, null, 9]), [3, 0]);
  assert.deepEqual(chosen(3, 1, []), [0, 1, 2]);
});

test("a ramp goes from its ground to its deepest colour, with zero apart from the ground", () => {
  const ramp = sequential("rgb(255, 255, 255)", "rgb(10, 20, 30)");
  assert.equal(ramp.css.length, 256);
  assert.equal(ramp.css.at(-1), "rgb(10,20,30)");
  assert.notEqual(ramp.css[0], "rgb(255,255,255)");
  assert.equal(ramp.packed.at(-1), ((255 << 24) | (30 << 16) | (20 << 8) | 10) >>> 0);
  assert.equal(gainOf(ramp, 51), 5);
});

test("a diverging ramp has its ground in the middle and an end for each sign", () => {
  const ramp = diverging("rgb(255, 255, 255)", "rgb(200, 0, 0)", "rgb(0, 0, 200)");
  assert.equal(colourOf(ramp, 0), "rgb(255,255,255)");
  assert.equal(colourOf(ramp, -1), "rgb(200,0,0)");
  assert.equal(colourOf(ramp, 7), "rgb(0,0,200)");
});

test("a fading ramp keeps its colour and gains in opacity", () => {
  const ramp = fading("rgb(1, 2, 3)", 0.25);
  assert.equal(ramp.css[0], "rgba(1,2,3,0.25)");
  assert.equal(ramp.css.at(-1), "rgb(1,2,3)");
  assert.equal(ramp.packed[0] >>> 24, 64);
});

/** The steps of a ramp that stand in a picture; -1 where nothing was painted. */
function painted(rows, width, height) {
  const ramp = {
    css: Array.from({ length: 256 }),
    packed: Uint32Array.from({ length: 256 }, (_, i) => i + 1),
    zero: 0,
  };
  const pixels = new Uint32Array(width * height);
  rasterize(rows, ramp, 255, pixels, width, 0, 0, width, height);
  return Array.from(pixels, (pixel) => pixel - 1);
}

test("a pixel shows the largest of the values that it covers, and none of those that may not be read", () => {
  const whole = new Rows(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3, 3, false);
  assert.deepEqual(painted(whole, 1, 1), [9]);
  const causal = new Rows(Uint8Array.of(1, 4, 5, 7, 8, 9), 3, 3, true);
  assert.deepEqual(painted(causal, 3, 3), [1, -1, -1, 4, 5, -1, 7, 8, 9]);
  const windowed = new Rows(Uint8Array.of(1, 4, 5, 7, 8, 9), 3, 3, true, 2);
  assert.deepEqual(painted(windowed, 3, 3), [1, -1, -1, 4, 5, -1, -1, 8, 9]);
  const unknown = new Rows(Float32Array.of(Number.NaN, 2, 3, 4), 2, 2, false);
  assert.deepEqual(painted(unknown, 2, 2), [-1, 2, 3, 4]);
});

test("in small, a row stands for a block of tokens, and the last for what is left of them", () => {
  const tokens = { queries: 5, keys: 5 };
  const small = new Rows(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3, 3, false, null, tokens, 2);
  assert.deepEqual(painted(small, 5, 1).join(), "7,7,8,8,9");
  assert.deepEqual(painted(small, 1, 5).join(), "3,3,6,6,9");
  assert.deepEqual(painted(small, 1, 1), [9]);
});

test("in small, a window reaches as far as one of the tokens of a row may look", () => {
  const tokens = { queries: 8, keys: 8 };
  const windowed = new Rows(new Uint8Array(10), 4, 4, true, 3, tokens, 2);
  assert.deepEqual([windowed.first(3), windowed.allows(3, 1), windowed.allows(3, 0)], [1, true, false]);
});

test("the largest value is that of either sign", () => {
  assert.equal(largestOf({ values: Float32Array.of(1, -5, Number.NaN, 2) }), 5);
});

test("scales put values in proportion, or their logarithms", () => {
  assert.equal(linear([0, 10], [100, 200])(2.5), 125);
  assert.equal(linear([0, 10], [200, 100])(2.5), 175);
  assert.ok(Math.abs(logarithmic([1, 100], [0, 1])(10) - 0.5) < 1e-12);
  assert.deepEqual(ticks(0, 1), [0, 0.5, 1]);
  assert.deepEqual(ticks(-3, 7, 5), [-2, 0, 2, 4, 6]);
});

test("values slide to new ones, and a new column starts at its value", () => {
  const [from, target] = [Float32Array.of(0, 10), Float32Array.of(8, 8, 5, 18, 8, 5)];
  assert.equal(between(from, 1, target, 3, 1), target);
  assert.deepEqual(Array.from(between(from, 1, target, 3, 0)), [0, 8, 5, 10, 8, 5]);
  assert.deepEqual(Array.from(between(from, 1, target, 3, 0.5)), [7, 8, 5, 17, 8, 5]);
  assert.equal(between(Float32Array.of(1, 2, 3), 3, target, 3, 0), target);
});

test("places along a line move apart, and stay between its ends", () => {
  assert.deepEqual(apart([0, 2, 40], 10, 5, 100), [5, 15, 40]);
  assert.deepEqual(apart([80, 95, 96], 10, 0, 100), [80, 90, 100]);
});

test("numbers become pixels of their ramp, and null stays empty", () => {
  const ramp = diverging("rgb(255, 255, 255)", "rgb(0, 0, 255)", "rgb(255, 0, 0)");
  const pixels = new Uint32Array(4);
  const numbers = [-2, 0, 2, null];
  paintValues(pixels, 2, 2, (row, column) => numbers[2 * row + column], ramp, 2);
  assert.deepEqual([...pixels], [ramp.packed[0], ramp.packed[ramp.zero], ramp.packed.at(-1), 0]);
});

test("the half of a ramp below zero ends at zero", () => {
  const ramp = diverging("rgb(255, 255, 255)", "rgb(0, 0, 255)", "rgb(255, 0, 0)");
  const half = belowZero(ramp);
  assert.equal(half.css.at(-1), ramp.css[ramp.zero]);
  assert.equal(half.css[0], ramp.css[0]);
});
