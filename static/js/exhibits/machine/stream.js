// The residual stream: one lane a token, as thick as the vector in it is long, and the norms and nodes in its way.

import { rowBefore } from "./anatomy.js";
import { laneY, lanesEnd } from "./layout.js";
import { thickness } from "./measure.js";

const STEP = 7; // px over which a lane changes its thickness
const THINNEST = 0.4;

/** Where the lanes of a river change their thickness, left to right: from `x` on they show row `row` of `norms`. */
export function stations({ rivers, slabs, open, nodes, final }, stack) {
  const found = [{ x: rivers[stack.name].stream.left, row: 0, step: STEP }];
  const { rows } = stack;
  for (const { layers, x, width, stack: of } of slabs) {
    if (of !== stack) continue;
    if (layers.length > 1) found.push({ x: x + 0.7 * width, row: rowBefore(stack, layers.at(-1) + 1), step: STEP });
    else {
      const step = Math.min(STEP, (0.5 * width) / (rows + 1));
      for (let i = 1; i <= rows; i++) {
        found.push({ x: x + (i * width) / (rows + 1), row: rowBefore(stack, layers[0]) + i, step });
      }
    }
  }
  if (open.stack === stack) {
    nodes.forEach((x, i) => found.push({ x, row: rowBefore(stack, open.layer) + i + 1, step: STEP }));
  }
  if (final[stack.name]) found.push({ x: final[stack.name], row: rowBefore(stack, stack.layers) + 1, step: 3 });
  return found.sort((a, b) => a.x - b.x);
}

/** Half of a lane's thickness, in px. */
export function half({ unit, longest }, length) {
  return Math.max(THINNEST, 0.5 * unit * thickness(length, longest));
}

/** Traces one lane, moved right by `shift`. */
function trace(context, y, right, halves, shift) {
  const last = halves.length - 1;
  context.beginPath();
  context.moveTo(halves[0].x + shift, y - halves[0].half);
  const side = (sign, from, to, mirrored) => {
    const { x, step } = mirrored ? from : to;
    const [a, b] = [y + sign * from.half, y + sign * to.half];
    const [enter, leave] = mirrored ? [x + step, x - step] : [x - step, x + step];
    context.lineTo(enter, a);
    context.bezierCurveTo(x, a, x, b, leave, b);
  };
  for (let i = 1; i <= last; i++) side(-1, halves[i - 1], halves[i], false);
  context.lineTo(right, y - halves[last].half);
  context.lineTo(right, y + halves[last].half);
  for (let i = last; i > 0; i--) side(1, halves[i], halves[i - 1], true);
  context.lineTo(halves[0].x + shift, y + halves[0].half);
  context.closePath();
}

/** All lanes of a river; `lit` has those that are selected and hovered, `arriving` 0..1 how far the last has come. */
export function paintStream(context, river, stations, norms, scale, lit, arriving, tint) {
  const { lanes, stream } = river;
  for (let lane = 0; lane < lanes.count; lane++) {
    const halves = stations.map(({ x, row, step }) => ({
      x,
      step,
      half: half(scale, norms[row * lanes.count + lane]),
    }));
    const late = lane === lanes.count - 1 ? 1 - arriving : 0;
    trace(context, laneY(river, lane), stream.right, halves, 26 * late);
    context.fillStyle = tint.residual;
    context.globalAlpha = (lane === lit.selected ? 0.95 : lane === lit.hover ? 0.68 : 0.34) * (1 - late);
    context.fill();
    if (lane !== lit.selected && lane !== lit.hover) continue;
    context.globalAlpha = 1 - late;
    context.strokeStyle = lane === lit.selected ? tint.gold : tint.residual;
    context.lineWidth = 1.25;
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** A norm that stands in the stream: every lane passes through it. */
export function paintGate(context, river, x, tint) {
  plate(context, x - 3, river.lanes.top - 5, 6, lanesEnd(river) - river.lanes.top + 10, tint);
}

/** A norm in front of a part: what the part reads passes through it, the stream does not. */
export function paintBar(context, x, y, width, tint) {
  plate(context, x, y - 2.5, width, 5, tint);
}

/** A norm across a pipe that runs level, `height` px high around `y`: what a part adds passes through it. */
export function paintUpright(context, x, y, height, tint) {
  plate(context, x - 2.5, y - height / 2, 5, height, tint);
}

function plate(context, x, y, width, height, tint) {
  context.beginPath();
  context.roundRect(x, y, width, height, 2.5);
  context.fillStyle = tint.card;
  context.fill();
  context.strokeStyle = tint.residual;
  context.lineWidth = 1.25;
  context.stroke();
}

/** The signs of nodes as lines, each through its points, in px from the middle. */
const SIGNS = {
  "+": [
    [
      [-4, 0],
      [4, 0],
    ],
    [
      [0, -4],
      [0, 4],
    ],
  ],
  Σ: [
    [
      [3.5, -4.5],
      [-3.5, -4.5],
      [0.5, 0],
      [-3.5, 4.5],
      [3.5, 4.5],
    ],
  ],
};

/** A small round node with a sign in it. */
export function node(context, x, y, sign, colour, tint) {
  context.beginPath();
  context.arc(x, y, 8.5, 0, 2 * Math.PI);
  context.fillStyle = tint.card;
  context.fill();
  context.strokeStyle = colour;
  context.lineWidth = 1.75;
  context.stroke();
  context.beginPath();
  for (const [first, ...others] of SIGNS[sign]) {
    context.moveTo(x + first[0], y + first[1]);
    for (const [right, down] of others) context.lineTo(x + right, y + down);
  }
  context.lineWidth = 1.5;
  context.stroke();
}

/** A pipe of constant width through points, its corners rounded. */
export function pipe(context, points, width, colour, alpha = 1, radius = 12) {
  context.beginPath();
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i++) context.arcTo(...points[i], ...points[i + 1], radius);
  context.lineTo(...points.at(-1));
  context.strokeStyle = colour;
  context.globalAlpha = alpha;
  context.lineWidth = width;
  context.stroke();
  context.globalAlpha = 1;
}
