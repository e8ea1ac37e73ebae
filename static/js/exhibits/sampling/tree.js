// The tree of a beam search. The best continuation runs along the top; others leave it where they differ. An edge is as
// thick as its token's probability.

import { visible } from "../../page/chips.js";
import { isTight } from "../../page/tight.js";
import { fitted } from "../../draw/labels.js";
import { mono } from "../../draw/type.js";
import { decimal } from "../../format.js";
import { edgeDigits, leafLabel } from "./words.js";

const ROW = { least: 28, usual: 36, tight: 29, most: 44 };
const TOP = 20;
const ROOT = 74; // px for the token that all continue
const STEP = { least: 98, most: 132 };
const EDGE = 50; // px of a step that its edge takes; the token has the rest
const SCORE = 62; // px for the sum after the last token
const THICKEST = 8;

/** Rows from the top: children of a node in the order of the best leaf below them; a first child stays in its row. */
function arranged({ nodes, finished, greedy }) {
  const best = nodes.map(() => Infinity); // the best rank among the leaves below a node
  finished.forEach((leaf, place) => {
    best[leaf] = place;
  });
  const children = new Map();
  for (let index = nodes.length - 1; index >= 0; index--) {
    const { parent } = nodes[index];
    if (parent !== null) best[parent] = Math.min(best[parent], best[index]);
    children.set(parent, [index, ...(children.get(parent) ?? [])]);
  }
  const row = new Array(nodes.length);
  let rows = 0;
  const place = (parent) => {
    const own = (children.get(parent) ?? []).sort((a, b) => (best[a] === best[b] ? a - b : best[a] - best[b]));
    own.forEach((index, at) => {
      if (at > 0) rows += 1;
      row[index] = rows;
      place(index);
    });
  };
  place(null);
  const above = (leaves) => {
    const found = new Set();
    for (const leaf of leaves) for (let node = leaf; node !== null; node = nodes[node].parent) found.add(node);
    return found;
  };
  return {
    row,
    rows: rows + 1,
    greedy: new Set(greedy),
    winner: above(finished.slice(0, 1)),
    ranked: above(finished), // what leads to a ranked leaf; all others were dropped
    inner: new Set(nodes.map(({ parent }) => parent)),
  };
}

/** The nodes from the first token to a leaf. */
export function pathTo(nodes, leaf) {
  const path = [];
  for (let at = leaf; at !== null; at = nodes[at].parent) path.unshift(nodes[at]);
  return path;
}

/** The height of a picture with so many beams, whatever it shows: what stands below keeps its place. */
export const heightFor = (beams) => TOP + (2 * beams + 3) * (isTight() ? ROW.tight : ROW.usual);

/** Where things stand for a picture at least `room` wide: the rows of the nodes, the step, and the size of it all. */
export function layout(room, tree) {
  const plan = arranged(tree);
  const { depth } = tree;
  const height = Math.max(heightFor(tree.width), TOP + plan.rows * ROW.least); // a large tree may be taller
  const row = Math.min(ROW.most, (height - TOP) / plan.rows);
  const top = TOP + (height - TOP - plan.rows * row) / 2;
  const step = Math.max(STEP.least, Math.min(STEP.most, Math.floor((room - ROOT - SCORE) / depth)));
  return { plan, step, row, top, width: Math.max(room, ROOT + depth * step + SCORE), height };
}

/** Draws the tree; `from` is the token that it continues. */
export function paint(context, { plan, step, row, top }, { nodes, finished }, from, tint) {
  const digits = edgeDigits(finished.map((leaf) => pathTo(nodes, leaf)));
  const x = (length) => ROOT + (length - 1) * step; // where the edge of the token at this depth begins
  const y = (place) => top + (place + 0.5) * row;
  const ends = nodes.map((node, index) => ({ x: x(node.depth) + EDGE, y: y(plan.row[index]) }));
  context.font = mono(12.5, 600);
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.fillStyle = tint.ink;
  context.fillText(fitted(context, from, ROOT - 12), ROOT - 8, y(0));
  const looks = nodes.map((_, index) => {
    if (plan.greedy.has(index)) return { line: tint.gold, text: tint["gold-ink"], weight: 650, order: 3 };
    if (plan.winner.has(index)) return { line: tint.ink, text: tint.ink, weight: 650, order: 2 };
    if (plan.ranked.has(index)) return { line: tint.residual, text: tint.ink, weight: 450, order: 1 };
    return { line: tint.hairline, text: tint.quiet, weight: 450, order: 0 };
  });
  const order = nodes.map((_, index) => index).sort((a, b) => looks[a].order - looks[b].order);
  for (const index of order) edge(context, nodes, index, ends, x, y(0), looks[index].line);
  nodes.forEach((node, index) => {
    label(context, node, decimal(node.log_probability, digits), ends[index], step, looks[index], tint);
    if (!plan.inner.has(index)) leaf(context, node, ends[index], step, looks[index]);
  });
}

function edge(context, nodes, index, ends, x, top, colour) {
  const { parent, depth, log_probability: logp } = nodes[index];
  const to = { x: x(depth) + EDGE - 4, y: ends[index].y };
  const from = { x: x(depth), y: parent === null ? top : ends[parent].y };
  context.strokeStyle = colour;
  context.lineWidth = 1 + (THICKEST - 1) * Math.exp(logp);
  context.lineCap = "butt";
  context.beginPath();
  context.moveTo(from.x - (from.y === to.y ? 0 : 6), from.y);
  if (from.y !== to.y) context.bezierCurveTo(from.x + 3, from.y, from.x - 5, to.y, from.x + 9, to.y);
  context.lineTo(to.x, to.y);
  context.stroke();
}

/** The log probability above the edge, the token behind it. */
function label(context, node, logarithm, { x, y }, step, { text, weight }, tint) {
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  context.font = mono(11, 450);
  context.fillStyle = tint.quiet;
  context.fillText(logarithm, x - 4, y - 7);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = mono(12.5, weight);
  context.fillStyle = text;
  context.fillText(fitted(context, visible(node, true), step - EDGE - 8), x, y);
}

/** The sum behind a last token; a cross behind one that was dropped. */
function leaf(context, node, { x, y }, step, { text, order }) {
  context.font = mono(11.5, order ? 600 : 450);
  context.textAlign = "left";
  context.fillStyle = text;
  context.fillText(leafLabel(node.score, order > 0), x + step - EDGE, y);
}
