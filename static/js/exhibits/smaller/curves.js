// What each way of making the model smaller costs on held-out text: bytes that are left, across, and the divergence, up.

import { setAttribute, setText } from "../../dom.js";
import { axes, box, dots, endLabels, stroke } from "../../draw/chart.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { logarithmic, ticks } from "../../draw/scale.js";
import { sans } from "../../draw/type.js";
import { fit, widthOf } from "../../page/canvas.js";
import { colours } from "../../page/theme.js";
import * as words from "./words.js";

const HEIGHT = 340;
const LEAST = 1e-4; // bits; what costs less is not drawn
const REACH = 14;
const MB = 1e6;
const LOOKS = {
  group: { hue: "gold" },
  row: { hue: "gold", dash: [5, 4] },
  zeroed: { hue: "value" },
  heads: { hue: "attention" },
  layers: { hue: "residual" },
};

/** The curves of a model by their ways. */
export function waysOf({ bits, zeroed, heads, layers }) {
  return { group: bits.group, row: bits.row, zeroed, heads: heads.points, layers: layers.points };
}

/** The lowest and the highest power of ten that the points lie between. */
export function decades(ways) {
  const values = Object.values(ways)
    .flat()
    .map(([, , kl]) => kl)
    .filter((kl) => kl >= LEAST);
  const [low, high] = [Math.min(...values, 0.1), Math.max(...values, 1)];
  return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high))];
}

/** `parts` removes heads and layers: parts.js. */
export function mountCurves(figure, store, parts) {
  const [canvas, hint, note] = ["canvas", "figcaption p", ".measured"].map((part) => figure.querySelector(part));
  let placed = []; // [{way, point, x, y}]
  let pointed = null;

  followPointer(
    canvas,
    (left, top) => {
      const away = ({ x, y }) => (x - left) ** 2 + (y - top) ** 2;
      const near = placed.filter((one) => away(one) < REACH ** 2);
      return near.reduce((best, one) => (best && away(best) <= away(one) ? best : one), null);
    },
    (found) => {
      if (found?.way === pointed?.way && found?.point[0] === pointed?.point[0]) return;
      pointed = found;
      canvas.style.cursor = found ? "pointer" : "";
      store.changed();
    },
    ({ way, point: [at] }) => {
      if (way === "heads" || way === "layers") parts.remove({ [way]: at });
      else store.set(way === "zeroed" ? { zeroed: at } : { bits: at, grain: way });
    },
  );

  const paint = once((smaller, width, lit, tint) => {
    const ways = waysOf(smaller.curves);
    const [low, high] = decades(ways);
    const isWide = width >= 640;
    const most = smaller.bytes.before / MB;
    const size = { width, height: HEIGHT };
    const room = { left: 52, right: isWide ? 178 : 70, top: 14, bottom: 40 };
    const chart = box(fit(canvas, width, HEIGHT), tint, size, [most, 0], [low, high], room, logarithmic);
    const yTicks = [];
    for (let tick = low; tick <= high * 1.01; tick *= 10) yTicks.push(Number(tick.toPrecision(1)));
    axes(chart, { xTicks: ticks(0, most, 5), yTicks, xName: words.BYTES, yName: words.KL, say: (tick) => `${tick}` });
    placed = [];
    const ends = [];
    for (const [way, points] of Object.entries(ways)) {
      const drawn = points.filter(([, , kl]) => kl >= LEAST).map((point) => [point[1] / MB, point[2], point]);
      if (!drawn.length) continue;
      const colour = tint[LOOKS[way].hue];
      stroke(chart, drawn, colour, 2, LOOKS[way].dash);
      dots(chart, drawn, colour, 3.2);
      for (const [bytes, kl, point] of drawn) placed.push({ way, point, x: chart.x(bytes), y: chart.y(kl) });
      const [bytes, kl] = drawn.at(-1);
      const text = (isWide ? words.WAYS : words.WAYS_SHORT)[way];
      const end = { text, x: chart.x(bytes), y: chart.y(kl), colour, ink: tint.ink };
      if (bytes < most / 2) ends.push(end);
      else beside(chart.context, end);
    }
    endLabels(chart.context, chart.right + (isWide ? 14 : 8), ends, chart.top + 6, chart.bottom - 6, 16);
    if (smaller.text.bits >= low) ring(chart, smaller.bytes.after / MB, Math.min(high, smaller.text.bits), tint.ink, 7);
    if (lit) ring(chart, lit.point[1] / MB, lit.point[2], tint.key, 6);
  });

  return function draw({ smaller, model }) {
    const { curves } = smaller;
    canvas.hidden = curves === null;
    setText(note, curves ? words.heldOut(curves.predictions) : words.unmeasured(model));
    if (!curves) return setText(hint, "");
    setText(hint, pointed ? words.point(pointed.way, pointed.point) : words.POINT_CURVE);
    const least = Object.entries(waysOf(curves)).map(([way, points]) => words.point(way, points.at(-1)));
    setAttribute(canvas, "aria-label", words.curvesSaid(curves.predictions, least));
    const width = widthOf(figure);
    if (width) paint(smaller, width, pointed, colours());
  };
}

/** The label of a line that ends far from the right, over its end. */
function beside(context, { text, x, y, ink }) {
  context.font = sans(11.5, 550);
  context.fillStyle = ink;
  context.textAlign = "center";
  context.fillText(text, x, y - 9);
}

function ring({ context, x, y }, at, value, colour, radius) {
  context.beginPath();
  context.arc(x(at), y(value), radius, 0, 2 * Math.PI);
  context.strokeStyle = colour;
  context.lineWidth = 2.5;
  context.stroke();
}
