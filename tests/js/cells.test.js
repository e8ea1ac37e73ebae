// Which cells of a matrix a mask allows, from a frame and from paint.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cells, canvasOf, cellsOf } from "../../static/js/exhibits/masks/cells.js";
import { painted } from "../../static/js/state/mask_specification.js";

const state = (mask) => ({ interventions: mask ? { mask } : {} });
const rows = (cells) =>
  Array.from({ length: cells.size }, (_, query) =>
    Array.from({ length: cells.size }, (_, key) => (cells.at(query, key) ? 1 : 0)).join(""),
  );

test("a frame's cells are read bit by bit, from the highest on", () => {
  const frame = { tokens: ["a", "b", "c"], arrays: { allowed: Uint8Array.of(0b10101101, 0b10000000) } };
  assert.deepEqual(rows(cellsOf(null, frame, false)), ["101", "011", "011"]);
  assert.deepEqual(rows(cellsOf(null, frame, true)), ["100", "010", "011"]);
});

test("paint covers cells, reaches as far as it was painted, and leaves a token itself", () => {
  const cells = Uint8Array.of(1, 1, 1, 0);
  const frame = { tokens: ["a", "b", "c"], arrays: {} };
  assert.deepEqual(rows(cellsOf(painted({ size: 2, cells }), frame, false)), ["001", "011", "111"]);
  assert.deepEqual(rows(cellsOf(painted({ size: 2, cells }), frame, true)), ["100", "010", "111"]);
});

test("a layer with a window sees no further back", () => {
  const cells = new Cells(4, new Uint8Array(16).fill(1), true);
  assert.deepEqual(rows(cells.within(2)), ["1000", "1100", "0110", "0011"]);
  assert.deepEqual(rows(cells.within(null)), rows(cells));
});

test("a brush starts from what the mask forbids, and not from what the model does", () => {
  const allowed = Uint8Array.of(1, 0, 0, 1);
  assert.deepEqual(canvasOf(state(), new Cells(2, allowed, true)), { size: 2, cells: Uint8Array.of(0, 0, 1, 0) });
});

test("a brush keeps the paint of a longer text", () => {
  const before = { size: 3, cells: Uint8Array.of(0, 0, 0, 1, 0, 0, 1, 1, 0) };
  assert.deepEqual(canvasOf(state(painted(before)), new Cells(1, Uint8Array.of(1), true)), before);
});
