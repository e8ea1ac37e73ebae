// The drawing kit's marks, drawn into a context that is no canvas: they need a context and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lightCells, paintCells, paintGround } from "../../static/js/draw/cells.js";
import { hatchRectangle } from "../../static/js/draw/hatch.js";
import { paintColumnLabels, paintRowLabels } from "../../static/js/draw/labels.js";
import { colourOf, paintRamp, sequential } from "../../static/js/draw/ramp.js";
import { paintMatrix } from "../../static/js/exhibits/machine/attention.js";
import { Rows } from "../../static/js/state/decode.js";
import { WHOLE } from "../../static/js/state/patterns.js";

const RAMP = sequential("rgb(255, 255, 255)", "rgb(90, 20, 200)");
const TINT = { query: "blue", key: "red", gold: "gold", ink: "black", quiet: "grey", "gold-ground": "yellow" };
const ROWS = new Rows(Uint8Array.of(255, 100, 155, 5, 50, 200), 3, 3, true);
const GRID = { left: 0, top: 0, wide: 10, high: 10, rows: 3, columns: 3 };

/** A context that keeps what it is told: [method, colour, ...arguments]. */
function recording() {
  const told = [];
  const of = (name) => told.filter(([method]) => method === name);
  const context = new Proxy(
    { measureText: (text) => ({ width: 7 * text.length }), font: "" },
    {
      get: (known, name) =>
        name in known
          ? known[name]
          : (...values) => told.push([name, name === "stroke" ? known.strokeStyle : known.fillStyle, ...values]),
    },
  );
  return { context, of };
}

test("a causal matrix has a cell for each key that a query may read, and the ground is hatched elsewhere", () => {
  const { context, of } = recording();
  paintGround(context, GRID, ROWS, "white", "silver");
  assert.equal(of("clip").length, 1);
  assert.deepEqual(
    of("fillRect").map(([, colour, , , width]) => [colour, width]),
    [10.5, 20.5, 30.5].map((width) => ["white", width]),
  );
  paintCells(context, GRID, ROWS, RAMP, 255);
  const cells = of("fillRect").slice(3);
  assert.equal(cells.length, 6);
  assert.equal(cells[0][1], RAMP.css.at(-1));
});

test("the machine's matrix is drawn on the scale of its legend, from 0 to 100 %, whatever its largest value", () => {
  const { context, of } = recording();
  const part = (of_whole) => of_whole * WHOLE;
  const rows = new Rows(Uint16Array.from([1, 0.25, 0.75, 0.2, 0.3, 0.5], part), 3, 3, true);
  paintMatrix(context, { matrix: GRID }, rows, { sequential: RAMP });
  const faint = new Rows(Uint16Array.from([0.3, 0.3, 0.1, 0.2, 0.2, 0.2], part), 3, 3, true);
  paintMatrix(context, { matrix: GRID }, faint, { sequential: RAMP });
  assert.deepEqual(
    of("fillRect").map(([, colour]) => colour),
    [1, 0.25, 0.75, 0.2, 0.3, 0.5, 0.3, 0.3, 0.1, 0.2, 0.2, 0.2].map((value) => colourOf(RAMP, value)),
  );
});

test("what is no number stays empty, and a window leaves out what lies behind it", () => {
  const { context, of } = recording();
  paintCells(context, GRID, new Rows(Float32Array.of(1, Number.NaN, 1, 1, 1, 1), 3, 3, true, 2), RAMP, 1);
  assert.equal(of("fillRect").length, 4);
});

test("row, column and cell that are lit are outlined, each in the colour of its role", () => {
  const { context, of } = recording();
  lightCells(context, GRID, ROWS, { row: 1, column: 0, cell: { row: 1, column: 0 } }, TINT);
  assert.deepEqual(
    of("stroke").map(([, colour]) => colour),
    ["red", "blue", "gold"],
  );
  const [column, row] = of("roundRect").map(([, , ...box]) => box);
  assert.deepEqual(column.slice(0, 4), [-0.625, -0.625, 11.25, 31.25]);
  assert.deepEqual(row.slice(0, 4), [-0.75, 9.25, 21.5, 11.5]);
});

test("labels stand beside rows and below columns, shortened where they are long", () => {
  const labels = { count: 3, text: (index) => ["one", "two", "a long one"][index], isQuiet: (index) => index === 0 };
  const lit = { first: [2], ink: (index) => (index === 2 ? "blue" : null), selected: 2 };
  const { context, of } = recording();
  paintRowLabels(context, { x: 50, top: 0, pitch: 20, room: 40 }, labels, lit, TINT);
  assert.deepEqual(
    of("fillText").map(([, colour, text]) => [colour, text]),
    [
      ["blue", "a lo…"],
      ["grey", "one"],
      ["black", "two"],
    ],
  );
  paintColumnLabels(context, { left: 0, y: 80, pitch: 20, room: 90 }, labels, lit, TINT);
  assert.equal(of("rotate").length, 3);
});

test("hatching and ramps are drawn where they are put", () => {
  const { context, of } = recording();
  hatchRectangle(context, { x: 3, y: 4, width: 14, height: 7 }, "silver");
  assert.deepEqual(of("rect")[0].slice(2), [3, 4, 14, 7]);
  assert.equal(of("moveTo").length, of("lineTo").length);
  for (const [at, [, , x, y]] of of("moveTo").entries()) assert.equal(x + y, 7 * (at + 1));
  paintRamp(context, RAMP, 5, 6, 4, 8);
  assert.deepEqual(
    of("fillRect").map(([, , x, y]) => [x, y]),
    [5, 6, 7, 8].map((x) => [x, 6]),
  );
});
