// The residual exhibit: the logit lens, and a logit, or a difference of two, taken apart into what each part adds.

import { mountBaseline } from "../../state/baseline.js";
import { spoken, visible } from "../../page/chips.js";
import { element, pool, radios, setAttribute, setText } from "../../dom.js";
import { entry, oneOf } from "../../state/fields.js";
import { decimal, signed } from "../../format.js";
import { setTerms } from "../../page/terms.js";
import { once } from "../../draw/once.js";
import { mountCosts } from "./costs.js";
import { mountLens } from "./lens.js";
import { byWeight, mountMoves } from "./moves.js";
import { mountOff, rowIsOff, rowsOfEncoder } from "./off.js";
import { readAt, sumOfParts, worthBefore } from "./words.js";

const LISTED = 6;

export const asks = ["query", "target", "against", "of"];

export const fields = {
  target: entry(), // the entry whose logit is taken apart; null: the likeliest as trained
  against: entry(), // the entry that it is compared with; null: the likeliest as trained but the target
  of: oneOf("logit", ["logit", "difference"]), // what is taken apart
  click: oneOf("open", ["open", "off"]), // what a click on a head or a row does
  instead: oneOf("zero", ["zero", "mean"]), // what stands in for a part that goes off
  cost: oneOf("bits", ["bits", "logit"]), // how it is measured what a part costs
};
export const enlarges = ["residual stream"];
export const takesApart = (id) => ({ target: id });
export { examples } from "./examples.js";

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [place, minus, follow, sum] = [".place", ".minus", ".follow", ".sum"].map(find);
  const [before, worth] = find(".worth").children;
  const chips = Object.fromEntries([...root.querySelectorAll("[data-sets]")].map((node) => [node.dataset.sets, node]));
  let sets = "target"; // what a click on a token sets, where two are compared
  let shown = null;

  const choose = (id) => {
    const other = sets === "target" ? "against" : "target";
    const { residual } = store.frame;
    if (store.state.of === "difference" && residual[other]?.id === id) return;
    store.set({ [sets]: id });
  };
  const off = mountOff(root, store);
  const open = ({ kind, layer, head }) => {
    if (head === null) return openFeedForward(kind, layer);
    store.wanted = null; // a head that was still to be found gives way to one that is chosen
    store.set({ layer, head, key: null, kind: kind === "text" ? "decoder" : kind });
    store.enter("attention");
  };
  const openFeedForward = (kind, layer) => {
    const { experts } = store.catalog.models[store.state.model];
    if (kind !== "text" || !experts?.layers.includes(layer)) return;
    store.set({ layer });
    store.enter("expert");
  };
  const press = { part: (part) => (store.state.click === "off" ? off.part(part) : open(part)), row: off.row };
  const drawLens = mountLens(find(".lens"), choose);
  const drawMoves = mountMoves(find(".moves"), press);
  const encoder = find(".encoder");
  const drawEncoder = mountMoves(encoder, press, "encoder");
  const rowsBefore = once((model) => ({ depths: rowsOfEncoder(model), parts: null }));
  const drawCosts = mountCosts(find(".costs"), store, press.part);
  const baseline = mountBaseline(store);
  const markOf = radios(find(".switch"), ({ dataset }) => {
    sets = "target";
    store.set({ of: dataset.of });
  });
  const markSets = radios(find(".sets"), ({ dataset }) => {
    sets = dataset.sets;
    store.changed();
  });
  follow.addEventListener("click", () => store.set({ target: null, against: null }));
  document.querySelector(".candidates").addEventListener("click", (event) => {
    const [list, pressed] = /** @type {HTMLElement[]} */ ([event.currentTarget, event.target]);
    if (store.state.exhibit !== "residual" || !pressed.closest(".apart")) return;
    const index = [...list.children].indexOf(pressed.closest("li"));
    if (index >= 0) choose(store.frame.next.top[index].id);
  });

  const take = pool(find(".largest ol"), () => element("li", "", element("span"), element("b")));

  function draw({ state, frame, catalog }) {
    const { residual } = frame;
    if (!residual) return;
    const model = catalog.models[frame.model];
    // Of the pinned state the same entries, whatever is likeliest there.
    const entries = { target: residual.target.id, against: residual.against?.id ?? null };
    const former = baseline({ state }, entries)?.residual ?? null;
    drawLens(frame, former);
    strike(residual, model, state.interventions);
    off.draw(state, model);
    drawCosts({ state, frame, catalog });
    for (const part of [".largest", ".switch"]) setAttribute(find(part), "hidden", residual.parts ? null : "");
    setAttribute(find(".no-sum"), "hidden", residual.parts ? "" : null);
    drawMoves(residual, state, model, former?.parts ? former : null);
    const rows = rowsBefore(model);
    setAttribute(encoder, "hidden", rows.depths.length ? null : "");
    if (rows.depths.length) drawEncoder(rows, state, model, null);
    markOf((button) => button.dataset.of === state.of);
    markSets((button) => button.dataset.sets === sets);
    setText(before, worthBefore(residual, former));
    setText(worth, decimal(residual.logit));
    follow.classList.toggle("idle", state.target === null && state.against === null);
    if (shown === residual) return;
    shown = residual;
    setText(place, `${readAt(frame)}:`);
    for (const [name, chip] of Object.entries(chips)) {
      const token = residual[name];
      setAttribute(chip, "hidden", token ? null : "");
      if (!token) continue;
      setText(chip.firstChild, visible(token, true));
      setAttribute(chip, "aria-label", spoken(token, true));
    }
    setAttribute(minus, "hidden", residual.against ? null : "");
    if (residual.parts) list(residual);
  }

  /** The rows of the lens whose half of a block is off. */
  const strike = once(({ depths }, model, interventions) => {
    const rows = find(".lens .depths").children;
    depths.forEach((depth, index) => {
      rows[index].classList.toggle("is-off", rowIsOff(interventions, depth, model));
    });
  });

  function list(residual) {
    const parts = byWeight(residual).slice(0, LISTED);
    const nodes = take(parts.length);
    parts.forEach(({ name, value }, index) => {
      setText(nodes[index].firstChild, name);
      setText(nodes[index].lastChild, signed(value));
    });
    setTerms(sum, sumOfParts(residual));
  }

  return { draw };
}
