// The lower half of the open block: from lanes to experts, ribbons as wide as the router's probabilities; boxes filled
// to their load; what the chosen ones give goes back into the lane. Or, in a dense block, the MLP and what it adds to
// each lane.

import { laneY, PIPE } from "./layout.js";
import { half, node, pipe } from "./stream.js";
import { thickness } from "./measure.js";

export const GATES = { first: 24, step: 18, most: 4 }; // the list of gates: px below the top of the boxes, and rows

/** Which experts of a token's order are listed: all with the runner-up, or the first and how many more are chosen. */
export function listed(order, k) {
  return order.length <= GATES.most ? { shown: order, more: 0 } : { shown: order.slice(0, 3), more: k - 3 };
}

/** The middle of a box. */
export function boxX({ feed: { boxes } }, index) {
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
function readX({ feed, lanes }, lane) {
  return feed.readX.from + ((lane + 0.5) / lanes.count) * (feed.readX.to - feed.readX.from);
}

/** Ribbons of all lanes to the experts they chose, faint; of the lit token to all experts, the chosen ones solid. */
export function paintExperts(context, place, measured, route, config, lit, tint) {
  const { boxes } = place.feed;
  const { n_experts: experts, top_k: k } = config.experts;
  const { lanes, tokens } = place;
  const hue = (expert) => tint.experts[expert % tint.experts.length];
  const probability = (token, expert) => route.probabilities[token * experts + expert];
  const faint = Math.min(0.22, 1.4 / lanes.count + 0.04);
  for (let lane = 0; lane < lanes.count; lane++) {
    const token = Math.min(tokens - 1, lane * lanes.group);
    if (lane === lit.query) continue;
    const [x, y] = [readX(place, lane), laneY(place, lane)];
    const strong = lane === lit.hover ? 0.6 : faint;
    for (const expert of route.chosen[token].slice(0, k)) {
      const width = Math.max(0.3, PIPE * probability(token, expert));
      fall(context, x, y, boxX(place, expert), boxes.top, width, hue(expert), strong);
    }
  }
  const order = route.chosen[lit.queryToken];
  const [from, y] = [readX(place, lit.query), laneY(place, lit.query)];
  let x = from - PIPE / 2;
  for (let expert = 0; expert < experts; expert++) {
    const width = PIPE * probability(lit.queryToken, expert);
    const rank = order.indexOf(expert);
    const alpha = rank >= 0 && rank < k ? 0.95 : rank === k ? 0.5 : 0.22;
    fall(context, x + width / 2, y, boxX(place, expert), boxes.top, Math.max(0.3, width), hue(expert), alpha);
    x += width;
  }
  listed(order, k).shown.forEach((expert, rank) => {
    context.fillStyle = hue(expert);
    context.globalAlpha = rank < k ? 1 : 0.45;
    context.fillRect(place.block.x + 18, boxes.top + GATES.first + GATES.step * rank - 4, 8, 8);
  });
  context.globalAlpha = 1;
  loads(context, place, route, order.slice(0, k), hue, tint);
  const total = 2 * half(place, measured, measured.added[(2 * place.open + 1) * lanes.count + lit.query]);
  returns(context, place, order.slice(0, k), (expert) => probability(lit.queryToken, expert), total, lit, hue);
  node(context, place.feed.plusX, laneY(place, lit.query), "+", tint.ink, tint);
}

/** The boxes: a full one would be chosen by every token; were the load even, all would stand at the dashed line. */
function loads(context, { feed: { boxes }, tokens, ...place }, { load, ideal }, chosen, hue, tint) {
  const height = boxes.bottom - boxes.top - boxes.strip;
  load.forEach((count, expert) => {
    const x = boxX({ feed: { boxes }, ...place }, expert) - boxes.width / 2;
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
    const filled = (height * count) / tokens;
    context.fillRect(x, boxes.bottom - filled, boxes.width, filled);
    context.restore();
    context.strokeStyle = hue(expert);
    context.lineWidth = solid ? 2.25 : 1.25;
    context.stroke();
  });
  const level = Math.round(boxes.bottom - (height * ideal) / tokens) + 0.5;
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
function returns(context, place, chosen, probability, width, lit, hue) {
  const { boxes, returnY, plusX } = place.feed;
  const joint = chosen.reduce((sum, expert) => sum + probability(expert), 0);
  const ordered = chosen.toSorted((a, b) => a - b);
  let y = returnY;
  let x = plusX + width / 2;
  for (const expert of ordered) {
    const part = (width * probability(expert)) / joint;
    const [from, level, up] = [boxX(place, expert), y + part / 2, x - part / 2];
    const points = [
      [from, boxes.bottom + 2],
      [from, level],
      [up, level],
      [up, laneY(place, lit.query)],
    ];
    pipe(context, points, Math.max(0.3, part), hue(expert), 0.9, 10);
    y += part;
    x -= part;
  }
}

/** The MLP: one box, in it a bar a token, as high as what the MLP adds to it is long. */
export function paintMLP(context, place, measured, lit, tint) {
  const { boxes, plusX, returnY } = place.feed;
  const { lanes } = place;
  const width = boxes.right - boxes.left;
  const pitch = Math.min(40, (width - 24) / lanes.count);
  const left = boxes.left + (width - pitch * lanes.count) / 2;
  const added = measured.added.subarray((2 * place.open + 1) * lanes.count, (2 * place.open + 2) * lanes.count);
  const most = Math.max(...added);
  for (const pass of [false, true]) {
    for (let lane = 0; lane < lanes.count; lane++) {
      if ((lane === lit.query) !== pass) continue;
      const weight = Math.max(
        0.5,
        2 * half(place, measured, measured.norms[(2 * place.open + 1) * lanes.count + lane]),
      );
      const x = left + (lane + 0.5) * pitch;
      fall(
        context,
        readX(place, lane),
        laneY(place, lane),
        x,
        boxes.top,
        Math.min(weight, pitch * 0.8),
        tint.residual,
        pass ? 0.95 : 0.22,
      );
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
    context.globalAlpha = lane === lit.query ? 1 : lane === lit.hover ? 0.75 : 0.45;
    context.fillRect(left + lane * pitch + pitch * 0.15, boxes.bottom - 1 - height, pitch * 0.7, height);
  }
  context.globalAlpha = 1;
  const from = left + (lit.query + 0.5) * pitch;
  const weight = 2 * half(place, measured, added[lit.query]);
  pipe(
    context,
    [
      [from, boxes.bottom + 2],
      [from, returnY + weight / 2],
      [plusX, returnY + weight / 2],
      [plusX, laneY(place, lit.query)],
    ],
    weight,
    tint.residual,
    0.9,
    10,
  );
  node(context, place.feed.plusX, laneY(place, lit.query), "+", tint.ink, tint);
}
