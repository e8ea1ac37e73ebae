// A grid of cells that can be pressed: one tab stop, keys lead between the cells that are there, Enter or a click to
// press. The cells' own nodes stay; only which of them can have the focus changes.

import { cellAfter } from "../../draw/gridkeys.js";

/** The cells of a grid by row, without those that are hidden. */
function rowsOf(grid) {
  const shown = (node) => node.checkVisibility();
  return [...grid.querySelectorAll('[role="row"]')]
    .filter(shown)
    .map((row) => [...row.querySelectorAll("[data-press]")].filter(shown))
    .filter((row) => row.length > 0);
}

/** Makes `grid` one tab stop; `press(cell)` is called with a cell, `look(cell)` with what pointer or focus is on. */
export function pressable(grid, press, look) {
  const cellOf = (event) => event.target.closest("[data-press]");
  const stop = (cell) => {
    for (const other of grid.querySelectorAll('[data-press][tabindex="0"]')) other.tabIndex = -1;
    cell.tabIndex = 0;
  };
  grid.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    stop(cell);
    press(cell);
  });
  grid.addEventListener("pointerover", (event) => look(cellOf(event)));
  grid.addEventListener("pointerleave", () => look(null));
  grid.addEventListener("focusin", (event) => look(cellOf(event)));
  grid.addEventListener("focusout", () => look(null));
  grid.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      press(cell);
      return;
    }
    const rows = rowsOf(grid);
    const y = rows.findIndex((row) => row.includes(cell));
    const x = rows[y].indexOf(cell);
    const next = cellAfter(
      event.key,
      { row: y, column: x },
      { rows: rows.length, columns: rows[y].length },
      event.ctrlKey,
    );
    if (!next) return;
    event.preventDefault();
    const row = rows[next.row];
    const to = row[Math.min(next.column, row.length - 1)];
    stop(to);
    to.focus();
  });
  /** Puts the tab stop on a cell, as long as it is nowhere else. */
  return function begin(cell) {
    const now = grid.querySelector('[data-press][tabindex="0"]');
    if (cell && (!now || now.closest("[hidden]"))) stop(cell); // asking how it is shown would bring all styles up to date
  };
}
