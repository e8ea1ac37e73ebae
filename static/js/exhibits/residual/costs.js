// Each part off once: a map for each kind of attention, layers down, heads across and the MLP behind them, of what the
// prediction loses without it. The server is asked for as many parts as it does in half a second, until all are there.

import { element, pool, radios, setAttribute, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { colourOf } from "../../draw/ramp.js";
import { mountRamp } from "../../page/scale.js";
import { colours } from "../../page/theme.js";
import { asSent } from "../../state/interventions.js";
import { pressable } from "./grid.js";
import { insteadOf, partIsOff } from "./off.js";
import { setTerms } from "../../page/terms.js";
import * as words from "./words.js";

const DARK = 0.55; // from this share of the largest on, a number stands in the colour of the card

const nameOf = ({ kind, layer, head }) => [kind, layer, head].join(".");

/** What is measured is about: as long as this stays, a measured cost holds. */
function subjectOf({ state, frame, catalog }) {
  const { text, model, interventions, residual } = frame;
  const chosen = { query: residual.query, target: residual.target.id, against: residual.against?.id ?? null };
  return { text, model, interventions, ...chosen, by: insteadOf(state, catalog.models[model]) };
}

const isSame = (one, other) => Object.keys(one).every((name) => one[name] === other?.[name]);

/** A map: its title, the numbers of its heads, and the grid. */
function mapOf() {
  const map = element("div", "map", element("h3"), element("div", "map-row heads"), element("div"));
  setAttribute(map.children[1], "aria-hidden", "true");
  setAttribute(map.lastChild, "role", "grid");
  return map;
}

/** A row of a map: its layer, a cell for each head, one for the MLP. */
function mapRow() {
  const node = element("div", "map-row", element("span", "map-layer"));
  node.setAttribute("role", "row");
  node.firstChild.setAttribute("role", "rowheader");
  return node;
}

function mapCell() {
  const node = element("span", "cost-cell");
  node.setAttribute("role", "gridcell");
  node.dataset.press = "";
  node.tabIndex = -1;
  return node;
}

/** `press(part)` is called with the part that a person picks. */
export function mountCosts(figure, store, press) {
  const find = (selector) => figure.querySelector(selector);
  const [hint, run, maps] = [find("figcaption p"), find(".run"), find(".maps")];
  const drawScale = mountRamp(find(".scale"));
  const markCost = radios(find(".switch"), ({ dataset }) => store.set({ cost: dataset.cost }));
  let asked = null; // what the costs are about
  let costs = new Map(); // of each part, by its name
  let total = 0;
  let error = null;
  let isRunning = false;
  let shown = null;

  async function measure() {
    const subject = subjectOf(store);
    [asked, costs, total, error, isRunning] = [subject, new Map(), 0, null, true];
    store.changed();
    const { text, model, interventions, query, target, against, by } = subject;
    const about = { text, model, interventions: asSent(interventions) };
    try {
      while (isRunning && asked === subject && (total === 0 || costs.size < total)) {
        const begin = costs.size;
        const what = { ...about, query, target, against, by, begin };
        const answer = await store.call("off_once", what, String(begin));
        if (asked !== subject) return;
        total = answer.total;
        for (const part of answer.parts) costs.set(nameOf(part), part);
        store.changed();
      }
    } catch (failed) {
      error = failed instanceof Error ? failed.message : String(failed);
    }
    if (asked !== subject) return;
    isRunning = false;
    store.changed();
  }
  run.addEventListener("click", () => {
    if (isRunning) isRunning = false;
    else measure();
    store.changed();
  });

  const partOf = ({ dataset: { kind, layer, head } }) => ({
    kind,
    layer: Number(layer),
    head: head === "mlp" ? null : Number(head),
  });
  const said = (node) => {
    const part = partOf(node);
    const { state } = store;
    return words.costCellSaid(part, costs.get(nameOf(part)) ?? null, state.cost, partIsOff(state.interventions, part));
  };
  const look = (node) => shown && setText(hint, node ? said(node) : shown);
  const hands = new Map(); // of each map and row: what takes its children, and what begins its tab stop
  const take = pool(maps, () => {
    const map = mapOf();
    const [, heads, grid] = map.children;
    const takeRows = pool(grid, () => {
      const row = mapRow();
      hands.set(row, { takeCells: pool(row, mapCell) });
      return row;
    });
    const begin = pressable(grid, (node) => press(partOf(node)), look);
    hands.set(map, { takeRows, takeHeads: pool(heads, () => element("span")), begin });
    return map;
  });

  /** Puts the cells of a model in place; gives all of them. */
  const place = once(({ stacks, n_heads: n }) => {
    const kinds = Object.keys(stacks);
    const nodes = take(kinds.length);
    return kinds.flatMap((kind, index) => {
      const map = nodes[index];
      const [title, , grid] = map.children;
      const { takeRows, takeHeads, begin } = hands.get(map);
      const { layers } = stacks[kind];
      const columns = kind === "cross" ? n : n + 1; // across, no MLP of its own
      setAttribute(grid, "aria-label", words.mapLabel(kind));
      map.style.setProperty("--columns", columns);
      setTerms(title, words.mapTitle(kind));
      takeHeads(columns + 1).forEach((node, at) => {
        setText(node, at === 0 ? "" : at > n ? words.MLP_COLUMN : String(at));
      });
      const cells = takeRows(layers)
        .slice(0, layers)
        .flatMap((row, layer) => {
          setText(row.firstChild, String(layer + 1));
          const nodes = hands.get(row).takeCells(columns).slice(0, columns);
          nodes.forEach((cell, at) => Object.assign(cell.dataset, { kind, layer, head: at < n ? at : "mlp" }));
          return nodes;
        });
      begin(cells[0]);
      return cells;
    });
  });

  const fill = once((cells, costs, known, how, interventions, isDifference, tint) => {
    const parts = [...costs.values()];
    const value = (cost) => (how === "bits" ? cost.kl_bits : cost.change);
    const largest = Math.max(1e-9, ...parts.map((cost) => Math.abs(value(cost))));
    const ramp = how === "bits" ? tint.sequential : tint.diverging;
    for (const cell of cells) {
      const part = partOf(cell);
      const cost = costs.get(nameOf(part));
      const share = cost ? value(cost) / largest : 0;
      cell.style.backgroundColor = cost ? colourOf(ramp, share) : "";
      cell.classList.toggle("deep", Math.abs(share) > DARK);
      cell.classList.toggle("is-off", partIsOff(interventions, part));
      setText(cell, cost ? words.costFigure(value(cost), how) : "");
      setAttribute(cell, "aria-label", said(cell));
    }
    drawScale(ramp, known ? words.costScale(how, largest, isDifference) : "");
    return parts.reduce((most, part) => (!most || Math.abs(value(part)) > Math.abs(value(most)) ? part : most), null);
  });

  return function draw({ state, frame, catalog }) {
    const model = catalog.models[frame.model];
    if (asked && !isSame(subjectOf({ state, frame, catalog }), asked)) {
      [asked, costs, total, error, isRunning] = [null, new Map(), 0, null, false];
    }
    const cells = place(model);
    const isDifference = frame.residual.against !== null;
    const largest = fill(cells, costs, costs.size, state.cost, state.interventions, isDifference, colours());
    markCost((button) => button.dataset.cost === state.cost);
    setText(run, isRunning ? words.RUN.busy : words.RUN.idle);
    const mlps = cells.filter(({ dataset }) => dataset.head === "mlp").length;
    const counts = { done: costs.size, total, heads: cells.length - mlps, mlps, error, largest, how: state.cost };
    const hinted = words.costsHint(counts);
    if (shown !== hinted) setText(hint, hinted);
    shown = hinted;
  };
}
