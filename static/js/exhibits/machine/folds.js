// Closed blocks as slabs, and what is left between them for the open one. Where there is no room for a slab each,
// neighbours fold into one.

const OPEN_LEAST = { 1: 500, 2: 480 }; // px, by how many stacks there are
const BETWEEN = 30; // px from an encoder's last block to the decoder's first
const SIZES = [
  { width: 26, gap: 6 },
  { width: 22, gap: 4 },
  { width: 19, gap: 4 },
];

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

/**
 * Slabs for every closed run of layers, and the open block: {groups: [{stack, layers, x, width}], block: {x, width}}.
 *
 * `gates` is how many px more than others the open block needs; where it needs any, fewer slabs do.
 */
export function slabLayout(stacks, open, left, right, gates = 0) {
  const closed = stacks.reduce((sum, { layers }) => sum + layers, -1);
  const between = stacks.length > 1 ? BETWEEN : 0;
  const room = right - left - OPEN_LEAST[stacks.length] - gates - between;
  const fits = (count) => SIZES.find((size) => count * (size.width + size.gap) <= room);
  const ample = 2 * stacks.length; // a run before and a run behind, of each stack
  const bare = stacks.length - 1 + Number(open.layer > 0) + Number(open.layer < open.stack.layers - 1);
  const least = gates > 0 && !fits(ample) ? bare : ample;
  const { width, gap } = fits(closed) ?? fits(least) ?? SIZES.at(-1);
  const slots = Math.max(least, Math.floor(room / (width + gap)));
  const other = stacks.find((stack) => stack !== open.stack);
  const share = other ? Math.max(1, Math.min(other.layers, Math.round((slots * other.layers) / closed))) : 0;
  const { before, after } = folds(open.stack.layers, open.layer, slots - share);
  const all = Array.from({ length: other?.layers ?? 0 }, (_, layer) => layer);
  const others = runs(all, share).map((layers) => ({ stack: other, layers }));
  const own = (groups) => groups.map((layers) => ({ stack: open.stack, layers }));
  const first = open.stack === stacks[0];
  const [leading, trailing] = first
    ? [own(before), [...own(after), ...others]]
    : [[...others, ...own(before)], own(after)];
  const groups = [];
  let x = left;
  leading.forEach((group, index) => {
    if (!first && index === others.length) x += between;
    groups.push({ ...group, x, width });
    x += width + gap;
  });
  if (!first && leading.length === others.length) x += between;
  let end = right;
  trailing.toReversed().forEach((group, index) => {
    if (first && other && index === others.length) end -= between;
    end -= width;
    groups.push({ ...group, x: end, width });
    end -= gap;
  });
  if (first && other && trailing.length === others.length) end -= between;
  groups.sort((a, b) => a.x - b.x);
  return { groups, block: { x, width: end - x } };
}
