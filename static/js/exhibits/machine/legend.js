// How to read the drawing: the scales of thickness, tone and width, drawn with the same code as what they explain.

import { paintRamp } from "../../draw/ramp.js";
import { PIPE } from "./block.js";
import { half } from "./stream.js";

const LEFT = 38;
const WIDTH = 62;

const DOWN = { low: [0, 36, 70, 107], high: [0, 40, 78, 118] }; // px from the first scale to each

/** Where the scales stand: from `x` to `end`, and y of each one's middle. */
export function legendPlace({ scales, isLow }) {
  const [lane, embed, pattern, pipe] = DOWN[isLow ? "low" : "high"].map((down) => scales + down);
  return { x: LEFT, width: WIDTH, end: LEFT + WIDTH + 6, lane, embed, pattern, pipe };
}

/** A wedge from nothing to `halfOf(1)` on both sides. */
function wedge(context, { x, width }, y, halfOf, colour, alpha) {
  context.beginPath();
  for (let i = 0; i <= 40; i++) context.lineTo(x + (width * i) / 40, y - halfOf(i / 40));
  for (let i = 40; i >= 0; i--) context.lineTo(x + (width * i) / 40, y + halfOf(i / 40));
  context.fillStyle = colour;
  context.globalAlpha = alpha;
  context.fill();
  context.globalAlpha = 1;
}

export function paintLegend(context, place, measured, tint) {
  const at = legendPlace(place);
  wedge(context, at, at.lane, (part) => half(measured, part * measured.longest), tint.residual, 0.5);
  wedge(context, at, at.pipe, (part) => (part * PIPE) / 2, tint.value, 0.62);
  paintRamp(context, tint.diverging, at.x, at.embed - 4, at.width, 8, 1.2);
  paintRamp(context, tint.sequential, at.x, at.pattern - 4, at.width, 8, 1.2);
}
