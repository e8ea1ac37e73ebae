// The vocabularies side by side: how large each is, what it makes of this text, and whether the text comes back.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { tableCells } from "./words.js";

const COLUMNS = ["kind", "entries", "specials", "tokens", "perToken", "bytesPerToken", "lost", "returns"];

function line() {
  const head = element("th", "");
  head.setAttribute("scope", "row");
  return element("tr", "", head, ...COLUMNS.map((name) => element("td", name)));
}

export function mountTable(root) {
  const take = pool(root.querySelector("tbody"), line);
  const since = root.querySelector("th .since");

  /** `pinned` are the rows of the pinned text by name (then.js), or null. */
  return function draw(view, shelf, chosen, pinned) {
    since.hidden = !pinned;
    const lines = take(view.rows.length);
    view.rows.forEach((row, index) => {
      const card = shelf.cards[row.name];
      const [head, ...columns] = lines[index].children;
      const shown = tableCells(row, card, view.frame.ruler, pinned?.get(row.name)?.tokens);
      setText(head, row.label);
      COLUMNS.forEach((name, at) => setText(columns[at], shown[name] ?? ""));
      setAttribute(columns[2], "title", card?.names.join("  ") || null);
      columns[6].classList.toggle("some", row.lost > 0);
      lines[index].classList.toggle("own", row === chosen);
    });
  };
}
