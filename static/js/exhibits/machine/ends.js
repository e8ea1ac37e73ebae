// The right end: a lane's logits become chances. One pipe for each candidate, as wide as its probability, from the end
// of the lane where the prediction is read to its row in the column "What comes next".

import { PIPE } from "./block.js";
import { laneY } from "./layout.js";
import { pipe } from "./stream.js";

const ROUND = 9;

/**
 * `targets` is a list of {x, y, probability, kept}, the likeliest first, as the rows stand below each other; `y` is the
 * height of the lane. Where the rows stand below the stage, the pipes run down to its edge.
 */
export function paintCandidates(context, place, y, targets, tint) {
  const start = place.ends;
  const widths = targets.map(({ probability }) => Math.max(0.35, PIPE * probability));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const room = place.below ? place.width - start : targets[0].x - start;
  let level = y - total / 2;
  const levels = widths.map((width) => {
    level += width;
    return level - width / 2;
  });
  // Those that turn up keep their order from left to right; those that turn down turn it round, so that none crosses.
  const all = targets.map((_, index) => index);
  const up = place.below ? [] : all.filter((index) => targets[index].y <= y);
  const order = [...up, ...all.filter((index) => !up.includes(index)).toReversed()];
  const trunks = new Map();
  let trunk = start + (room - total) / 2;
  for (const index of order) {
    trunks.set(index, trunk + widths[index] / 2);
    trunk += widths[index];
  }
  targets.forEach((target, index) => {
    const [from, x] = [levels[index], trunks.get(index)];
    const colour = target.kept ? tint.gold : tint.residual;
    const alpha = target.kept ? (index === 0 ? 0.95 : 0.6) : 0.35;
    const ends = place.below
      ? [[x, place.height]]
      : [
          [x, target.y],
          [target.x, target.y],
        ];
    const radius = place.below ? ROUND : Math.min(ROUND, Math.abs(target.y - from) / 2);
    pipe(context, [[start, from], [x, from], ...ends], widths[index], colour, alpha, radius);
  });
}

/** Where the word "pooler" stands: behind the last block, over the first lane. */
export function summaryPlace({ stream, head }) {
  return { x: stream.right - 4, y: head - 16 };
}

/** Where a BERT's first lane leaves for the pooler, which serves questions about pairs of sentences: not asked here. */
export function paintSummary(context, { spoken }, tint) {
  const { x, y } = summaryPlace(spoken);
  context.beginPath();
  context.setLineDash([2, 3]);
  context.moveTo(x, laneY(spoken, 0));
  context.lineTo(x, y + 20);
  context.strokeStyle = tint.quiet;
  context.lineWidth = 1.25;
  context.stroke();
  context.setLineDash([]);
}
