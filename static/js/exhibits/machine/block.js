// The open block from within: its kinds of attention, each with an atlas of heads, one head as a matrix, the wires, the
// sum of the values and the plus; and what feeds forward.

export const PIPE = 22; // px for a probability of 1
const GATE = 14; // px from a plus of a decoder to the norm that stands behind it in the stream
const AFTER = 48; // px from the last plus to the end of a block, where a norm stands between them
const STACKED = 150; // px; a narrower card has its two tokens below each other
/** A bridge: px from the top of the drawing, `sum` from the encoder's river, and `foot` from the matrix to that river. */
const BRIDGE = {
  high: { matrix: 54, foot: 50, title: 56, card: 88, atlas: 90, sum: 82 },
  low: { matrix: 30, foot: 32, title: 50, card: 34, atlas: 66, sum: 44 },
};
/** What feeds forward: px from the river to the boxes and to its title, their height, and from them to what goes back. */
const FEED = {
  ample: { top: 78, height: 74, back: 18, title: 30, left: 140 },
  tight: { top: 36, height: 48, back: 10, title: 22, left: 140 },
  flat: { top: 15, height: 19, back: 5, title: 16, left: 176 },
};

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

/** A matrix of `queries` x `keys` cells, at most a side wide and high. */
function matrix(left, top, side, queries, keys) {
  const most = Math.min(22, side / 3);
  const [wide, high] = [Math.min(most, side / keys), Math.min(most, side / queries)];
  const grid = { left, top, wide, high, rows: queries, columns: keys };
  return { ...grid, side, width: wide * keys, height: high * queries };
}

/** Where the numbers of the lit cell stand. */
function card(x, y, right) {
  const stacked = right - x < STACKED;
  return { x, y, right, stacked, bottom: y + (stacked ? 138 : 120) };
}

/** The attention of a stack that reads its own river, hung above it. */
function ownAttention({ x, width }, machine, river, stack, isLow) {
  const top = 54;
  const narrow = stack.name === "encoder";
  const share = stack.causal ? 0.285 : 0.27;
  const side = Math.min(stack.causal ? 180 : 168, Math.round(width * share), river.top - 52 - top);
  const left = x + (narrow ? 138 : 166);
  const valueX = left + side + 36;
  const plusX = machine.parallel ? x + width - 26 : valueX + PIPE + 54;
  const right = x + width - (narrow ? 10 : 16);
  const beside = stack.causal ? 40 : narrow ? 68 : 84;
  return {
    kind: stack.attends[0],
    part: stack.attends[0],
    title: { x: x + 18, y: isLow ? 48 : 56 },
    atlas: isLow
      ? { x: x + 18, y: 78, ...grid(machine.n_heads, 78, 50, 5, 36) }
      : { x: x + 18, y: 90, ...grid(machine.n_heads, narrow ? 58 : 78, Math.min(110, river.top - 162), 5, 36) },
    matrix: matrix(left, top, side, river.tokens, river.tokens),
    queryX: { from: left - 44, to: left - 12 },
    valueX,
    sum: { x: valueX + PIPE / 2, y: river.top - 32 },
    plusX,
    normX: machine.post_norm ? plusX + 18 : null,
    queries: river,
    keys: river,
    card: card(Math.min(right - 128, Math.max(left + side + beside, right - 160)), isLow ? 24 : 50, right),
    leads: true,
    side: stack.causal ? "diagonal" : "right",
  };
}

/** A decoder's two: its own, between the rivers, and the bridge, which hangs above the encoder's. */
function decoderAttention({ x, width }, machine, { encoder, decoder }, isLow) {
  const small = isLow ? 60 : Math.round(Math.min(104, 84 + 0.3 * Math.max(0, width - 500)));
  const top = encoder.bottom + (isLow ? 28 : 32);
  const left = x + (isLow ? 172 : 104);
  const valueX = left + small + 14;
  const plusX = valueX + PIPE + 16;
  const gate = machine.post_norm ? GATE : 0; // room for a norm behind each plus
  const own = {
    kind: "decoder",
    part: "decoder",
    title: { x: x + 18, y: encoder.bottom + 18 },
    atlas: { x: x + 18, y: top + 4, ...grid(machine.n_heads, isLow ? 120 : 56, isLow ? 44 : 88, 4, 27) },
    matrix: matrix(left, top, small, decoder.tokens, decoder.tokens),
    queryX: { from: left - 22, to: left - 8 },
    valueX,
    sum: { x: valueX + PIPE / 2, y: decoder.top - 26 },
    plusX,
    normX: gate ? plusX + gate : null,
    queries: decoder,
    keys: decoder,
    card: null,
    side: "diagonal",
  };
  const far = plusX + gate + (isLow ? 34 : 46);
  const over = BRIDGE[isLow ? "low" : "high"];
  const side = Math.min(encoder.top - over.foot - over.matrix, x + width - far - 102 - (gate && gate + 22));
  const crossX = far + side + 8;
  const cross = {
    kind: "cross",
    part: "cross",
    title: { x: x + 18, y: over.title },
    atlas: { x: x + 18, y: over.atlas, ...grid(machine.n_heads, 70, isLow ? 44 : 100, 5, 34) },
    matrix: matrix(far, over.matrix, side, decoder.tokens, encoder.tokens),
    queryX: { from: plusX + gate + 18, to: far - 10 },
    valueX: crossX,
    sum: { x: crossX + PIPE / 2, y: encoder.bottom + over.sum },
    plusX: crossX + PIPE + 14,
    normX: gate ? crossX + PIPE + 14 + gate : null,
    queries: decoder,
    keys: encoder,
    card: card(x + (isLow ? 132 : 102), over.card, plusX + 4),
    leads: false,
    side: "right",
  };
  return [own, cross];
}

/**
 * The half below: where lanes are read, the boxes of the experts or the one of the MLP, and the last plus. `room` is how
 * much there is of it: a name of FEED.
 */
function feedLayout({ x, width, bottom }, machine, river, readX, room) {
  const tall = FEED[room];
  const top = river.bottom + tall.top;
  const end = top + tall.height;
  const boxes = { top, bottom: end, strip: 20, left: x + tall.left, right: x + width - 62 };
  const count = machine.experts?.n_experts ?? 1;
  const pitch = (boxes.right - boxes.left) / count;
  const behind = machine.post_norm ? AFTER : 26;
  return {
    river,
    readX,
    plusX: x + width - behind,
    normX: machine.post_norm ? x + width - behind + 20 : null,
    returnY: end + tall.back,
    title: { x: x + 18, y: river.bottom + tall.title },
    note: { y: bottom - (room === "flat" ? 8 : 13) },
    tight: room !== "ample",
    flat: room === "flat",
    boxes: { ...boxes, pitch, width: Math.min(44, pitch * 0.8) },
  };
}

/** Where lanes are read for what feeds forward, right of the last plus before it, and of the norm behind that. */
function fed({ x, width }, plusX, decoding, post) {
  if (decoding) return { from: plusX + (post ? GATE : 0) + 8, to: plusX + (post ? GATE : 0) + 24 };
  return { from: plusX + 26, to: post ? Math.min(plusX + 56, x + width - AFTER - 12) : plusX + 70 };
}

/** What stands in the open block: {attentions, feed, nodes: x of each row of `norms` in it}. */
export function blockLayout(block, machine, rivers, { stack }, isLow) {
  const decoding = stack.name === "decoder";
  const river = rivers[stack.name];
  const attentions = decoding
    ? decoderAttention(block, machine, rivers, isLow)
    : [ownAttention(block, machine, river, stack, isLow)];
  const { plusX, queryX } = attentions.at(-1);
  const readX = machine.parallel
    ? { from: queryX.from - 4, to: queryX.to - 4 }
    : fed(block, plusX, decoding, machine.post_norm);
  const alone = stack.name === "text";
  const feed = feedLayout(block, machine, river, readX, alone ? (isLow ? "tight" : "ample") : isLow ? "flat" : "tight");
  const places = [...attentions, feed].flatMap((part) => (part.normX ? [part.plusX, part.normX] : [part.plusX]));
  return { attentions, feed, nodes: machine.parallel ? [feed.plusX] : places };
}
