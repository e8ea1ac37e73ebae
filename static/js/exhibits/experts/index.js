// The experts exhibit: every token's gates at every layer with experts, the load, and what happens when an expert is
// switched off or favoured.

import { mountBaseline } from "../../state/baseline.js";
import { spoken, visible } from "../../page/chips.js";
import { setAttribute, setText } from "../../dom.js";
import { mountEffect } from "../../page/effect.js";
import { count, decimal, percent } from "../../format.js";
import { biasOf, withBias } from "../../state/interventions.js";
import { fulfil } from "../../state/settings.js";
import { widthOf } from "../../page/canvas.js";
import { setTerms } from "../../page/terms.js";
import { lit } from "../../page/tokenrow.js";
import { deepest, drawTones, mountGates } from "./gates.js";
import { mountHeads } from "./heads.js";
import { mountRows } from "./rows.js";
import { layersOf, lookedAt } from "./view.js";

const LABEL = 88; // px for the tokens left of the matrix
const IDLE = "Nothing is changed. Press an expert’s name above to switch it off, or move a bias below.";
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
  let shown = { frame: null, layers: null };
  let theme = null;

  const layersNow = () => store.catalog.models[store.state.model].experts.layers;

  /** Gives an expert a bias or switches it off; says why not where it would be the last of its layer. */
  function change(layer, expert, bias) {
    const { n_experts: experts } = store.catalog.models[store.state.model].experts;
    const next = withBias(store.state.interventions, layer, expert, bias, experts);
    const last = `E${expert + 1} is the last expert of layer ${layer + 1} that is on: a token must go somewhere.`;
    refused = next ? null : last;
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
  const drawRows = mountRows(root, (expert, bias) => change(shown.layers[shown.at].layer, expert, bias));
  const drawEffect = mountEffect(root, IDLE);

  function draw({ state, frame, catalog }) {
    const model = catalog.models[frame.model];
    const config = model.experts;
    none.hidden = config !== null;
    plate.hidden = config === null;
    if (!config) {
      const others = Object.keys(catalog.models).filter((name) => catalog.models[name].experts);
      const dense = `${model.name} is dense: every token passes through the same MLP, so there is no gate to look at.`;
      setTerms(
        none,
        others.length
          ? `${dense} Of the models here, ${others.join(" and ")} ${others.length > 1 ? "have" : "has"} experts.`
          : dense,
      );
      return;
    }
    if (!frame.arrays.weights) return;
    fulfil(store);
    if (shown.frame !== frame) {
      shown = { frame, layers: layersOf(frame, config) };
      shown.most = deepest(shown.layers);
      setText(range, `the others’ probability, 0 to ${percent(shown.most)}`);
      sizes(model, config);
    }
    if (theme !== document.documentElement.dataset.theme) {
      theme = document.documentElement.dataset.theme;
      drawTones(tones);
    }
    const { layers } = shown;
    shown.at = lookedAt(layers, state.layer);
    const place = placed(widthOf(gates), layers.length, config.n_experts, shown.at);
    gates.style.cssText = `--label:${LABEL}px;--gap:${GAP}px;--cell:${place.cell}px;--experts:${config.n_experts}`;
    plate.classList.toggle("single", place.single);
    const roles = lit({ state, frame });
    const { interventions } = state;
    const isOff = (layer, expert) => biasOf(frame.interventions, layer, expert) === "off";
    const pinned = baseline({ state });
    const former = pinned ? layersOf(pinned, config) : null;
    const view = { frame, layers, at: shown.at, place, roles, interventions, isOff, refused, former, most: shown.most };
    drawHeads(view);
    drawGates(view);
    drawRows(view);
    drawEffect(view);
    say(view, state.hover);
  }

  /** Beside the title: the numbers of the cell under the pointer; and the selected row's for a screen reader. */
  function say({ frame, layers, at, roles }, hover) {
    const { rows, layer } = layers[at];
    const row = rows[roles.selected];
    const listed = row.chosen.map((expert) => `E${expert + 1} weight ${decimal(row.weights[expert])}`).join(", ");
    const next = row.runnerUp === null ? "" : `; runner-up E${row.runnerUp + 1}, ${decimal(row.short)} short`;
    const selected = `${spoken(frame.tokens[roles.selected])}, layer ${layer + 1}`;
    setAttribute(scroller, "aria-label", `Gates by token and expert. ${selected}: ${listed}${next}`);
    const pointed = hover?.cell && layers[hover.cell.index]?.rows[hover.token];
    if (!pointed) {
      setText(hint, "point at a cell to read it; a click follows its token");
      return;
    }
    const { index, expert } = hover.cell;
    const cell = `${visible(frame.tokens[hover.token])} at layer ${layers[index].layer + 1}, E${expert + 1}`;
    const numbers = [
      `logit ${decimal(pointed.logits[expert])}`,
      `probability ${percent(pointed.probabilities[expert])}`,
      `weight ${decimal(pointed.weights[expert], 3)}`,
    ];
    setText(hint, `${cell}: ${numbers.join(", ")}`);
  }

  /** This model's own row among the published ones, and the sum that leads to it. */
  function sizes(model, { n_experts: experts, top_k: k, d_expert: width, layers, active_parameters: active }) {
    const put = (name, text) => setText(size.querySelector(`[data-own="${name}"]`), text);
    const millions = (value) => `${decimal(value / 1e6, 2)}\u00a0M`;
    put("name", model.name);
    put("experts", `${k} of ${experts}`);
    put("total", millions(model.parameters));
    put("active", millions(active));
    put("share", percent(active / model.parameters));
    const resting = `${layers.length} × ${experts - k} × 3 × ${count(model.d_model)} × ${count(width)}`;
    put("sum", `${count(model.parameters)} − ${resting} = ${count(active)}`);
  }

  return { draw };
}
