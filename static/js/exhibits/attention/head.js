// One head large, as a matrix, as lines, or as its change since the pin; and what pointer and keys do to it. Of a long text
// a window is large: long.js.

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
import * as long from "./long.js";
import * as matrix from "./matrix.js";
import * as words from "./words.js";

const REST_MS = 90; // for which a dragged window must stay for what it shows to be asked for

const held = (index, count) => (index === null || index === undefined || index >= count ? null : index);

/** `choose(query, key)` makes a cell the chosen one; a `query` of undefined leaves the row as it is. */
export function mountHead(figure, store, choose) {
  const canvas = figure.querySelector(".canvas-frame canvas");
  const frameNode = canvas.parentElement;
  const hint = figure.querySelector("figcaption p");
  const speak = mountSpokenCell(frameNode);
  const [cells, overview] = [0, 1].map(() => document.createElement("canvas"));
  let [isDragged, movedAt, resting] = [false, -Infinity, 0];
  const drawScale = mountScale(figure.querySelector(".scale"));
  const markView = radios(figure.querySelector(".switch"), (button) => store.set({ view: button.dataset.view }));
  const changeView = figure.querySelector('[data-view="change"]');
  let place = null;
  let far = null; // where the parts of a long head stand; null of one that is drawn whole
  let now = null; // what is drawn
  const panned = { top: 0, left: 0, open: null }; // where the window on a long head stands, and the cell that was open

  /** The cells alone, of a head or of its changes. */
  const paintCells = once((shown, width, isChange, tint) => {
    const rows = shown.head(0, 0);
    const at = matrix.layout(width, rows.queries, rows.keys);
    const context = fit(cells, width, at.height);
    const [ramp, ground] = isChange ? [tint.diverging, tint.masked] : [tint.sequential, tint.card];
    matrix.paint(context, at, rows, largestOf(rows), ramp, ground, tint);
  });

  const paintOverview = once((rows, width, tint) => {
    const context = fit(overview, width, far.height);
    long.paintOverview(context, far, rows, largestOf(rows), tint);
  });

  /** Moves the window to the cell that is looked at, or to the open one where that is another; asks for what it shows. */
  function pan(rows, pointed, open) {
    const isSame = panned.open?.query === open.query && panned.open.key === open.key;
    far ??= long.layout(now.width, now.height, rows, panned);
    if (pointed || !isSame) Object.assign(panned, long.showing(far.window, pointed ?? open));
    panned.open = open;
    far = long.layout(now.width, now.height, rows, panned);
    Object.assign(panned, { top: far.window.top, left: far.window.left });
    const part = long.wanted({ window: far.window, rows, row: open.query });
    if (part !== undefined && performance.now() - movedAt >= REST_MS) store.set({ part });
  }

  /**
   * Draws what `view` says: {state, frame, rows, changes, since, sides, open}; gives where the matrix stands from which a
   * line leads on to the numbers, null where none does.
   */
  function draw(view) {
    const { state, one, rows, changes, since, sides, open } = view;
    const tint = colours();
    const width = Math.max(200, Math.min(widthOf(frameNode), 560));
    const asMatrix = matrix.layout(width, rows.queries, rows.keys);
    now = { ...view, width, height: asMatrix.height };
    const pointed = cellOf(state.hover, rows);
    if (rows.knows) pan(rows, pointed, open);
    else [far, panned.open] = [null, null];
    const asLines = state.view === "lines";
    const grid = far?.matrix ?? asMatrix;
    place = asLines ? lines.layout(grid.width, grid.rows, grid.columns, far ? far.strip.top - 30 : grid.height) : grid;
    const roles = rolesOf(view);
    const labels = { queries: labelsOf(sides.queries), keys: labelsOf(sides.keys) };
    const context = fit(canvas, width, far?.height ?? place.height);
    const drawn = far ? inWindow(view, labels, roles) : { rows, labels, roles };
    if (asLines) {
      const { hover } = state;
      const isColumn = hover && held(hover.query ?? (sides.own ? hover.token : null), rows.queries) === null;
      const lit = { ...drawn.roles, column: isColumn ? drawn.roles.column : null };
      lines.paint(context, place, drawn.rows, drawn.labels, lit, tint);
    } else {
      if (far) matrix.paint(context, grid, drawn.rows, long.largestIn(drawn.rows), tint.sequential, tint.card, tint);
      else {
        paintCells(changes ?? one, width, changes !== null, tint);
        context.drawImage(cells, 0, 0, width, place.height);
      }
      if (view.leftOut) matrix.paintLeftOut(context, grid, drawn.leftOut ?? view.leftOut, tint);
      matrix.paintOver(context, grid, drawn.rows, drawn.labels, drawn.roles, tint);
    }
    if (far) {
      paintOverview(rows, width, tint);
      context.drawImage(overview, 0, 0, width, far.height);
      long.paintWindow(context, far, open, tint);
      const row = rows.place.row;
      long.paintStrip(context, far, rows, { query: row, key: open.key }, visible(sides.queries[row]), tint);
    }
    setText(hint, pointed ? said(pointed, visible) : words.resting(asLines));
    const end = far && !asLines ? long.largestIn(drawn.rows) : largestOf(rows);
    const largest = changes ? largestOf(changes) / WHOLE : probability(end);
    const legend = { lines: asLines, causal: rows.causal, changes: changes !== null, differ: since?.differ };
    drawScale(largest, words.legend(legend), changes ? tint.diverging : tint.sequential);
    changeView.hidden = !since || far !== null;
    const chosen = asLines ? "lines" : changes ? "change" : "matrix";
    markView((button) => button.dataset.view === chosen);
    setAttribute(frameNode, "aria-label", words.matrixLabel(words.headTitle(state.layer, state.head), changes));
    const at = pointed ?? open;
    const isOpen = at.query === open.query && at.key === open.key;
    speak({ row: at.query, column: at.key }, { rows: rows.queries, columns: rows.keys }, said(at, spoken), isOpen);
    return asLines || far ? null : place; // a line out of a long head would cross the overview and its words
  }

  /** What the window shows of a long head, in its own rows and columns. */
  function inWindow({ rows, leftOut }, { queries, keys }, { query, selected, column, key, cell }) {
    const { top, left, high, wide } = far.window;
    const down = (index) => (index === null || index < top || index >= top + high ? null : index - top);
    const across = (index) => (index === null || index < left || index >= left + wide ? null : index - left);
    const [row, at] = [down(cell.query), across(cell.key)];
    return {
      rows: long.windowOn(rows, far),
      leftOut: leftOut?.slice(left, left + wide),
      labels: { queries: long.labelsFrom(queries, top, high), keys: long.labelsFrom(keys, left, wide) },
      roles: {
        query: down(query),
        selected: down(selected),
        column: across(column),
        key: across(key),
        cell: row === null || at === null ? null : { query: row, key: at },
      },
    };
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
    if (rows.knows && !rows.knows(query, key)) return words.atMost(reader, read, probability(rows.at(query, key)));
    const isSame = since?.isSame(query, key) && (since.former.knows?.(query, key) ?? true);
    const then = isSame ? probability(since.former.at(query, key)) : null;
    return words.reads(reader, read, probability(rows.at(query, key)), then);
  }

  const asHover = (found) => found && { query: found.row, key: found.column };
  /** A cell of the picture as one of the head. */
  const ofHead = (found) => {
    if (!found || !far) return found;
    const { top, left } = far.window;
    return {
      row: found.row === null ? null : found.row + top,
      column: found.column === null ? null : found.column + left,
    };
  };
  const find = (x, y) => place && asHover(ofHead((store.state.view === "lines" ? lines.cellAt : cellAt)(place, x, y)));
  const under = followPointer(
    canvas,
    (x, y) => (far && long.under(far, x, y)) ?? find(x, y),
    (found) => light(store, found && !found.on ? found : null),
    (found) => {
      if (found.on === "strip") choose(rowShown(), found.column);
      else if (!found.on) choose(found.query ?? undefined, found.key);
    },
  );
  const rowShown = () => now.rows.place.row;
  /**
   * The window is put where the pointer is on the overview, and drawn at once, in coarse cells; what it shows is asked for
   * once it stays: an answer to each move would hold up the next one.
   */
  const drag = (event) => {
    const found = far && under(event);
    if (found?.on !== "overview") return;
    const { high, wide } = far.window;
    Object.assign(panned, { top: found.row - high / 2, left: found.column - wide / 2 });
    movedAt = performance.now();
    draw(now);
    clearTimeout(resting);
    resting = setTimeout(() => draw(now), REST_MS + 1);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!far || under(event)?.on !== "overview") return;
    canvas.setPointerCapture(event.pointerId);
    isDragged = true;
    drag(event);
  });
  canvas.addEventListener("pointermove", (event) => isDragged && drag(event));
  canvas.addEventListener("pointerup", () => {
    if (!isDragged) return;
    [isDragged, movedAt] = [false, -Infinity];
    draw(now);
  });
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
