// The losses as bars: a column for each entry that stands in the row, a bar where one was to be predicted.

import { axes, box, stroke } from "../../draw/chart.js";
import { fitted, paintColumnLabels } from "../../draw/labels.js";
import { ticks } from "../../draw/scale.js";
import { mono, sans } from "../../draw/type.js";
import * as words from "./words.js";

export const HEIGHT = 250;
const ROOM = { left: 40, right: 14, top: 22, bottom: 72 };
const [ABREAST, GAP_FROM] = [60, 5]; // px of a column whose name has room beside others, and that has a gap beside it
const NAME_FROM = 62; // px, where the middle of a name stands at the least

/** Where the columns stand: `at(x)` is the one under a point, or null. */
export function placed(width, n) {
  const pitch = (width - ROOM.left - ROOM.right) / Math.max(1, n);
  const at = (x) => {
    const column = Math.floor((x - ROOM.left) / pitch);
    return column >= 0 && column < n ? column : null;
  };
  return { width, n, pitch, left: ROOM.left, at };
}

/** How high the chart reaches: at least to the loss of who guesses blindly, so that it stands still while one types. */
export const highest = (nats, blind) => nats.reduce((most, one) => Math.max(most, one), blind * 1.04);

/**
 * `named` is what stands above a bar, or null; `inks(column)` the colour of a column's label, or null; `chosen` and
 * `pointed` are targets, or null.
 */
export function paint(context, tint, place, { nats, targets, mean, blind }, { labels, named, inks, chosen, pointed }) {
  const { width, n, pitch } = place;
  const ys = /** @type {[number, number]} */ ([0, highest(nats, blind)]);
  const chart = box(context, tint, { width, height: HEIGHT }, [0, n], ys, ROOM);
  axes(chart, { xTicks: [], yTicks: ticks(...ys, 4), xName: "", yName: "" });
  context.font = sans(11);
  context.fillStyle = tint.quiet;
  context.textAlign = "left";
  context.fillText(words.NATS, 2, 12);
  targets.forEach(({ at }, index) => {
    const gap = pitch > GAP_FROM ? Math.min(6, pitch * 0.22) : 0;
    const [x, y] = [place.left + at * pitch + gap / 2, chart.y(nats[index])];
    context.fillStyle = index === chosen ? tint.gold : tint.residual;
    context.globalAlpha = index === chosen || index === pointed ? 1 : 0.6;
    context.fillRect(x, y, Math.max(1, pitch - gap), chart.bottom - y);
    context.globalAlpha = 1;
    const lift = pitch < ABREAST && index % 2 ? 14 : 0; // every other name stands higher where there is little room
    if (named) name(context, tint, named(index), x + (pitch - gap) / 2, y - 6 - lift, index === chosen);
  });
  level(chart, blind, words.blind(blind), tint.quiet, [2, 3], "left");
  if (mean !== null) level(chart, mean, words.meanLevel(mean), tint["attention-ink"], [5, 4], "right");
  const lit = [chosen, pointed].filter((one) => one !== null).map((one) => targets[one].at);
  const said = { first: lit, ink: inks, selected: chosen === null ? null : targets[chosen].at };
  const foot = { left: place.left, y: chart.bottom + 8, pitch, room: 66 };
  paintColumnLabels(context, foot, labels, said, tint);
}

function name(context, tint, text, x, y, isChosen) {
  context.font = mono(11, isChosen ? 700 : 450);
  context.fillStyle = isChosen ? tint["gold-ink"] : tint.ink;
  context.textAlign = "center";
  context.fillText(fitted(context, text, 90), Math.max(x, NAME_FROM), y);
  context.textAlign = "left";
}

/** A level line with its words at one end, on the ground of the page so that bars do not cross them. */
function level(chart, value, said, colour, dash, end) {
  const { context, tint, left, right, y } = chart;
  const height = Math.round(y(value)) + 0.5;
  context.beginPath();
  context.moveTo(left, height);
  context.lineTo(right, height);
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
  context.font = sans(11, 550);
  const wide = context.measureText(said).width;
  const x = end === "left" ? left : right - wide - 8;
  context.fillStyle = tint.paper;
  context.fillRect(x, height - 15, wide + 8, 13);
  context.fillStyle = colour;
  context.textAlign = "left";
  context.fillText(said, x + 4, height - 5);
}

const [BINS_HEIGHT, A_DECADE] = [170, 4];
export { BINS_HEIGHT };

/** How many magnitudes of a gradient lie where, by powers of ten; what a format rounds to zero lies on grey. */
export function paintBins(context, tint, width, bins, { lowest, floors }) {
  const most = Math.max(1, ...bins);
  const xs = /** @type {[number, number]} */ ([lowest, lowest + bins.length / A_DECADE]);
  const size = { width, height: BINS_HEIGHT };
  const chart = box(context, tint, size, xs, [0, most], { left: 46, right: 12, top: 30 });
  context.fillStyle = tint.masked;
  context.fillRect(chart.left, chart.top, chart.x(floors[0].at) - chart.left, chart.bottom - chart.top);
  const powers = [-12, -9, -6, -3, 0].map((power) => ({ at: power, label: words.power(power) }));
  axes(chart, { xTicks: powers, yTicks: ticks(0, most, 3), xName: words.SIZE, yName: words.ENTRIES });
  const wide = (chart.right - chart.left) / bins.length;
  context.fillStyle = tint.residual;
  bins.forEach((count, index) => {
    const y = chart.y(count);
    if (count) context.fillRect(chart.left + index * wide + 0.5, y, Math.max(1, wide - 1), chart.bottom - y);
  });
  for (const { at, said, colour, up } of floors) {
    stroke(
      chart,
      [
        [at, 0],
        [at, most],
      ],
      tint[colour],
      1.5,
      [4, 3],
    );
    context.font = sans(11, 550);
    context.fillStyle = tint[`${colour}-ink`] ?? tint[colour];
    context.textAlign = "left";
    context.fillText(said, chart.x(at) + 4, chart.top - (up ? 18 : 5));
  }
}
