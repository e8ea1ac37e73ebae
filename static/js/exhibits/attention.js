// The attention exhibit: atlas, one head large, one cell in numbers; and what pointer and keys do to them.

import { spoken, visible } from "../chips.js";
import { at } from "../decode.js";
import { radios, setAttribute, setText } from "../dom.js";
import { fulfil } from "../settings.js";
import { widthOf } from "../size.js";
import { lit } from "../tokenrow.js";
import { mountAtlas } from "../attention/atlas.js";
import { mountCell } from "../attention/cell.js";
import { mountLeader } from "../attention/leader.js";
import * as lines from "../attention/lines.js";
import * as matrix from "../attention/matrix.js";
import { largestOf } from "../attention/raster.js";
import { drawScale } from "../attention/scale.js";

/**
 * The earlier token that a query reads most. A special one only where there is no other: many heads rest on the first
 * token when they find nothing, and a resting place explains little.
 */
export function strongestKey(rows, query, tokens) {
  let best = 0;
  for (let key = 1; key < query; key++) {
    if (tokens[key].special) continue;
    if (tokens[best].special || at(rows, query, key) > at(rows, query, best)) best = key;
  }
  return best;
}

/** A probability as exactly as its colour knows it: in 255 steps. */
function coarse(value) {
  return value < 2.55 ? "<\u00a01\u00a0%" : `${Math.round((100 * value) / 255)}\u00a0%`;
}

/** The parts of the state that its numbers depend on, besides those of every exhibit. */
export const asks = [];

export function mount(root, store) {
  const figure = root.querySelector("figure.head");
  const canvas = figure.querySelector(".canvas-frame canvas");
  const frameNode = canvas.parentElement;
  const [name, hint] = [figure.querySelector(".head-name"), figure.querySelector("figcaption p")];
  const cells = document.createElement("canvas");
  const leader = mountLeader(root.querySelector(".leader"), canvas, root.querySelector(".cell"));
  const atlas = mountAtlas(root.querySelector(".atlas"), store);
  const cellPanel = mountCell(root.querySelector(".cell"), store);
  const markView = radios(figure.querySelector(".switch"), (button) => store.set({ view: button.dataset.view }));
  let place = null;
  let painted = {};
  let open = null; // the cell in the panel

  function draw(view) {
    const { state, frame } = view;
    const { pattern } = frame.arrays;
    if (!pattern) return;
    fulfil(store);
    atlas.draw(view);
    drawHead(view, pattern);
    cellPanel.draw(view, open);
    leader(state.view === "matrix" ? place : null, open);
  }

  function drawHead({ state, frame }, pattern) {
    const { tokens } = frame;
    const rows = pattern.head(state.layer, state.head);
    const roles = lit({ state, frame });
    const key = Math.min(state.key ?? strongestKey(rows, roles.selected, tokens), tokens.length - 1);
    open = { query: roles.selected, key };
    const width = Math.max(200, Math.min(widthOf(frameNode), 560));
    const theme = document.documentElement.dataset.theme;
    const largest = largestOf(rows);
    const square = matrix.layout(width, tokens.length);
    const asLines = state.view === "lines";
    place = asLines ? lines.layout(width, tokens.length, square.height) : square;
    const lighted = {
      ...roles,
      query: roles.query ?? roles.selected,
      column: state.hover?.key ?? state.hover?.token ?? null,
      key: state.hover ? (state.hover.key ?? state.hover.token) : key,
      cell: open,
    };
    if (asLines) {
      const column = state.hover?.query === null ? state.hover.key : null;
      lines.paint(canvas, place, rows, tokens, { ...lighted, column });
    } else {
      const now = { frame, layer: state.layer, head: state.head, width, theme };
      if (Object.keys(now).some((part) => painted[part] !== now[part])) {
        painted = now;
        matrix.paintCells(cells, place, rows, largest);
      }
      matrix.paint(canvas, place, cells, tokens, lighted);
    }
    setText(name, `Layer ${state.layer + 1}, head ${state.head + 1}`);
    setText(hint, reading(state, tokens, rows, asLines));
    drawScale(
      figure.querySelector(".scale"),
      largest,
      asLines ? "of a row; lines below 2 % are left out" : "of a row; hatched: not allowed, it comes later",
    );
    markView((button) => button.dataset.view === state.view);
    setAttribute(canvas, "aria-label", said(open, tokens, rows));
  }

  /** The line above the picture: what the pointer is on, or how to read it. */
  function reading({ hover }, tokens, rows, asLines) {
    if (hover?.query == null || hover.key == null || hover.query >= tokens.length || hover.key >= tokens.length) {
      return asLines ? "left: who reads; right: who is read" : "each row reads from the columns";
    }
    const [query, key] = [visible(tokens[hover.query]), visible(tokens[hover.key])];
    if (hover.key > hover.query) return `${query} may not read ${key}: it comes later`;
    return `${query} reads ${coarse(at(rows, hover.query, hover.key))} from ${key}`;
  }

  function said({ query, key }, tokens, rows) {
    const read = key > query ? "may not read" : `reads ${coarse(at(rows, query, key))} from`;
    return `attention matrix; ${spoken(tokens[query])} ${read} ${spoken(tokens[key])}`;
  }

  function hover(next) {
    const { hover: now } = store.state;
    if (now?.query === next?.query && now?.key === next?.key && !now === !next) return;
    store.set({ hover: next });
  }

  function under(event) {
    const { left, top } = canvas.getBoundingClientRect();
    const geometry = store.state.view === "lines" ? lines : matrix;
    return place && geometry.hit(place, event.clientX - left, event.clientY - top);
  }

  canvas.addEventListener("pointermove", (event) => hover(under(event)));
  canvas.addEventListener("pointerleave", () => hover(null));
  canvas.addEventListener("click", (event) => {
    const there = under(event);
    if (!there) return;
    if (there.query === null) store.set({ key: there.key, hover: null });
    else store.set({ query: there.query, key: there.key });
  });
  canvas.addEventListener("keydown", (event) => {
    if (!store.frame) return;
    const last = store.frame.tokens.length - 1;
    const from = store.state.hover?.query == null || store.state.hover.key == null ? open : store.state.hover;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const held = (value) => Math.max(0, Math.min(last, value));
    if (step) hover({ query: held(from.query + step[0]), key: held(from.key + step[1]) });
    else if (event.key === "Enter" || event.key === " ") store.set({ query: from.query, key: from.key, hover: null });
    else if (event.key === "Escape") hover(null);
    else return;
    event.preventDefault();
    if (step) setAttribute(canvas, "aria-label", hint.textContent);
  });

  return { draw };
}
