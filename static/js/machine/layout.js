// Where everything in the drawing stands, from nothing but sizes: what the model is made of, how many tokens there are,
// how wide the stage is, which block is open. All in CSS pixels; y runs down. Nothing here touches the page.

export const HEIGHT = 712;
export const NARROWEST = 856; // a narrower stage scrolls inside its box
export const STREAM = { top: 276, height: 224 };
export const PIPE = 22; // px for a probability of 1
const MOST_PITCH = 22; // from lane to lane
const LEAST_PITCH = 3.4; // below, neighbours share a lane
const OPEN_LEAST = 500;
const SLAB = { top: 40, bottom: HEIGHT - 14 };
const SLAB_SIZES = [
  { width: 26, gap: 6 },
  { width: 22, gap: 4 },
  { width: 19, gap: 4 },
];

/** The lanes: one for each token, or one for every `group` neighbours where they would be too thin. */
function laneLayout(tokens) {
  const group = Math.max(1, Math.ceil((tokens * LEAST_PITCH) / STREAM.height));
  const count = Math.ceil(tokens / group);
  const pitch = Math.min(MOST_PITCH, STREAM.height / count);
  return { count, group, pitch, top: STREAM.top };
}

/** The middle of a lane. */
export function laneY({ lanes }, lane) {
  return lanes.top + (lane + 0.5) * lanes.pitch;
}

/** `layers` as `slots` runs of neighbours; the run next to the open block, at the end, is one layer where it can be. */
function runs(layers, slots) {
  if (layers.length <= slots) return layers.map((layer) => [layer]);
  const [folded, kept] = slots > 1 ? [layers.slice(0, -1), [layers.slice(-1)]] : [layers, []];
  const parts = slots - kept.length;
  const cut = (part) => Math.round((part * folded.length) / parts);
  return [...Array.from({ length: parts }, (_, part) => folded.slice(cut(part), cut(part + 1))), ...kept];
}

/** Which layers stand together as one slab, before and after the open block. */
export function folds(nLayers, open, slots) {
  const before = Array.from({ length: open }, (_, layer) => layer);
  const after = Array.from({ length: nLayers - 1 - open }, (_, i) => open + 1 + i);
  const closed = before.length + after.length;
  if (closed <= slots) return { before: runs(before, closed), after: runs(after, closed) };
  const share = Math.round((slots * before.length) / closed);
  const left = Math.max(before.length ? 1 : 0, Math.min(share, slots - (after.length ? 1 : 0)));
  const mirrored = runs(after.toReversed(), slots - left);
  return { before: runs(before, left), after: mirrored.map((run) => run.toReversed()).toReversed() };
}

/** `count` equal squares in a box, as large as they fit with `gap` between them: columns and side. */
export function grid(count, width, height, gap, most = Infinity) {
  let best = { columns: 1, size: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(most, (width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows);
    if (size > best.size + 0.01) best = { columns, size };
  }
  return { ...best, size: Math.max(1, Math.floor(best.size)), gap };
}

/** Slabs for every closed run of layers, and what is left between them for the open block. */
function slabLayout(nLayers, open, left, right) {
  const room = right - left - OPEN_LEAST;
  const sizes = SLAB_SIZES.find(({ width, gap }) => (nLayers - 1) * (width + gap) <= room) ?? SLAB_SIZES[0];
  const { width, gap } = sizes;
  const { before, after } = folds(nLayers, open, Math.max(2, Math.floor(room / (width + gap))));
  const at = (layers, x) => ({ layers, x, width, ...SLAB });
  const slabs = [
    ...before.map((layers, i) => at(layers, left + i * (width + gap))),
    ...after.map((layers, i) => at(layers, right - (after.length - i) * (width + gap) + gap)),
  ];
  const x = left + before.length * (width + gap);
  return { slabs, block: { x, width: right - after.length * (width + gap) - x } };
}

/** The attention half of the open block: the atlas, the matrix, the wires, the sum and the first plus. */
function attentionLayout({ x, width }, config, tokens) {
  const side = Math.min(180, Math.round(width * 0.285));
  const cell = Math.min(22, side / tokens);
  const left = x + 166;
  const top = 54;
  const valueX = left + side + 36;
  return {
    atlas: { x: x + 18, y: 92, ...grid(config.n_heads, 78, 140, 5, 36) },
    matrix: { left, top, side, cell, tokens, extent: cell * tokens },
    queryX: { from: x + 122, to: left - 12 },
    valueX,
    sum: { x: valueX + PIPE / 2, y: STREAM.top - 26 },
    plusX: valueX + PIPE + 54,
    card: { x: Math.max(left + side + 40, x + width - 176), y: 50, right: x + width - 16, bottom: 170 },
  };
}

/** The half below: where lanes are read, the boxes of the experts or the one of the MLP, and the second plus. */
function feedLayout({ x, width }, config, readX) {
  const boxes = { top: 572, bottom: 646, strip: 20, left: x + 140, right: x + width - 62 };
  const count = config.experts?.n_experts ?? 1;
  const pitch = (boxes.right - boxes.left) / count;
  const box = Math.min(44, pitch * 0.8);
  return {
    readX: { from: readX, to: readX + 44 },
    plusX: x + width - 26,
    returnY: 664,
    boxes: { ...boxes, pitch, width: box },
  };
}

/**
 * The whole drawing.
 *
 * config: a model of the catalog; tokens: how many; width: of the stage; open: the block that stands open; below:
 * whether the candidates stand below the stage and not beside it.
 */
export function layout(config, tokens, width, open, below = false) {
  const roomy = width >= 900;
  const chips = { right: roomy ? 88 : 72 };
  const cells = { left: chips.right + 7, right: chips.right + (roomy ? 71 : 63) };
  const stream = { left: cells.right + 3, right: width - (below ? 36 : 14) };
  const { slabs, block } = slabLayout(config.n_layers, open, stream.left + 8, stream.right - 12);
  const attention = attentionLayout(block, config, tokens);
  const feed = feedLayout(block, config, attention.plusX + 26);
  return {
    width,
    height: HEIGHT,
    tokens,
    open,
    below,
    lanes: laneLayout(tokens),
    chips,
    cells,
    stream,
    slabs,
    block,
    attention,
    feed,
  };
}
