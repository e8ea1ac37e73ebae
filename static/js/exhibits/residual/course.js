// The chosen token down the depths: its probability and its rank, beside the rows of the lens.

import { isTight } from "../../page/tight.js";

const ROW = { usual: 32, tight: 25 }; // px, as in residual.css
const INSET = 5;

export const rowHeight = () => (isTight() ? ROW.tight : ROW.usual);

/**
 * Draws the probability on a linear scale, the rank on a logarithmic one, 1 at the right. `former` are the depths of the
 * pinned state, whose probability is dotted, or null.
 */
export function paint(context, width, depths, vocabulary, former, tint) {
  const row = rowHeight();
  const x = (part) => INSET + part * (width - 2 * INSET);
  const y = (index) => row * (index + 0.5);
  context.fillStyle = tint.hairline;
  for (const part of [0, 0.5, 1]) context.fillRect(Math.round(x(part)), 0, 1, row * depths.length);
  const curve = (values, colour, lineWidth, radius) => {
    context.beginPath();
    values.forEach((value, index) => context.lineTo(x(value), y(index)));
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = lineWidth;
    context.stroke();
    values.forEach((value, index) => {
      context.beginPath();
      context.arc(x(value), y(index), radius, 0, 2 * Math.PI);
      context.fill();
    });
  };
  const probabilities = (of) => of.map(({ probability }) => probability);
  const ranks = depths.map(({ rank }) => 1 - Math.log(rank) / Math.log(vocabulary));
  curve(ranks, tint.residual, 1.25, 1.75);
  if (former) {
    context.setLineDash([1.5, 3]);
    curve(probabilities(former), tint.ink, 1.5, 0);
    context.setLineDash([]);
  }
  curve(probabilities(depths), tint.gold, 2, 3);
}
