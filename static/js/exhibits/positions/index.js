// The positions exhibit: six schemes side by side on one text, one of them large, what the model's own does to the text,
// RoPE stretched, and six small models read past the length that they were trained on.

import { colours } from "../../page/theme.js";
import { fit, widthOf } from "../../page/canvas.js";
import { setAttribute, setText } from "../../dom.js";
import { oneOf, real, whole } from "../../state/fields.js";
import { mountFar } from "./far.js";
import * as heat from "./field.js";
import { mountInText } from "./intext.js";
import { compared, hover, pairOf } from "./roles.js";
import { fieldOf } from "./schemes.js";
import { mountSide } from "./side.js";
import { mountStretch } from "./stretch.js";
import { mountTiles } from "./tiles.js";
import { SCHEMES, fieldSaid, readAtPlace, readBetween, scaleWords } from "./words.js";
import { setTerms } from "../../page/terms.js";

const LEGEND = { width: 96, height: 8 };

export const asks = ["layer", "head", "scheme", "factor", "sees"];

export const fields = {
  scheme: oneOf("own", ["own", ...Object.keys(SCHEMES)]), // which one is large
  pair: whole(3, 0, 4096), // of RoPE, from 0
  factor: real(4, 1, 64), // by how much longer texts are to become
  sees: oneOf("own", ["own", "left", "both"]), // which way T5's buckets look
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
  const [missing, legend] = [find(".field .missing"), find(".field .scale")];
  const cells = document.createElement("canvas");
  let painted = {};
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
    drawSide(view, roles, field);
    drawInText(view, roles);
    drawStretch(view, pairOf(view));
    drawFar(view);
  }

  function drawField(view, roles) {
    const { state, frame } = view;
    const { scheme } = frame.positions;
    const theme = document.documentElement.dataset.theme;
    const width = Math.max(220, Math.min(widthOf(fieldCanvas.parentElement), 640));
    const now = { frame, head: state.head, theme };
    if (Object.keys(now).some((part) => painted[part] !== now[part])) {
      painted = now;
      field = fieldOf(scheme, frame, state);
      if (!field.missing) {
        heat.paintCells(cells, field, colours());
        drawLegend();
      }
    }
    setText(missing, field.missing ?? "");
    missing.hidden = !field.missing;
    fieldCanvas.hidden = legend.hidden = Boolean(field.missing);
    if (field.missing) return setText(hint, "");
    place = heat.layout(width, field);
    const column = scheme === "rope" ? pairOf(view) : null;
    heat.paint(fieldCanvas, place, cells, field, frame.tokens, { ...roles, column });
    setText(hint, reading(view, roles));
    setAttribute(fieldCanvas, "aria-label", fieldSaid(scheme, hint.textContent));
  }

  /** The line under the name: the number that the pointer is on, or that of the two tokens. */
  function reading({ state, frame }, { query, key }) {
    const at = state.hover?.cell;
    const row = Math.min(at?.row ?? query, field.rows - 1);
    const column = field.square
      ? Math.min(at?.col ?? key, field.cols - 1)
      : Math.min(at?.col ?? pairOf({ state, frame }), field.cols - 1);
    const { tokens } = frame;
    if (!field.square) return readAtPlace(tokens[row], row, field.reads(row, column));
    const number = field.causal && column > row ? null : field.reads(row, column);
    return readBetween(tokens[row], tokens[column], Math.abs(row - column), number);
  }

  function drawLegend() {
    const [canvas, words] = legend.children;
    const context = fit(canvas, LEGEND.width, LEGEND.height);
    const tint = colours();
    const { largest, signed } = field;
    const [low, high] = [signed ? -largest : 0, field.highest ?? largest];
    for (let x = 0; x < LEGEND.width; x++) {
      const value = (low + ((high - low) * x) / (LEGEND.width - 1)) / largest;
      context.fillStyle = signed ? tint.signed(value) : tint.sequential.css[Math.round(255 * value)];
      context.fillRect(x, 0, 1, LEGEND.height);
    }
    setText(words, scaleWords(low, high, field));
  }

  function under(event) {
    const { left, top } = fieldCanvas.getBoundingClientRect();
    return place && heat.hit(place, event.clientX - left, event.clientY - top);
  }

  /** What a cell of the field lights: a query and a key, or one token to compare with the query. */
  function lights({ row, col }) {
    return field.square ? { query: row, key: col, cell: { row, col } } : { token: row, cell: { row, col } };
  }

  /** A click keeps what is lit. */
  function keep({ row, col }) {
    const last = store.frame.tokens.length - 1;
    if (field.square) return store.set({ query: row === last ? null : row, key: col, hover: null });
    store.set({ key: row, ...(field.turns ? { pair: col } : {}) });
  }

  fieldCanvas.addEventListener("pointermove", (event) => {
    const at = under(event);
    hover(store, at && lights(at));
  });
  fieldCanvas.addEventListener("pointerleave", () => hover(store, null));
  fieldCanvas.addEventListener("click", (event) => {
    const at = under(event);
    if (at) keep(at);
  });
  fieldCanvas.addEventListener("keydown", (event) => {
    if (!store.frame?.positions || field.missing) return;
    const roles = compared(store);
    const column = field.square ? roles.key : pairOf(store);
    const at = store.state.hover?.cell ?? { row: field.square ? roles.query : roles.key, col: column };
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const held = (value, size) => Math.max(0, Math.min(size - 1, value));
    if (step)
      hover(store, lights({ row: held(at.row + step[0], field.rows), col: held(at.col + step[1], field.cols) }));
    else if (event.key === "Enter" || event.key === " ") keep(at);
    else if (event.key === "Escape") hover(store, null);
    else return;
    event.preventDefault();
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
