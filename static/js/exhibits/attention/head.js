// One head large, as a matrix, as lines, or as its change since the pin; and what pointer and keys do to it.

import { spoken, visible } from "../../page/chips.js";
import { colours } from "../../draw/color.js";
import { radios, setAttribute, setText } from "../../dom.js";
import { widthOf } from "../../draw/size.js";
import * as lines from "./lines.js";
import * as matrix from "./matrix.js";
import { largestOf } from "../../draw/raster.js";
import { drawScale } from "../../draw/scale.js";
import { deepestOf } from "./since.js";

/** A probability as exactly as its colour knows it: in 255 steps. */
function coarse(value) {
  return value < 2.55 ? "<\u00a01\u00a0%" : `${Math.round((100 * value) / 255)}\u00a0%`;
}

const LEGENDS = {
  lines: "of a row; lines below 2 % are left out",
  causal: "of a row; hatched: not allowed, it comes later",
  whole: "of a row; every token may be read",
  change: "since the pin",
  elsewhere: "since the pin; grey: another token",
};

/** `choose(query, key)` makes a cell the chosen one; a `query` of undefined leaves the row as it is. */
export function mountHead(figure, store, choose) {
  const canvas = figure.querySelector(".canvas-frame canvas");
  const frameNode = canvas.parentElement;
  const hint = figure.querySelector("figcaption p");
  const cells = document.createElement("canvas");
  const markView = radios(figure.querySelector(".switch"), (button) => store.set({ view: button.dataset.view }));
  const changeView = figure.querySelector('[data-view="change"]');
  let place = null;
  let painted = {};
  let now = null; // what is drawn

  /** Draws what `view` says: {state, frame, rows, changes, since, sides, open}; gives where the matrix stands. */
  function draw(view) {
    now = view;
    const { state, frame, rows, changes, since, sides, open } = view;
    const width = Math.max(200, Math.min(widthOf(frameNode), 560));
    const theme = document.documentElement.dataset.theme;
    const shown = changes?.head(view.layer, state.head) ?? rows;
    const largest = changes ? deepestOf(shown) : largestOf(rows);
    const { ramp: violets, changes: signed, card, masked } = colours();
    const [ramp, ground] = changes ? [signed, masked] : [violets, card];
    const asMatrix = matrix.layout(width, rows.queries, rows.keys);
    const asLines = state.view === "lines";
    place = asLines ? lines.layout(width, rows.queries, rows.keys, asMatrix.height) : asMatrix;
    const hovered = state.hover && { token: null, query: null, key: null, ...state.hover };
    const held = (index, count) => (index === null || index === undefined || index >= count ? null : index);
    const query = held(hovered?.query ?? (sides.own ? hovered?.token : null), rows.queries);
    const column = held(hovered?.key ?? hovered?.token, rows.keys);
    const roles = {
      selected: open.query,
      query: query ?? open.query,
      column,
      key: hovered ? column : open.key,
      cell: open,
    };
    if (asLines) {
      lines.paint(canvas, place, rows, sides, { ...roles, column: hovered && query === null ? column : null });
    } else {
      const look = { frame, changes, layer: state.layer, head: state.head, width, theme };
      if (Object.keys(look).some((part) => painted[part] !== look[part])) {
        painted = look;
        matrix.paintCells(cells, place, shown, largest, ramp, ground);
      }
      matrix.paint(canvas, place, cells, rows, sides, roles);
    }
    setText(hint, reading(view, asLines));
    const plain = asLines ? "lines" : rows.causal ? "causal" : "whole";
    const legend = LEGENDS[!changes ? plain : since.differ ? "elsewhere" : "change"];
    drawScale(figure.querySelector(".scale"), largest, legend, ramp);
    changeView.hidden = !since;
    const chosen = asLines ? "lines" : changes ? "change" : "matrix";
    markView((button) => button.dataset.view === chosen);
    setAttribute(
      canvas,
      "aria-label",
      `attention matrix${changes ? ", change since the pin" : ""}; ${said(open, spoken)}`,
    );
    return asLines ? null : place;
  }

  /** What one cell says, in words. */
  function said({ query, key }, name) {
    const { rows, since, sides } = now;
    const [reader, read] = [name(sides.queries[query]), name(sides.keys[key])];
    if (key >= rows.reach(query)) return `${reader} may not read ${read}: it comes later`;
    const then = since?.isSame(query, key)
      ? `, ${coarse(since.pattern.head(now.layer, now.state.head).at(query, key))} when pinned`
      : "";
    return `${reader} reads ${coarse(rows.at(query, key))} from ${read}${then}`;
  }

  /** The line above the picture: what the pointer is on, or how to read it. */
  function reading({ state: { hover }, rows }, asLines) {
    const inside = hover?.query != null && hover.key != null && hover.query < rows.queries && hover.key < rows.keys;
    if (inside) return said(hover, visible);
    return asLines ? "left: who reads; right: who is read" : "each row reads from the columns";
  }

  function hover(next) {
    const { hover: before } = store.state;
    if (before?.query === next?.query && before?.key === next?.key && !before === !next) return;
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
    if (there) choose(there.query ?? undefined, there.key);
  });
  canvas.addEventListener("keydown", (event) => {
    if (!now) return;
    const { hover: at } = store.state;
    const from = at?.query == null || at.key == null ? now.open : at;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const held = (value, count) => Math.max(0, Math.min(count - 1, value));
    if (step) {
      const { queries, keys } = now.rows;
      hover({ query: held(from.query + step[0], queries), key: held(from.key + step[1], keys) });
    } else if (event.key === "Enter" || event.key === " ") choose(from.query, from.key);
    else if (event.key === "Escape") hover(null);
    else return;
    event.preventDefault();
    if (step) setAttribute(canvas, "aria-label", hint.textContent);
  });

  return draw;
}
