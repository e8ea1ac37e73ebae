// A grid of cells on a canvas, for those who cannot see it. Of all its cells the one that the keys are on stands in the
// document, with its place among the others: the grid has the focus, that cell is its active one (ARIA Authoring
// Practices, "Grid"; all cells of a long text would be some sixty thousand nodes). Two rows take turns, since a screen
// reader reads a cell where another one becomes the active one, and not where the words of the same one change.

import { element, setAttribute, setText } from "../dom.js";

/** A row with its only cell, neither of which can be seen. */
function rowOf(id) {
  const cell = element("div");
  cell.id = id;
  cell.setAttribute("role", "gridcell");
  const row = element("div", "visually-hidden", cell);
  row.setAttribute("role", "row");
  return row;
}

/**
 * Gives what tells `grid`, a node with that role, where its keys are: a cell {row, column} of so many {rows, columns}, the
 * words of the cell, and whether it is the chosen one.
 */
export function mountSpokenCell(grid) {
  const { exhibit } = grid.closest("[data-exhibit]").dataset;
  const nodes = [0, 1].map((turn) => rowOf(`${exhibit}-cell-${turn}`));
  grid.prepend(...nodes);
  let turn = 0;
  let told = "";

  return function speak({ row, column }, { rows, columns }, words, isChosen) {
    setAttribute(grid, "aria-rowcount", rows);
    setAttribute(grid, "aria-colcount", columns);
    const tells = `${row} ${column} ${isChosen} ${words}`;
    if (tells === told) return;
    told = tells;
    nodes[turn].hidden = true;
    turn = 1 - turn;
    const cell = nodes[turn].firstElementChild;
    setAttribute(nodes[turn], "aria-rowindex", row + 1);
    setAttribute(cell, "aria-colindex", column + 1);
    setAttribute(cell, "aria-selected", isChosen);
    setText(cell, words);
    nodes[turn].hidden = false;
    setAttribute(grid, "aria-activedescendant", cell.id);
  };
}
