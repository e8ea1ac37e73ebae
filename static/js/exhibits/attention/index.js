// The attention exhibit: the kinds of attention that a model has, all heads of one kind, one head large, one cell in
// numbers, and what happens when heads are switched off.

import { radios, setAttribute, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { mountEffect } from "../../page/effect.js";
import { headIsOff, withHead } from "../../state/interventions.js";
import { strongestKey } from "../../state/patterns.js";
import { KIND, isWritten, kindOf, kindsOf, sidesOf } from "../../state/stacks.js";
import { fulfil } from "../../state/settings.js";
import { headFrom, PART } from "../../state/long.js";
import { visible } from "../../page/chips.js";
import { lit } from "../../page/tokenrow.js";
import { mountAtlas } from "./atlas.js";
import { mountCell } from "./cell.js";
import { mountHead } from "./head.js";
import { mountLeader } from "./leader.js";
import { mountReaders } from "./readers.js";
import { mountSince } from "./since.js";
import { SINKS, sinksOf } from "./sinks.js";
import { mountWhy } from "./why.js";
import * as words from "./words.js";

export const asks = ["kind", "layer", "head", "sinks", "part"];
export const fields = { kind: KIND, sinks: SINKS, part: PART };
export const addressed = ["layer", "head", "key", "view"];
export const enlarges = ["attention"];
export { examples } from "./examples.js";
export { finds } from "./finds.js";
export { roleOfText, weights } from "./ribbon.js";

/** What every head has of the cell that was asked for last, and whether that is the open one; null before there is any. */
function glanceAt(cell, frame, kind, open) {
  if (!cell?.heads || cell.model !== frame.model || cell.kind !== kind) return null;
  const isOpen = cell.text === frame.text && cell.query === open.query && cell.key === open.key;
  return { heads: cell.heads, isOpen: isOpen && cell.sinks === frame.sinks };
}

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [kinds, name, power] = [find(".kinds"), find(".head-name"), find(".title .power")];
  const [resting, aboutResting] = find(".sinks").children;
  const toggle = (layer, head) => {
    const { state, catalog } = store;
    const kind = kindOf(state, catalog.models[state.model]);
    const on = headIsOff(state.interventions, kind, layer, head);
    store.set({ interventions: withHead(state.interventions, kind, layer, head, on) });
  };
  const choose = (query, key) => {
    const { state, catalog } = store;
    const model = catalog.models[state.model];
    const row = isWritten(model.stacks[kindOf(state, model)].asks) ? "written" : "query";
    store.set({ ...(query === undefined ? {} : { [row]: query }), key, hover: null });
  };
  let shown = null; // the open cell
  const markKind = radios(kinds, ({ dataset: { kind } }) => store.set({ kind, key: null, hover: null }));
  const drawLeader = mountLeader(find(".leader"), find("figure.head .canvas-frame canvas"), find(".cell"));
  const drawAtlas = mountAtlas(find(".atlas"), store, toggle);
  const drawReaders = mountReaders(find(".readers"), (layer, head) => store.set({ layer, head, key: shown.key }));
  const drawHead = mountHead(find("figure.head"), store, choose);
  const drawCell = mountCell(find(".cell"), store);
  const drawEffect = mountEffect(root, words.IDLE);
  const drawWhy = mountWhy(find(".why"));
  const compared = mountSince();
  const inSmall = once(({ arrays: { pattern }, thumbnails: { block } }, one) => pattern.inSmall(one, block));
  const rowsFor = once((one) => one.head(0, 0));
  const headFor = once(({ arrays, part }, { length: queries }, { length: keys }) =>
    headFrom(arrays, "pattern_head", part, { queries, keys }),
  );
  power.addEventListener("click", () => {
    const { state, catalog } = store;
    const model = catalog.models[state.model];
    toggle(Math.min(state.layer, model.stacks[kindOf(state, model)].layers - 1), state.head);
  });

  resting.addEventListener("click", () => {
    store.set({ sinks: store.state.sinks === "hidden" ? "shown" : "hidden", hover: null });
  });

  function draw({ state, frame, cell, catalog }) {
    if (frame.exhibit !== "attention" || !frame.arrays.pattern) return;
    fulfil(store);
    const model = catalog.models[frame.model];
    const kind = kindOf(frame, model);
    const sides = sidesOf(frame, model.stacks[kind]);
    const { layer, head } = frame; // the head that came: another that was chosen since is on its way
    const one = headFor(frame, sides.queries, sides.keys);
    const sinks = sinksOf(one, sides.keys);
    const hidden = frame.sinks === "hidden";
    const pattern = inSmall(frame, one);
    const rows = rowsFor(one);
    const row = isWritten(model.stacks[kind].asks)
      ? Math.min(state.written ?? 0, rows.queries - 1)
      : lit({ state, frame }).selected;
    const key = Math.min(state.key ?? strongestKey(rows, row, sides.keys, sides.own), rows.keys - 1);
    const since = compared(frame, state.pin, model.stacks[kind]);
    const open = { query: row, key };
    const changes = (state.view === "change" && !frame.part && since?.changes()) || null;
    const view = {
      state,
      frame,
      cell,
      model,
      kind,
      sides,
      pattern,
      one,
      layer,
      head,
      rows,
      since,
      changes,
      leftOut: hidden ? sinks : null,
      open,
      glance: glanceAt(cell, frame, kind, open),
    };
    shown = open;
    setAttribute(root, "data-kind", kind);
    kinds.hidden = kindsOf(model).length === 1;
    markKind((button) => button.dataset.kind === state.kind);
    setText(kinds.querySelector("p"), words.aboutKind(kind, model.predicts));
    drawReaders(view);
    const off = headIsOff(state.interventions, kind, layer, head);
    setText(name, words.headTitle(layer, head));
    setAttribute(power, "aria-checked", !off);
    setAttribute(power, "aria-label", words.switchLabel(layer, head));
    setText(power.querySelector("span"), words.switchState(off));
    setAttribute(resting, "aria-checked", !hidden);
    const names = sides.keys.filter((_, index) => sinks[index]).map((token) => visible(token));
    setText(aboutResting, words.aboutSinks([...new Set(names)], hidden));
    drawAtlas(view);
    const place = drawHead(view);
    drawCell(view);
    drawLeader(place, view.open);
    drawEffect(view);
    drawWhy(view);
  }

  return { draw };
}
