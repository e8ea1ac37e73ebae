// The positions exhibit: six schemes side by side on one text, one of them large, what the model's own does to the text,
// RoPE stretched, and six small models read past the length that they were trained on.

import { colours } from "../../page/theme.js";
import { cellAt } from "../../draw/cells.js";
import { gridKeys } from "../../draw/gridkeys.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { picture } from "../../draw/raster.js";
import { fit, widthOf } from "../../page/canvas.js";
import { labelsOf } from "../../page/chips.js";
import { light } from "../../page/hovered.js";
import { mountRamp } from "../../page/scale.js";
import { mountSpokenCell } from "../../page/spokencell.js";
import { setAttribute, setText } from "../../dom.js";
import { line, oneOf, real, whole } from "../../state/fields.js";
import { mountFar } from "./far.js";
import * as heat from "./field.js";
import { mountInText } from "./intext.js";
import { compared, compares, pairOf, withVectors } from "./roles.js";
import { fieldOf } from "./schemes.js";
import { mountSide } from "./side.js";
import { mountStretch } from "./stretch.js";
import { mountTiles } from "./tiles.js";
import { SCHEMES, fieldLabel, readAtPlace, readBetween, scaleWords } from "./words.js";
import { setTerms } from "../../page/terms.js";

export const asks = ["layer", "head", "scheme", "factor", "sees", "compares"];

export const fields = {
  scheme: oneOf("own", ["own", ...Object.keys(SCHEMES)]), // which one is large
  pair: whole(3, 0, 4096), // of RoPE, from 0
  factor: real(4, 1, 64), // by how much longer texts are to become
  sees: oneOf("own", ["own", "left", "both"]), // which way T5's buckets look
  compares: line("", 16), // of a long text, the two tokens whose vectors are there
};
export const addressed = ["layer", "head", "key", "view"];
export const enlarges = ["position"];

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const drawTiles = mountTiles(find(".schemes"), store);
  const drawSide = mountSide(find(".scheme-side"), store);
  const drawInText = mountInText(find(".in-text"), store);
  const drawStretch = mountStretch(find(".stretch"), store);
  const drawFar = mountFar(find(".far"), store);
  const [title, says, hint] = [find("#positions-scheme"), find(".scheme-says"), find(".field-hint")];
  const fieldCanvas = find(".field canvas");
  const grid = fieldCanvas.parentElement;
  const speak = mountSpokenCell(grid);
  const [missing, legend] = [find(".field .missing"), find(".field .scale")];
  const drawLegend = mountRamp(legend);
  const pictureOf = picture();
  let place = null;
  let field = null;

  function draw(view) {
    const { frame } = view;
    if (!frame.positions) return;
    drawTiles(view);
    const { scheme } = frame.positions;
    setTerms(title, SCHEMES[scheme].name);
    setTerms(says, SCHEMES[scheme].says);
    const roles = compared(view);
    drawField(view, roles);
    const there = withVectors(view, roles);
    drawSide(view, field.inPart ? there : roles, field);
    drawInText(view, there);
    drawStretch(view, pairOf(view));
    drawFar(view);
    store.set({ compares: compares(view) });
  }

  const fieldFor = once(fieldOf);
  const imageFor = once((shown, tint) => heat.imageOf(pictureOf, shown, heat.FINEST, tint));
  const rampFor = once(heat.rampOf);
  const paintField = once((shown, frame, query, key, selected, column, width, tint) => {
    place = heat.layout(width, shown);
    const context = fit(fieldCanvas, place.width, place.height);
    const lighted = { query, key, selected, column };
    heat.paint(context, place, imageFor(shown, tint), shown, labelsOf(frame.tokens), lighted, tint);
  });

  function drawField(view, { query, key, selected }) {
    const { state, frame } = view;
    const { scheme } = frame.positions;
    field = fieldFor(scheme, frame, state.head);
    setText(missing, field.missing ?? "");
    missing.hidden = !field.missing;
    grid.hidden = legend.hidden = Boolean(field.missing);
    if (field.missing) return setText(hint, "");
    const tint = colours();
    const width = Math.max(220, Math.min(widthOf(grid), 640));
    const column = scheme === "rope" ? pairOf(view) : null;
    paintField(field, frame, query, key, selected, column, width, tint);
    drawLegend(rampFor(field, tint), scaleWords(field));
    const cell = withinField(cellOf(view, { query, key }));
    setText(hint, reading(frame.tokens, cell));
    setAttribute(grid, "aria-label", fieldLabel(scheme));
    speak(cell, place, hint.textContent, null);
  }

  /** The cell that is looked at: under the pointer or the keys; else the two tokens, or one of them and RoPE's pair. */
  function cellOf({ state, frame }, { query, key }) {
    if (field.square) return { row: query, column: key };
    const { hover } = state;
    return hover?.column === undefined
      ? { row: query, column: pairOf({ state, frame }) }
      : { row: hover.token, column: hover.column };
  }

  const withinField = ({ row, column }) => ({
    row: Math.min(row, field.rows - 1),
    column: Math.min(column, field.cols - 1),
  });

  /** The line under the name: the number of the cell that is looked at. */
  function reading(tokens, { row, column }) {
    if (!field.square) return readAtPlace(tokens[row], row, field.reads(row, column));
    const number = field.causal && column > row ? null : field.reads(row, column);
    return readBetween(tokens[row], tokens[column], Math.abs(row - column), number);
  }

  /** What a cell of the field lights: a query and a key, or one token to compare with the query. */
  const lights = ({ row, column }) => (field.square ? { query: row, key: column } : { token: row, column });

  /** A click keeps what is lit. */
  function keep({ row, column }) {
    const last = store.frame.tokens.length - 1;
    if (field.square) return store.set({ query: row === last ? null : row, key: column, hover: null });
    store.set({ key: row, ...(field.turns ? { pair: column } : {}) });
  }

  followPointer(
    fieldCanvas,
    (x, y) => place && cellAt(place, x, y),
    (cell) => light(store, cell && lights(cell)),
    keep,
  );
  gridKeys(grid, {
    grid: () => (store.frame?.positions && !field.missing ? place : null),
    at: () => {
      const roles = compared(store);
      return { ...cellOf(store, roles), ...(field.square ? {} : { row: roles.key }) };
    },
    move: (cell) => light(store, lights(cell)),
    press: keep,
    leave: () => light(store, null),
  });
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-step]");
    if (!button) return;
    const name = button.parentElement.dataset.steps;
    const model = store.catalog.models[store.state.model];
    const size = { layer: model.n_layers, head: model.n_heads, pair: store.frame.positions?.rope.frequencies.length }[
      name
    ];
    const now = name === "pair" ? pairOf(store) : store.state[name];
    store.set({ [name]: (now + Number(button.dataset.step) + size) % size });
  });

  return { draw };
}
