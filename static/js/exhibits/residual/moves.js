// Who moved the logit: one row a depth, with a cell for each head, and a bar for what the whole row adds.

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
  placeName,
  rowCellSaid,
  rowInRow,
  rowScale,
} from "./words.js";

/** What each row adds: the embedding, then a layer's heads with their common bias, or its MLP or experts. */
export function rowSums({ depths, parts }) {
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return depths.map(({ layer, after }) => {
    if (layer === null) return parts.embedding;
    if (after === "attention") return sum(parts.heads[layer]) + parts.attention_bias[layer];
    return after === "cross-attention" ? sum(parts.cross_heads[layer]) : parts.feed_forward[layer];
  });
}

/** The heads that a row has: those of its attention, or none. */
function headsOf({ layer, after }, parts) {
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
      if (!isAcross) found.push({ name: PART.attentionBias(layer), value: parts.attention_bias[layer] });
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

/** `press.part({kind, layer, head})` is called with the head that a person picks, `press.row(place)` with a row. */
export function mountMoves(figure, press) {
  const find = (selector) => figure.querySelector(selector);
  const [grid, hint, head, scale] = [".depths", "figcaption p", ".depth-head", ".scale"].map(find);
  const takeHeading = pool(head.firstElementChild, (index) => element("span", "", String(index + 1)));
  const wholes = head.lastElementChild;
  const drawScale = mountRamp(scale);
  let shown = null;
  let isPinned = false;
  let now = null; // {interventions, click, model}

  const place = ({ dataset }) => ({ layer: Number(dataset.layer), after: dataset.after });
  const partOf = (node) => ({
    ...place(node),
    kind: kindOfRow(place(node), now.model),
    head: Number(node.dataset.press),
  });
  const isRow = (node) => node.dataset.press === "row";
  const look = (node) => {
    if (!shown) return;
    if (!node) return setText(hint, partsHint(isPinned));
    const at = partOf(node);
    if (isRow(node)) {
      const index = shown.depths.findIndex(({ layer, after }) => layer === at.layer && after === at.after);
      setText(hint, rowInRow(at, rowSums(shown)[index], rowIsOff(now.interventions, at, now.model)));
    } else {
      const value = headsOf(at, shown.parts)[at.head];
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

  /** `former` is what the pinned state has in the place of `residual`, or null. */
  function draw({ residual }, state, model, former) {
    now = { interventions: state.interventions, click: state.click, model };
    fill(residual, former, colours());
    strike(residual, model, state.interventions, state.click);
    const across = residual.parts.cross_heads.length > 0;
    for (const node of grid.querySelectorAll(".head-cell[data-layer]")) {
      const at = partOf(node);
      const kind = { attention: "decoder", "cross-attention": "cross" }[at.after];
      const open = at.layer === state.layer && at.head === state.head && (!across || kind === state.kind);
      node.classList.toggle("open", open);
    }
  }

  const fill = once((residual, former, tint) => {
    const { depths, parts } = residual;
    [shown, isPinned] = [residual, former !== null];
    setText(hint, partsHint(isPinned));
    const sums = rowSums({ depths, parts });
    const before = former ? rowSums(former) : [];
    const largest = largestOf([...sums, ...before]);
    const deepest = largestOf([...parts.heads, ...parts.cross_heads].flat());
    const nodes = take(depths.length);
    takeHeading(parts.heads[0].length);
    depths.forEach((depth, index) => {
      const [label, cells, sum] = nodes[index].children;
      fillLabel(label, depth);
      setAttribute(nodes[index], "data-after", depth.after);
      const heads = headsOf(depth, parts);
      if (heads) fillHeads(cells, depth, heads, deepest, tint);
      setAttribute(cells, "hidden", heads ? null : "");
      const [bar, number, tick] = sum.children;
      setAttribute(tick, "hidden", former ? null : "");
      if (former) tick.style.left = `${(50 + (50 * before[index]) / largest).toFixed(2)}%`;
      bar.style.transform = `scaleX(${(sums[index] / largest).toFixed(4)})`;
      bar.style.background = sums[index] < 0 ? tint.negative : tint.positive;
      setText(number, signed(sums[index]));
    });
    begin(grid.querySelector(".head-cell[data-layer]"));
    drawScale(tint.diverging, headScale(deepest));
    setText(wholes, rowScale(largest));
  });

  /** Strikes out what is off, says so, and lets whole rows be pressed while a click switches them. */
  const strike = once(({ depths, parts }, model, interventions, click) => {
    const sums = rowSums({ depths, parts });
    const nodes = take(depths.length);
    depths.forEach((depth, index) => {
      const [, cells, sum] = nodes[index].children;
      const isOff = rowIsOff(interventions, depth, model);
      nodes[index].classList.toggle("is-off", isOff);
      const presses = click === "off" && depth.layer !== null;
      setAttribute(sum, "data-press", presses ? "row" : null);
      setAttribute(sum, "tabindex", presses ? (sum.getAttribute("tabindex") ?? -1) : null);
      setAttribute(sum, "aria-label", presses ? rowCellSaid(depth, sums[index], isOff) : null);
      Object.assign(sum.dataset, { layer: depth.layer, after: depth.after });
      headsOf(depth, parts)?.forEach((value, head) => {
        const off = partIsOff(interventions, { kind: kindOfRow(depth, model), layer: depth.layer, head });
        cells.children[head].classList.toggle("is-off", off);
        setAttribute(cells.children[head], "aria-label", headCellSaid(head, value, off));
      });
    });
  });

  function fillHeads(cells, { layer, after }, values, deepest, tint) {
    const nodes = cellPools.get(cells)(values.length);
    values.forEach((value, head) => {
      const node = nodes[head];
      node.dataset.layer = layer;
      node.dataset.after = after;
      node.style.backgroundColor = tint.signed(value / deepest);
    });
  }

  return draw;
}
