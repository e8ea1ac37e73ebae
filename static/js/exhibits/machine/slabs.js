// The closed blocks: above the river their heads' patterns in miniature, below it the load of each expert as a dot, or
// what the MLP adds as a bar. A run of folded layers shows one row a layer: the mean of its heads.

import { addedRow } from "./anatomy.js";
import { grid } from "./block.js";
import { thickness } from "./measure.js";
import { meanOf, rowsOf } from "./patterns.js";

const PAD = 3;

/** The miniatures of one zone of a slab: where each stands, and the rows that it shows. */
function minis({ layers, x, width }, { top, bottom }, pattern) {
  const [room, height] = [width - 2 * PAD, bottom - top];
  const all =
    layers.length > 1
      ? layers.map((layer) => meanOf(pattern, layer))
      : Array.from({ length: pattern.heads }, (_, head) => rowsOf(pattern, layers[0], head));
  const { columns, size, gap } = grid(all.length, room, height, 4, room);
  const left = x + (width - columns * size - (columns - 1) * gap) / 2;
  return all.map((rows, i) => ({
    rows,
    size,
    x: left + (i % columns) * (size + gap),
    y: top + Math.floor(i / columns) * (size + gap),
  }));
}

/** The bodies of the slabs; gives the miniatures that go into them. */
export function paintSlabs(context, place, patterns, tint) {
  for (const { x, width, top, bottom } of place.slabs) {
    context.beginPath();
    context.roundRect(x + 0.5, top + 0.5, width - 1, bottom - top - 1, 5);
    context.fillStyle = tint.card;
    context.fill();
    context.strokeStyle = tint.hairline;
    context.lineWidth = 1;
    context.stroke();
  }
  return place.slabs.flatMap((slab) => slab.heads.flatMap((zone) => minis(slab, zone, patterns[zone.kind])));
}

/** What stands below the river in each slab. */
export function paintLoads(context, place, measured, tint) {
  for (const { stack, layers, x, width, bottom, feed } of place.slabs) {
    const river = measured.rivers[stack.name];
    const middle = x + width / 2;
    const step = Math.min(feed.most, (bottom - feed.top - 12) / layers.length);
    const rowOf = (layer) => addedRow(stack, layer, "feed");
    if (layers.length > 1) {
      layers.forEach((layer, i) => {
        const part = share(river, rowOf(layer), measured.longestFed);
        bar(context, x + PAD, feed.top + i * step, width - 2 * PAD, step * 0.6, part, tint);
      });
    } else if (measured.routes.has(layers[0])) {
      dots(context, middle, feed.top, bottom - 14, width, measured.routes.get(layers[0]), river.tokens, tint);
    } else {
      const { lanes } = place.rivers[stack.name];
      const bars = { top: feed.top, bottom: bottom - 8, lanes };
      column(context, middle, bars, river.added, rowOf(layers[0]), measured.longestFed, tint);
    }
  }
}

/** The mean length that a block's MLP or experts add, as a part of the thickest lane. */
function share({ inGroups: { every, added }, tokens }, row, longestFed) {
  const groups = Math.ceil(tokens / every);
  let sum = 0;
  for (let at = 0; at < groups; at++) sum += added[row * groups + at] * Math.min(every, tokens - at * every);
  return thickness(sum / tokens, longestFed);
}

/** Dots one under the other, their areas as the numbers of tokens that chose each expert. */
function dots(context, x, top, bottom, width, { load }, tokens, tint) {
  const pitch = Math.min(23, (bottom - top) / load.length);
  const most = Math.min(0.5 * width - 2, 0.62 * pitch, 9);
  load.forEach((count, expert) => {
    const y = top + (expert + 0.5) * pitch;
    const radius = most * Math.sqrt(count / tokens);
    context.beginPath();
    context.arc(x, y, Math.max(radius, 1), 0, 2 * Math.PI);
    context.fillStyle = count ? tint.experts[expert % tint.experts.length] : tint.hairline;
    context.fill();
  });
}

function bar(context, x, y, width, height, part, tint) {
  context.fillStyle = tint.masked;
  context.fillRect(x, y, width, height);
  context.fillStyle = tint.residual;
  context.fillRect(x, y, width * part, height);
}

/** A dense block: one bar a lane, as long as what the MLP adds to it. */
function column(context, middle, { top, bottom, lanes }, added, row, longestFed, tint) {
  const height = Math.min(bottom - top, lanes.count * 9);
  const pitch = height / lanes.count;
  const widest = 9;
  context.fillStyle = tint.residual;
  for (let lane = 0; lane < lanes.count; lane++) {
    const half = widest * thickness(added[row * lanes.count + lane], longestFed);
    context.globalAlpha = 0.75;
    context.fillRect(middle - half, top + lane * pitch + pitch * 0.15, 2 * half, Math.max(0.8, pitch * 0.7));
  }
  context.globalAlpha = 1;
}
