// The embeddings in small, before the lanes begin: what is added up for each token, side by side with a plus between.

import { laneY } from "./layout.js";

export const PLUS = 10; // px for the sign between two embeddings

const STEPS = 127; // of an embedding's number, to either side

/** Where each embedding stands: {left, width}. */
export function cellPlaces({ left, right }, groups) {
  const width = (right - left - PLUS * (groups - 1)) / groups;
  return Array.from({ length: groups }, (_, group) => ({ left: left + group * (width + PLUS), width }));
}

/** The lanes' embeddings; `embed` is [token, group, cell] in steps, of each `every`-th token. */
export function paintEmbeddings(context, river, embed, every, groups, tint) {
  const { cells, lanes, tokens } = river;
  const count = embed.length / Math.ceil(tokens / every) / groups;
  const height = Math.max(0.8, lanes.pitch * 0.62);
  const { css, zero } = tint.diverging;
  const gain = zero / STEPS;
  cellPlaces(cells, groups).forEach(({ left, width }, group) => {
    const each = width / count;
    for (let lane = 0; lane < lanes.count; lane++) {
      const token = (lane * lanes.group) / every;
      const middle = laneY(river, lane);
      for (let cell = 0; cell < count; cell++) {
        context.fillStyle = css[zero + Math.round(gain * embed[(token * groups + group) * count + cell])];
        context.fillRect(left + cell * each, middle - height / 2, each + 0.3, height);
      }
    }
    if (group === 0) return;
    const [x, y] = [left - PLUS / 2, (laneY(river, 0) + laneY(river, lanes.count - 1)) / 2];
    context.beginPath();
    context.moveTo(x - 3, y);
    context.lineTo(x + 3, y);
    context.moveTo(x, y - 3);
    context.lineTo(x, y + 3);
    context.strokeStyle = tint.quiet;
    context.lineWidth = 1.25;
    context.stroke();
  });
}
