// The pairs that one head compares as a text grows, by formula: as trained, and under the mask. Both axes are
// logarithmic, so that a straight line is a power of the length.

import { logarithmic } from "../../draw/scale.js";
import { mono, sans } from "../../draw/type.js";
import { count } from "../../format.js";
import * as words from "./words.js";

export const HEIGHT = 236;
const [LEFT, TOP, FOOT] = [44, 22, 30];
const RIGHT = 74; // for the names of the lines
const LABEL = 33; // px from one name to the next, at least

/** Draws it: `now` is the present text, {tokens, of, pairs}; `at_lengths` the formulas' values, `pairs` null if none. */
export function paint(context, width, { lengths, at_lengths: lines, now }, tint) {
  const first = Math.min(lengths[0], 2 ** Math.floor(Math.log2(now.tokens)));
  const least = Math.max(1, Math.min(now.pairs, lines.pairs?.[0] ?? now.pairs, now.of));
  const decades = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(lines.of.at(-1)))];
  const x = logarithmic([first, lengths.at(-1)], [LEFT, width - RIGHT]);
  const y = logarithmic([10 ** decades[0], 10 ** decades[1]], [HEIGHT - FOOT, TOP]);
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
    if ((decades[1] - decade) % 2 === 0) context.fillText(words.brief(10 ** decade), LEFT - 7, at);
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
    context.font = sans(11.5, 500);
    context.fillStyle = colour === tint.attention ? tint["attention-ink"] : tint.quiet;
    context.fillText(name, width - RIGHT + 7, label);
    context.font = mono(11);
    context.fillText(words.brief(values.at(-1)), width - RIGHT + 7, label + 15);
  };
  const same = lines.pairs?.every((value, index) => value === lines.of[index]);
  const top = y(lines.of.at(-1));
  line(lines.of, tint.residual, words.TRAINED, top);
  if (lines.pairs && !same)
    line(lines.pairs, tint.attention, words.MASKED, Math.max(top + LABEL, y(lines.pairs.at(-1))));
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
  context.font = sans(11.5, 500);
  context.fillText(words.THIS_TEXT, at + (at > width / 2 ? -7 : 7), TOP - 10);
}
