// Fewer rows of a long list, where a slide has no room for all: those around the chosen one, else the first.
//
// Markup says of a list, by `data-rows`, with which nodes its rows begin: what stands behind such a node, up to the next,
// belongs to its row. Rows may stand in several groups; one whose rows have all gone goes with them.

import { setAttribute } from "../dom.js";
import { leftOut } from "./words.js";

const MARKED = ["checked", "selected", "pressed", "current"].map(
  (name) => `[aria-${name}]:not([aria-${name}="false"])`,
);
const CHOSEN = [".chosen", ...MARKED].join(", ");
const LINE = 24; // px for what is said of those that are left out
const AGAIN = 4; // as what a row takes is not known until it has gone

/** The rows of a list: arrays of nodes. */
function rowsOf(list) {
  return [...list.querySelectorAll(list.dataset.rows)].map((first) => {
    const row = [first];
    while (row.at(-1).nextElementSibling?.matches(`:not(${list.dataset.rows})`))
      row.push(row.at(-1).nextElementSibling);
    return row;
  });
}

const isChosen = (row) => row.some((node) => node.matches(CHOSEN) || node.querySelector(CHOSEN));
const heightOf = (row) => row.reduce((sum, node) => sum + node.offsetHeight, 0);

/** Takes rows away until there is nothing `over()`, in px; one row stays. */
export function fewer(picture, over) {
  for (const list of picture.querySelectorAll("[data-shown] [data-rows]")) {
    const rows = rowsOf(list);
    const chosen = Math.max(0, rows.findIndex(isChosen));
    const farthest = [...rows.keys()].sort((a, b) => Math.abs(b - chosen) - Math.abs(a - chosen) || b - a).slice(0, -1);
    let gone = 0;
    for (let turn = 0; turn < AGAIN && over() > 0; turn++) {
      for (let much = over() + (gone ? 0 : LINE); much > 0 && gone < farthest.length; gone++) {
        const row = rows[farthest[gone]];
        much -= heightOf(row);
        for (const node of row) node.setAttribute("data-left-out", "");
      }
      for (const group of new Set(rows.map(([first]) => first.parentElement))) {
        const isEmpty = rows.every(([first]) => first.parentElement !== group || first.hasAttribute("data-left-out"));
        if (isEmpty && group !== list) group.setAttribute("data-left-out", "");
      }
      if (gone) setAttribute(list, "data-rest", leftOut(gone));
    }
  }
}

/** Gives all back. */
export function restore(picture) {
  for (const node of picture.querySelectorAll("[data-left-out]")) node.removeAttribute("data-left-out");
  for (const list of picture.querySelectorAll("[data-rest]")) list.removeAttribute("data-rest");
}
