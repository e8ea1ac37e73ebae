// The pairs that one head compares as a text grows, by formula: as trained, and under the mask. Both axes are
// logarithmic, so that a straight line is a power of the length.

import { mono } from "../../draw/labels.js";
import { colours } from "../../draw/color.js";
import { fit } from "../../dom.js";
import { count } from "../../format.js";

const HEIGHT = 236;
const BYTES = 4; // of a score, as float32
const [LEFT, TOP, FOOT] = [44, 22, 30];
const RIGHT = 74; // for the names of the lines
const LABEL = 33; // px from one name to the next, at least

/** 8.4 M, 2 M, 16 k */
export function brief(value) {
  const [size, unit] = [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ].find(([least]) => value >= least) ?? [1, ""];
  const scaled = value / size;
  return `${scaled >= 9.95 || size === 1 ? Math.round(scaled) : Number(scaled.toFixed(1))}${unit && `\u00a0${unit}`}`;
}

/** What the longest text would take: the pairs, and the memory of one layer's scores. */
export function told(lengths, lines, { n_heads: heads }) {
  const [of, pairs] = [lines.of, lines.pairs ?? lines.of].map((values) => values.at(-1));
  const bytes = (number) => `${brief(number * heads * BYTES)}B`;
  const masked = pairs < of ? `; masked ${count(pairs)}, which fit in ${bytes(pairs)}` : "";
  const whole = `the scores of one layer’s ${heads} heads take ${bytes(of)} as float32`;
  return `At ${count(lengths.at(-1))} tokens: ${count(of)} pairs; ${whole}${masked}.`;
}

/** Draws it: `now` is the present text, {tokens, of, pairs}; `at_lengths` the formulas' values, `pairs` null if none. */
export function paint(canvas, width, { lengths, at_lengths: lines, now }) {
  const context = fit(canvas, width, HEIGHT);
  const tint = colours();
  const first = Math.min(lengths[0], 2 ** Math.floor(Math.log2(now.tokens)));
  const least = Math.max(1, Math.min(now.pairs, lines.pairs?.[0] ?? now.pairs, now.of));
  const decades = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(lines.of.at(-1)))];
  const scale = (low, high, from, to) => (value) =>
    from + ((Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (to - from);
  const x = scale(first, lengths.at(-1), LEFT, width - RIGHT);
  const y = scale(10 ** decades[0], 10 ** decades[1], HEIGHT - FOOT, TOP);
  context.font = mono(11);
  context.textBaseline = "middle";
  context.lineWidth = 1;
  for (let decade = decades[0]; decade <= decades[1]; decade++) {
    const at = Math.round(y(10 ** decade)) + 0.5;
    context.strokeStyle = tint.hairline;
    context.beginPath();
    context.moveTo(LEFT, at);
    context.lineTo(width - RIGHT, at);
    context.stroke();
    context.fillStyle = tint.quiet;
    context.textAlign = "right";
    if ((decades[1] - decade) % 2 === 0) context.fillText(brief(10 ** decade), LEFT - 7, at);
  }
  context.textAlign = "center";
  for (const length of [first, 256, lengths.at(-1)]) {
    context.fillStyle = tint.quiet;
    context.fillText(count(length), x(length), HEIGHT - FOOT + 14);
  }
  const line = (values, colour, name, label) => {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.beginPath();
    lengths.forEach((length, index) => context[index ? "lineTo" : "moveTo"](x(length), y(values[index])));
    context.stroke();
    context.textAlign = "left";
    context.font = "500 11.5px Inter, sans-serif";
    context.fillStyle = colour === tint.attention ? tint["attention-ink"] : tint.quiet;
    context.fillText(name, width - RIGHT + 7, label);
    context.font = mono(11);
    context.fillText(brief(values.at(-1)), width - RIGHT + 7, label + 15);
  };
  const same = lines.pairs?.every((value, index) => value === lines.of[index]);
  const top = y(lines.of.at(-1));
  line(lines.of, tint.residual, "as trained", top);
  if (lines.pairs && !same) line(lines.pairs, tint.attention, "masked", Math.max(top + LABEL, y(lines.pairs.at(-1))));
  const at = x(now.tokens);
  context.strokeStyle = tint.gold;
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(at, TOP);
  context.lineTo(at, HEIGHT - FOOT);
  context.stroke();
  context.setLineDash([]);
  for (const [value, colour] of [
    [now.of, tint.residual],
    [now.pairs, tint.attention],
  ]) {
    context.beginPath();
    context.arc(at, y(value), 4.5, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
    context.strokeStyle = tint.gold;
    context.lineWidth = 1.5;
    context.stroke();
  }
  context.textAlign = at > width / 2 ? "right" : "left";
  context.fillStyle = tint["gold-ink"];
  context.font = "500 11.5px Inter, sans-serif";
  context.fillText("this text", at + (at > width / 2 ? -7 : 7), TOP - 10);
}
