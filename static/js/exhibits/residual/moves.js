// Who moved the logit: one row a depth, with a cell for each head, and a bar for what the whole row adds. Where the parts
// leave no sum, in a BERT and in a T5's encoder, the same rows without these numbers: to open and to switch off.

import { colours } from "../../page/theme.js";
import { mountRamp } from "../../page/scale.js";
import { once } from "../../draw/once.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { signed } from "../../format.js";
import { depthLabel, fillLabel } from "./lens.js";
import { pressable } from "./grid.js";
import { kindOfRow, partIsOff, rowIsOff } from "./off.js";
import {
  PART,
  headCellSaid,
  headInRow,
  headScale,
  partsHint,
  partsSaid,
  placeName,
  rowCellSaid,
  rowInRow,
  rowScale,
  wholeRow,
} from "./words.js";

/** What each row adds: the embedding, then a layer's heads with their common bias, or its MLP or experts; null: unknown. */
export function rowSums({ depths, parts }) {
  if (!parts) return depths.map(() => null);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return depths.map(({ layer, after }) => {
    if (layer === null) return parts.embedding;
    if (after === "attention") return sum(parts.heads[layer]) + parts.attention_bias[layer];
    return after === "cross-attention"
      ? sum(parts.cross_heads[layer]) + parts.cross_bias[layer]
      : parts.feed_forward[layer];
  });
}

/** What the heads of a row add, those of its attention, or null where it has none; of `count` heads it may be unknown. */
function headsOf({ layer, after }, parts, count = 0) {
  if (!parts) return after.endsWith("attention") ? Array(count).fill(null) : null;
  return { attention: parts.heads, "cross-attention": parts.cross_heads }[after]?.[layer] ?? null;
}

/** The parts by name, those that add most or take most away first. */
export function byWeight({ depths, parts }) {
  const found = [];
  for (const place of depths) {
    const { layer, after } = place;
    if (layer === null) found.push({ name: PART.embedding, value: parts.embedding });
    else if (!headsOf(place, parts)) found.push({ name: placeName(place), value: parts.feed_forward[layer] });
    else {
      const isAcross = after === "cross-attention";
      headsOf(place, parts).forEach((value, head) => {
        found.push({ name: PART.head(layer, head, isAcross), value, layer, head });
      });
      const bias = (isAcross ? parts.cross_bias : parts.attention_bias)[layer];
      found.push({ name: PART.attentionBias(layer, isAcross), value: bias });
    }
  }
  found.push({ name: PART.normBias, value: parts.norm_bias });
  return found.filter(({ value }) => value !== 0).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
}

/** The largest of some sizes, above zero. */
function largestOf(values) {
  return Math.max(1e-9, ...values.map(Math.abs));
}

function headCell(head) {
  const node = element("span", "head-cell");
  node.setAttribute("role", "gridcell");
  node.dataset.press = head;
  node.tabIndex = -1;
  return node;
}

/**
 * `press.part({kind, layer, head})` is called with the head that a person picks, `press.row(place)` with a row. `kind` is
 * "encoder" for the rows that the lens does not read.
 */
export function mountMoves(figure, press, kind = null) {
  const find = (selector) => figure.querySelector(selector);
  const [grid, hint, head, scale] = [".depths", "figcaption p", ".depth-head", ".scale"].map(find);
  const takeHeading = head && pool(head.firstElementChild, (index) => element("span", "", String(index + 1)));
  const drawScale = scale && mountRamp(scale);
  let shown = null;
  let isPinned = false;
  let now = null; // {interventions, click, model}
  let pointed = null; // the cell that pointer or focus is on

  const place = ({ dataset }) => ({ kind: dataset.kind, layer: Number(dataset.layer), after: dataset.after });
  const partOf = (node) => ({ ...place(node), head: Number(node.dataset.press) });
  const isRow = (node) => node.dataset.press === "row";
  const look = (node) => {
    pointed = node;
    if (!shown) return;
    if (!node) return setText(hint, partsHint(shown.parts !== null, isPinned, now, kind));
    const at = partOf(node);
    if (isRow(node)) {
      const index = shown.depths.findIndex(({ layer, after }) => layer === at.layer && after === at.after);
      setText(hint, rowInRow(at, rowSums(shown)[index], rowIsOff(now.interventions, at, now.model)));
    } else {
      const value = headsOf(at, shown.parts, now.model.n_heads)[at.head];
      setText(hint, headInRow(at, value, partIsOff(now.interventions, at), now.click));
    }
  };
  const pressed = (node) => (isRow(node) ? press.row(place(node)) : press.part(partOf(node)));
  const begin = pressable(grid, pressed, look);
  const cellPools = new Map();
  const take = pool(grid, () => {
    const label = depthLabel();
    const cells = element("span", "head-cells");
    const sum = element("span", "signed", element("i"), element("b"), element("i", "tick"));
    const node = element("div", "depth-row", label, cells, sum);
    node.setAttribute("role", "row");
    label.setAttribute("role", "rowheader");
    cells.setAttribute("role", "presentation");
    sum.setAttribute("role", "gridcell");
    cellPools.set(cells, pool(cells, headCell));
    return node;
  });

  /** `rows` is {depths, parts}, `former` what the pinned state has in the place of it, or null. */
  function draw(rows, state, model, former) {
    now = { interventions: state.interventions, click: state.click, model };
    fill(rows, former, model.n_heads, colours());
    strike(rows, model, state.interventions, state.click);
    look(pointed);
    setAttribute(grid, "aria-label", partsSaid(rows.parts !== null, state, kind));
    const isOne = Object.keys(model.stacks).length === 1;
    for (const node of grid.querySelectorAll(".head-cell[data-layer]")) {
      const at = partOf(node);
      const isOpen = at.layer === state.layer && at.head === state.head && (isOne || at.kind === state.kind);
      node.classList.toggle("open", isOpen);
    }
  }

  const fill = once((rows, former, count, tint) => {
    const { depths, parts } = rows;
    [shown, isPinned] = [rows, former !== null];
    const sums = rowSums(rows);
    const before = former ? rowSums(former) : [];
    const largest = largestOf([...sums, ...before]);
    const deepest = largestOf(parts ? [...parts.heads, ...parts.cross_heads].flat() : []);
    const nodes = take(depths.length);
    takeHeading?.(count);
    depths.forEach((depth, index) => {
      const [label, cells, sum] = nodes[index].children;
      fillLabel(label, depth);
      setAttribute(nodes[index], "data-after", depth.after);
      const heads = headsOf(depth, parts, count);
      if (heads) fillHeads(cells, heads, deepest, tint);
      setAttribute(cells, "hidden", heads ? null : "");
      const [bar, number, tick] = sum.children;
      setAttribute(tick, "hidden", former ? null : "");
      if (former) tick.style.left = `${(50 + (50 * before[index]) / largest).toFixed(2)}%`;
      bar.style.transform = `scaleX(${(sums[index] / largest).toFixed(4)})`;
      bar.style.background = sums[index] < 0 ? tint.negative : tint.positive;
      setText(number, parts ? signed(sums[index]) : depth.layer === null ? "" : wholeRow(depth));
    });
    figure.classList.toggle("has-sum", parts !== null);
    if (!scale) return;
    setAttribute(scale, "hidden", parts ? null : "");
    drawScale(tint.diverging, headScale(deepest));
    setText(head.lastElementChild, parts ? rowScale(largest) : "");
  });

  /** Strikes out what is off, says so, and lets whole rows be pressed while a click switches them. */
  const strike = once(({ depths, parts }, model, interventions, click) => {
    const sums = rowSums({ depths, parts });
    const nodes = take(depths.length);
    depths.forEach((depth, index) => {
      const [, cells, sum] = nodes[index].children;
      const { layer, after } = depth;
      const at = { kind: kindOfRow(depth, model), layer, after };
      const isOff = rowIsOff(interventions, at, model);
      nodes[index].classList.toggle("is-off", isOff);
      const presses = click === "off" && layer !== null;
      setAttribute(sum, "data-press", presses ? "row" : null);
      setAttribute(sum, "tabindex", presses ? (sum.getAttribute("tabindex") ?? -1) : null);
      setAttribute(sum, "aria-label", presses ? rowCellSaid(depth, sums[index], isOff) : null);
      Object.assign(sum.dataset, at);
      headsOf(depth, parts, model.n_heads)?.forEach((value, head) => {
        const off = partIsOff(interventions, { ...at, head });
        Object.assign(cells.children[head].dataset, at);
        cells.children[head].classList.toggle("is-off", off);
        setAttribute(cells.children[head], "aria-label", headCellSaid(head, value, off));
      });
    });
    begin(grid.querySelector(".head-cell[data-layer]"));
  });

  function fillHeads(cells, values, deepest, tint) {
    const nodes = cellPools.get(cells)(values.length);
    values.forEach((value, head) => {
      nodes[head].style.backgroundColor = value === null ? "" : tint.signed(value / deepest);
    });
  }

  return draw;
}
