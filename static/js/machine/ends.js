// The right end: the last lane's logits become chances. One pipe for each candidate, as wide as its probability, from
// the end of the lane to its row in the column "What comes next".

import { laneY, PIPE } from "./layout.js";
import { pipe } from "./stream.js";

const ROUND = 9;

/**
 * `targets` is a list of {x, y, probability, kept}, the likeliest first, as the rows stand below each other. Where they
 * stand below the stage, the pipes run down to its edge.
 */
export function paintCandidates(context, place, targets, tint) {
  const y = laneY(place, place.lanes.count - 1);
  const start = place.stream.right;
  const widths = targets.map(({ probability }) => Math.max(0.35, PIPE * probability));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const room = place.below ? place.width - start : targets[0].x - start;
  let level = y - total / 2;
  let trunk = start + (room - total) / 2;
  targets.forEach((target, index) => {
    const width = widths[index];
    const from = level + width / 2;
    // Pipes that turn down keep their order by turning round: the topmost runs outermost.
    const x = place.below ? 2 * start + room - trunk - width / 2 : trunk + width / 2;
    const colour = target.kept ? tint.gold : tint.residual;
    const alpha = target.kept ? (index === 0 ? 0.95 : 0.6) : 0.35;
    const points = place.below
      ? [
          [start, from],
          [x, from],
          [x, place.height],
        ]
      : [
          [start, from],
          [x, from],
          [x, target.y],
          [target.x, target.y],
        ];
    const radius = place.below ? ROUND : Math.min(ROUND, Math.abs(target.y - from) / 2);
    pipe(context, points, width, colour, alpha, radius);
    level += width;
    trunk += width;
  });
}
