// The lower half of the open block: from lanes to experts, ribbons as wide as the router's probabilities; boxes filled
// to their load; what the chosen ones give goes back into the lane. Or, in a dense block, the MLP and what it adds to
// each lane. `now` has what is measured: {norms, added, layer, stack}, `lit` {query: token, hover: lane}.

import { addedRow, rowBefore } from "./anatomy.js";
import { PIPE } from "./block.js";
import { laneOf, laneY } from "./layout.js";
import { thickness } from "./measure.js";
import { half, node, paintBar, pipe } from "./stream.js";

export const GATES = { first: 24, step: 18, close: 16, most: 4 }; // the list of gates: px, and how many rows

/** Which experts of a token's order are listed: all with the runner-up, or the first and how many more are chosen. */
export function listed(order, k) {
  return order.length <= GATES.most ? { shown: order, more: 0 } : { shown: order.slice(0, 3), more: k - 3 };
}

/** The middle of a row in the list of gates. */
export function gateY({ boxes, tight }, rank) {
  return boxes.top + (tight ? GATES.first - 4 + GATES.close * rank : GATES.first + GATES.step * rank);
}

/** The middle of a box. */
export function boxX({ boxes }, index) {
  return boxes.left + (index + 0.5) * boxes.pitch;
}

/** A ribbon that falls from (x, y) to (toX, toY), of constant width. */
function fall(context, x, y, toX, toY, width, colour, alpha) {
  const bend = 0.62 * (toY - y);
  context.beginPath();
  context.moveTo(x, y);
  context.bezierCurveTo(x, y + bend, toX, toY - bend, toX, toY);
  context.strokeStyle = colour;
  context.globalAlpha = alpha;
  context.lineWidth = width;
  context.stroke();
  context.globalAlpha = 1;
}

/** Where a lane is read. */
function readX({ readX: { from, to }, river }, lane) {
  return from + ((lane + 0.5) / river.lanes.count) * (to - from);
}

/** What the part adds to a lane. */
export function fedTo(now, { river }, lane) {
  return now.added[addedRow(now.stack, now.layer, "feed") * river.lanes.count + lane];
}

/** Ribbons of all lanes to the experts they chose, faint; of the lit token to all experts, the chosen ones solid. */
export function paintExperts(context, feed, now, route, config, scale, lit, tint) {
  const { boxes, river } = feed;
  const { n_experts: experts, top_k: k } = config.experts;
  const { lanes, tokens } = river;
  const litLane = laneOf(river, lit.query);
  const hue = (expert) => tint.experts[expert % tint.experts.length];
  const probability = (token, expert) => route.probabilities[token * experts + expert];
  const faint = Math.min(0.22, 1.4 / lanes.count + 0.04);
  for (let lane = 0; lane < lanes.count; lane++) {
    const token = Math.min(tokens - 1, lane * lanes.group);
    if (lane === litLane) continue;
    const [x, y] = [readX(feed, lane), laneY(river, lane)];
    const strong = lane === lit.hover ? 0.6 : faint;
    for (const expert of route.chosen[token].slice(0, k)) {
      const width = Math.max(0.3, PIPE * probability(token, expert));
      fall(context, x, y, boxX(feed, expert), boxes.top, width, hue(expert), strong);
    }
  }
  const order = route.chosen[lit.query];
  const [from, y] = [readX(feed, litLane), laneY(river, litLane)];
  let x = from - PIPE / 2;
  for (let expert = 0; expert < experts; expert++) {
    const width = PIPE * probability(lit.query, expert);
    const rank = order.indexOf(expert);
    const alpha = rank >= 0 && rank < k ? 0.95 : rank === k ? 0.5 : 0.22;
    fall(context, x + width / 2, y, boxX(feed, expert), boxes.top, Math.max(0.3, width), hue(expert), alpha);
    x += width;
  }
  listed(order, k).shown.forEach((expert, rank) => {
    context.fillStyle = hue(expert);
    context.globalAlpha = rank < k ? 1 : 0.45;
    context.fillRect(feed.title.x, gateY(feed, rank) - 4, 8, 8);
  });
  context.globalAlpha = 1;
  loads(context, feed, route, order.slice(0, k), hue, tint);
  const total = 2 * half(scale, fedTo(now, feed, litLane));
  returns(context, feed, order.slice(0, k), (expert) => probability(lit.query, expert), total, y, hue);
  node(context, feed.plusX, y, "+", tint.ink, tint);
}

/** The boxes: a full one would be chosen by every token; were the load even, all would stand at the dashed line. */
function loads(context, feed, { load, ideal }, chosen, hue, tint) {
  const { boxes, river } = feed;
  const height = boxes.bottom - boxes.top - boxes.strip;
  load.forEach((count, expert) => {
    const x = boxX(feed, expert) - boxes.width / 2;
    const solid = chosen.includes(expert);
    context.beginPath();
    context.roundRect(x, boxes.top, boxes.width, height + boxes.strip, 5);
    context.fillStyle = tint.card;
    context.fill();
    context.save();
    context.clip();
    context.fillStyle = hue(expert);
    context.globalAlpha = 0.12;
    context.fillRect(x, boxes.top, boxes.width, height + boxes.strip);
    context.globalAlpha = 0.9;
    const filled = (height * count) / river.tokens;
    context.fillRect(x, boxes.bottom - filled, boxes.width, filled);
    context.restore();
    context.strokeStyle = hue(expert);
    context.lineWidth = solid ? 2.25 : 1.25;
    context.stroke();
  });
  const level = Math.round(boxes.bottom - (height * ideal) / river.tokens) + 0.5;
  context.beginPath();
  context.setLineDash([3, 3]);
  context.moveTo(boxes.left, level);
  context.lineTo(boxes.right, level);
  context.strokeStyle = tint.quiet;
  context.lineWidth = 1;
  context.stroke();
  context.setLineDash([]);
}

/** What the chosen experts add, `width` wide in all, each with its share of their joint probability, into the lane. */
function returns(context, feed, chosen, probability, width, laneY, hue) {
  const { boxes, returnY, plusX } = feed;
  const joint = chosen.reduce((sum, expert) => sum + probability(expert), 0);
  const ordered = chosen.toSorted((a, b) => a - b);
  let y = returnY;
  let x = plusX + width / 2;
  for (const expert of ordered) {
    const part = (width * probability(expert)) / joint;
    const [from, level, up] = [boxX(feed, expert), y + part / 2, x - part / 2];
    const points = [
      [from, boxes.bottom + 2],
      [from, level],
      [up, level],
      [up, laneY],
    ];
    pipe(context, points, Math.max(0.3, part), hue(expert), 0.9, 10);
    y += part;
    x -= part;
  }
}

/** The MLP: one box, in it a bar a token, as high as what the MLP adds to it is long. */
export function paintMLP(context, feed, now, machine, scale, lit, tint) {
  const { boxes, plusX, returnY, river } = feed;
  const { lanes } = river;
  const litLane = laneOf(river, lit.query);
  const width = boxes.right - boxes.left;
  const pitch = Math.min(40, (width - 24) / lanes.count);
  const left = boxes.left + (width - pitch * lanes.count) / 2;
  const row = addedRow(now.stack, now.layer, "feed");
  const added = now.added.subarray(row * lanes.count, (row + 1) * lanes.count);
  const most = Math.max(...added);
  // Side by side, it reads what attention reads; else what comes out of the row before its own.
  const read = rowBefore(now.stack, now.layer + 1) - (machine.post_norm ? 2 : 1);
  for (const pass of [false, true]) {
    for (let lane = 0; lane < lanes.count; lane++) {
      if ((lane === litLane) !== pass) continue;
      const weight = Math.max(0.5, 2 * half(scale, now.norms[read * lanes.count + lane]));
      const [x, ribbon] = [left + (lane + 0.5) * pitch, Math.min(weight, pitch * 0.8)];
      const [from, y] = [readX(feed, lane), laneY(river, lane)];
      fall(context, from, y, x, boxes.top, ribbon, tint.residual, pass ? 0.95 : 0.22);
    }
  }
  context.beginPath();
  context.roundRect(boxes.left, boxes.top, width, boxes.bottom - boxes.top, 5);
  context.fillStyle = tint.card;
  context.fill();
  context.strokeStyle = tint.residual;
  context.lineWidth = 1.25;
  context.stroke();
  for (let lane = 0; lane < lanes.count; lane++) {
    const height = (boxes.bottom - boxes.top - 10) * thickness(added[lane], most);
    context.fillStyle = tint.residual;
    context.globalAlpha = lane === litLane ? 1 : lane === lit.hover ? 0.75 : 0.45;
    context.fillRect(left + lane * pitch + pitch * 0.15, boxes.bottom - 1 - height, pitch * 0.7, height);
  }
  context.globalAlpha = 1;
  const from = left + (litLane + 0.5) * pitch;
  const weight = 2 * half(scale, added[litLane]);
  const y = laneY(river, litLane);
  const points = [
    [from, boxes.bottom + 2],
    [from, returnY + weight / 2],
    [plusX, returnY + weight / 2],
    [plusX, y],
  ];
  pipe(context, points, weight, tint.residual, 0.9, 10);
  node(context, plusX, y, "+", tint.ink, tint);
}

/** The norm that stands behind them: what they add passes through it on its way up. */
export function paintNormBehind(context, { boxes, plusX }, tint) {
  paintBar(context, plusX - 12, boxes.bottom - 12, 24, tint);
}

/** The norm that stands before the experts or the MLP. */
export function paintNorm(context, { boxes }, tint) {
  paintBar(context, boxes.left - 4, boxes.top - 9, boxes.right - boxes.left + 8, tint);
}
