// What a chart writes along its axes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axes, box } from "../../static/js/draw/chart.js";

test("the numbers of both axes have the minus sign that stands everywhere else", () => {
  const written = [];
  const context = new Proxy({}, { get: (_, name) => (name === "fillText" ? (text) => written.push(text) : () => {}) });
  const chart = box(context, { hairline: "", quiet: "" }, { width: 100, height: 100 }, [-4, 4], [-1, 1]);
  axes(chart, { xTicks: [-4, 0], yTicks: [-0.5, 1], xName: "x", yName: "y" });
  assert.deepEqual(written, ["\u22120.5", "1", "\u22124", "0", "x", "y"]);
});
