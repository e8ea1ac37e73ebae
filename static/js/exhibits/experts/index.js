// The experts exhibit: every token's gates at every layer with experts, the load, and what happens when an expert is
// switched off or favoured.

import { setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { percent } from "../../format.js";
import { widthOf } from "../../page/canvas.js";
import { spoken, visible } from "../../page/chips.js";
import { mountEffect } from "../../page/effect.js";
import { mountSpokenCell } from "../../page/spokencell.js";
import { setTerms } from "../../page/terms.js";
import { colours } from "../../page/theme.js";
import { lit } from "../../page/tokenrow.js";
import { mountBaseline } from "../../state/baseline.js";
import { biasOf, withBias } from "../../state/interventions.js";
import { fulfil } from "../../state/settings.js";
import { deepest, drawTones, mountGates } from "./gates.js";
import { mountHeads } from "./heads.js";
import { mountRows } from "./rows.js";
import { layersOf, lookedAt } from "./view.js";
import * as words from "./words.js";

const LABEL = 88; // px for the tokens left of the matrix
const GAP = 16; // between two layers
const [NARROWEST, WIDEST] = [20, 34]; // px of a cell; below, only the chosen layer is shown

/** Where the columns stand in a width: `x(index, expert)`, and back with `at(x)`. */
function placed(width, layers, experts, at) {
  const cellFor = (shown) => Math.floor((width - LABEL - GAP * (shown - 1) - 2) / (shown * experts));
  const single = cellFor(layers) < NARROWEST;
  const shown = single ? [at] : Array.from({ length: layers }, (_, index) => index);
  const cell = Math.max(8, Math.min(WIDEST, cellFor(shown.length)));
  const x = (index, expert) => LABEL + shown.indexOf(index) * (experts * cell + GAP) + expert * cell;
  const find = (left) => {
    const index = shown.find((one) => left >= x(one, 0) && left < x(one, experts));
    return index === undefined ? null : { index, expert: Math.floor((left - x(index, 0)) / cell) };
  };
  return { width, label: LABEL, gap: GAP, cell, single, shown, experts, x, at: find };
}

export const addressed = ["layer"];
export const enlarges = ["expert"];
export { finds } from "./finds.js";

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [plate, none, gates, scroller] = [".experts-grid", ".none", ".gates", ".gates-rows"].map(find);
  const [hint, size, tones, range] = [".gates figcaption p", ".size", ".cell-key canvas", ".cell-key .range"].map(find);
  const baseline = mountBaseline(store);
  let refused = null;
  let at = 0; // which of the layers with experts is looked at
  let seen = []; // these layers, as the frame has them

  const layersNow = () => store.catalog.models[store.state.model].experts.layers;

  /** Gives an expert a bias or switches it off; says why not where it would be the last of its layer. */
  function change(layer, expert, bias) {
    const { n_experts: experts } = store.catalog.models[store.state.model].experts;
    const next = withBias(store.state.interventions, layer, expert, bias, experts);
    refused = next ? null : words.refused(layer, expert);
    if (next) store.set({ interventions: next });
    store.changed();
  }
  const toggle = (layer, expert) =>
    change(layer, expert, biasOf(store.state.interventions, layer, expert) === "off" ? 0 : "off");
  const follow = (token, index) => {
    const last = store.frame.tokens.length - 1;
    const layer = index === null ? store.state.layer : layersNow()[index];
    store.set({ query: token === last ? null : token, key: null, layer });
  };

  const drawHeads = mountHeads(root, store, toggle);
  const drawGates = mountGates(scroller, store, follow);
  const speak = mountSpokenCell(scroller);
  const drawRows = mountRows(root, (expert, bias) => change(seen[at].layer, expert, bias));
  const drawEffect = mountEffect(root, words.IDLE);

  const paintTones = once((tint) => drawTones(tones, tint));

  /** What a frame says of its experts: the layers that have them, and where the tones of the others end. */
  const viewOf = once((frame, model) => {
    const layers = layersOf(frame, model.experts);
    const most = deepest(layers);
    setText(range, words.tonesRange(most));
    sizes(model, model.experts, frame.experts.d_shared !== null);
    return { layers, most };
  });

  function draw({ state, frame, catalog }) {
    const model = catalog.models[frame.model];
    const config = model.experts;
    none.hidden = config !== null;
    plate.hidden = config === null;
    if (!config) {
      const others = Object.keys(catalog.models).filter((name) => catalog.models[name].experts);
      setTerms(none, words.dense(model.name, others));
      return;
    }
    if (!frame.arrays.weights) return;
    fulfil(store);
    const { layers, most } = viewOf(frame, model);
    paintTones(colours());
    seen = layers;
    at = lookedAt(layers, state.layer);
    const place = placed(widthOf(gates), layers.length, config.n_experts, at);
    gates.style.cssText = `--label:${LABEL}px;--gap:${GAP}px;--cell:${place.cell}px;--experts:${config.n_experts}`;
    plate.classList.toggle("single", place.single);
    const roles = lit({ state, frame });
    const { interventions } = state;
    const isOff = (layer, expert) => biasOf(frame.interventions, layer, expert) === "off";
    const pinned = baseline({ state });
    const former = pinned ? layersOf(pinned, config) : null;
    const view = { frame, layers, at, place, roles, interventions, isOff, refused, former, most };
    drawHeads(view);
    drawGates(view);
    drawRows(view);
    drawEffect(view);
    say(view, state.hover);
  }

  /** Beside the title: the numbers of the cell under the pointer; and the selected row's for a screen reader. */
  function say({ frame, layers, at, roles }, hover) {
    const { rows, layer } = layers[at];
    const cell = { row: roles.selected, column: at };
    const size = { rows: frame.tokens.length, columns: layers.length };
    speak(cell, size, words.gatesSaid(spoken(frame.tokens[roles.selected]), layer, rows[roles.selected]), true);
    const pointed = hover?.index === undefined ? null : layers[hover.index];
    const row = pointed?.rows[hover.token];
    const numbers = row && words.cell(visible(frame.tokens[hover.token]), pointed.layer, hover.expert, row);
    setText(hint, numbers ?? words.POINT);
  }

  /** This model's own row among the published ones, and the sum that leads to it. */
  function sizes(
    model,
    { n_experts: experts, top_k: k, d_expert: width, layers, active_parameters: active },
    isShared,
  ) {
    const put = (name, text) => setText(size.querySelector(`[data-own="${name}"]`), text);
    const { parameters: total, d_model } = model;
    put("name", model.name);
    put("experts", words.chosenOf(k, experts, isShared));
    put("total", words.millions(total));
    put("active", words.millions(active));
    put("share", percent(active / total));
    put("sum", words.activeSum(total, { layers: layers.length, resting: experts - k, d_model, width, active }));
  }

  return { draw };
}
