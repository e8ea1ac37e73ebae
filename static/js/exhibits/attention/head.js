// One head large, as a matrix, as lines, or as its change since the pin; and what pointer and keys do to it.

import { radios, setAttribute, setText } from "../../dom.js";
import { cellAt } from "../../draw/cells.js";
import { gridKeys } from "../../draw/gridkeys.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { largestOf } from "../../draw/raster.js";
import { fit, widthOf } from "../../page/canvas.js";
import { labelsOf, spoken, visible } from "../../page/chips.js";
import { light } from "../../page/hovered.js";
import { mountScale } from "../../page/scale.js";
import { mountSpokenCell } from "../../page/spokencell.js";
import { colours } from "../../page/theme.js";
import { probability, WHOLE } from "../../state/patterns.js";
import * as lines from "./lines.js";
import * as matrix from "./matrix.js";
import * as words from "./words.js";

const held = (index, count) => (index === null || index === undefined || index >= count ? null : index);

/** `choose(query, key)` makes a cell the chosen one; a `query` of undefined leaves the row as it is. */
export function mountHead(figure, store, choose) {
  const canvas = figure.querySelector(".canvas-frame canvas");
  const frameNode = canvas.parentElement;
  const hint = figure.querySelector("figcaption p");
  const speak = mountSpokenCell(frameNode);
  const cells = document.createElement("canvas");
  const drawScale = mountScale(figure.querySelector(".scale"));
  const markView = radios(figure.querySelector(".switch"), (button) => store.set({ view: button.dataset.view }));
  const changeView = figure.querySelector('[data-view="change"]');
  let place = null;
  let now = null; // what is drawn

  /** The cells alone, of a head or of its changes. */
  const paintCells = once((shown, width, isChange, tint) => {
    const rows = shown.head(0, 0);
    const at = matrix.layout(width, rows.queries, rows.keys);
    const context = fit(cells, width, at.height);
    const [ramp, ground] = isChange ? [tint.diverging, tint.masked] : [tint.sequential, tint.card];
    matrix.paint(context, at, rows, largestOf(rows), ramp, ground, tint);
  });

  /** Draws what `view` says: {state, frame, rows, changes, since, sides, open}; gives where the matrix stands. */
  function draw(view) {
    now = view;
    const { state, one, rows, changes, since, sides, open } = view;
    const tint = colours();
    const width = Math.max(200, Math.min(widthOf(frameNode), 560));
    const asMatrix = matrix.layout(width, rows.queries, rows.keys);
    const asLines = state.view === "lines";
    place = asLines ? lines.layout(width, rows.queries, rows.keys, asMatrix.height) : asMatrix;
    const roles = rolesOf(view);
    const labels = { queries: labelsOf(sides.queries), keys: labelsOf(sides.keys) };
    const context = fit(canvas, width, place.height);
    if (asLines) {
      const { hover } = state;
      const isColumn = hover && held(hover.query ?? (sides.own ? hover.token : null), rows.queries) === null;
      lines.paint(context, place, rows, labels, { ...roles, column: isColumn ? roles.column : null }, tint);
    } else {
      paintCells(changes ?? one, width, changes !== null, tint);
      context.drawImage(cells, 0, 0, width, place.height);
      if (view.leftOut) matrix.paintLeftOut(context, asMatrix, view.leftOut, tint);
      matrix.paintOver(context, place, rows, labels, roles, tint);
    }
    const pointed = cellOf(state.hover, rows);
    setText(hint, pointed ? said(pointed, visible) : words.resting(asLines));
    const largest = changes ? largestOf(changes) / WHOLE : probability(largestOf(rows));
    const legend = { lines: asLines, causal: rows.causal, changes: changes !== null, differ: since?.differ };
    drawScale(largest, words.legend(legend), changes ? tint.diverging : tint.sequential);
    changeView.hidden = !since;
    const chosen = asLines ? "lines" : changes ? "change" : "matrix";
    markView((button) => button.dataset.view === chosen);
    setAttribute(frameNode, "aria-label", words.matrixLabel(words.headTitle(state.layer, state.head), changes));
    const at = pointed ?? open;
    const isOpen = at.query === open.query && at.key === open.key;
    speak({ row: at.query, column: at.key }, { rows: rows.queries, columns: rows.keys }, said(at, spoken), isOpen);
    return asLines ? null : place;
  }

  /** What is lit: rows and columns by what the pointer is on, or by what is open. */
  function rolesOf({ state, rows, sides, open }) {
    const { hover } = state;
    if (!hover) return { selected: open.query, query: open.query, column: null, key: open.key, cell: open };
    const query = held(hover.query ?? (sides.own ? hover.token : null), rows.queries);
    const column = held(hover.key ?? hover.token, rows.keys);
    return { selected: open.query, query: query ?? open.query, column, key: column, cell: open };
  }

  /** The whole cell that is lit, or null. */
  function cellOf(hover, rows) {
    const isCell = hover?.query != null && hover.key != null && hover.query < rows.queries && hover.key < rows.keys;
    return isCell ? { query: hover.query, key: hover.key } : null;
  }

  /** What one cell says, in words. */
  function said({ query, key }, name) {
    const { rows, since, sides } = now;
    const [reader, read] = [name(sides.queries[query]), name(sides.keys[key])];
    if (key >= rows.reach(query)) return words.mayNotRead(reader, read);
    if (now.leftOut?.[key]) return words.leftOut(read);
    const then = since?.isSame(query, key) ? probability(since.former.at(query, key)) : null;
    return words.reads(reader, read, probability(rows.at(query, key)), then);
  }

  const asHover = (found) => found && { query: found.row, key: found.column };
  followPointer(
    canvas,
    (x, y) => place && asHover((store.state.view === "lines" ? lines.cellAt : cellAt)(place, x, y)),
    (found) => light(store, found),
    ({ query, key }) => choose(query ?? undefined, key),
  );
  gridKeys(frameNode, {
    grid: () => now && { rows: now.rows.queries, columns: now.rows.keys },
    at: () => {
      const { query, key } = cellOf(store.state.hover, now.rows) ?? now.open;
      return { row: query, column: key };
    },
    move: (cell) => light(store, asHover(cell)),
    press: ({ row, column }) => choose(row, column),
    leave: () => light(store, null),
  });

  return draw;
}
