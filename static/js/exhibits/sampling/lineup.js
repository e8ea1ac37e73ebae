// The draw: the chances laid side by side from 0 to 1 in falling order; a uniform number falls on one of them. This is
// how `model/study/sampling.py` draws, so the picture is the procedure.

import { visible } from "../../page/chips.js";
import { mono, sans } from "../../draw/type.js";
import { NEXT_NUMBER } from "./words.js";

const TOP = 16;
const BAR = 34;
const RUG = 9; // px of the thousand numbers below the chances
export const HEIGHT = TOP + BAR + RUG + 21;

/**
 * Draws the row of chances. `ticks` are the numbers of the thousand draws, times 65,536: a tick each; a line marks that of
 * draw `next`, which has yet to be made, or none for null.
 */
export function paint(context, width, top, ticks, next, tint) {
  const drawable = top.filter((candidate) => candidate.chance > 0);
  let reached = 0;
  drawable.forEach((candidate, index) => {
    const [x, w] = [reached * width, candidate.chance * width];
    reached += candidate.chance;
    context.globalAlpha = index % 2 ? 0.5 : 0.8;
    context.fillStyle = tint.gold;
    context.fillRect(x, TOP, Math.max(0.5, w - (w > 3 ? 1 : 0)), BAR);
    context.globalAlpha = 1;
    const label = visible(candidate, true);
    context.font = mono(12, 600);
    if (context.measureText(label).width > w - 10) return;
    context.fillStyle = tint["on-gold"];
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(label, x + 5, TOP + BAR / 2);
  });
  if (reached < 0.9995) {
    context.fillStyle = tint.hairline;
    context.fillRect(reached * width, TOP, (1 - reached) * width, BAR);
  }
  context.fillStyle = tint.ink;
  context.globalAlpha = 0.3;
  for (const number of ticks) context.fillRect((number / 65536) * width, TOP + BAR + 2, 0.75, RUG - 2);
  context.globalAlpha = 1;
  axis(context, width, tint);
  if (next !== null && next < ticks.length) pointer(context, (ticks[next] / 65536) * width, width, tint);
}

function axis(context, width, tint) {
  context.font = sans(11);
  context.fillStyle = tint.quiet;
  context.textBaseline = "top";
  for (let tick = 0; tick <= 4; tick++) {
    const x = (width * tick) / 4;
    context.textAlign = tick === 0 ? "left" : tick === 4 ? "right" : "center";
    context.fillText(String(tick / 4), x, TOP + BAR + RUG + 6);
  }
}

function pointer(context, x, width, tint) {
  context.fillStyle = tint.ink;
  context.fillRect(x - 1, TOP - 4, 2, BAR + RUG + 5);
  context.font = sans(11, 600);
  context.textAlign = x < 60 ? "left" : x > width - 60 ? "right" : "center";
  context.textBaseline = "top";
  context.fillText(NEXT_NUMBER, x, 0);
}
