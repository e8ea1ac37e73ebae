// One paragraph in many languages: how many tokens each vocabulary needs for it, shaded by how many times more than for
// the same in English.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { count } from "../../format.js";
import { setTerms } from "../../page/terms.js";
import { dearestLanguage, languageCost, takeLanguage } from "./words.js";

const FULL = 8; // times the English count, where the shade is deepest

function line() {
  const head = element("th", "");
  head.setAttribute("scope", "row");
  return element("tr", "", head);
}

export function mountLanguages(root, store) {
  const takeNames = pool(root.querySelector("thead tr"), () => {
    const head = element("th", "");
    head.setAttribute("scope", "col");
    return head;
  });
  const takeLines = pool(root.querySelector("tbody"), line);
  const [words, sample] = [root.querySelector(".words"), root.querySelector(".sample")];
  const cellsOf = new WeakMap();
  let drawn = "";

  root.querySelector("tbody").addEventListener("click", (event) => {
    const { text } = event.target.closest("button")?.dataset ?? {};
    if (text) store.set({ text, draws: 0, query: null });
  });

  return function draw(view, shelf, chosen) {
    const rows = view.rows.filter((row) => shelf.cards[row.name]);
    const key = `${shelf.version} ${chosen.name} ${rows.map((row) => row.name).join()}`;
    if (key === drawn) return;
    drawn = key;
    const names = takeNames(rows.length + 1);
    rows.forEach((row, index) => {
      setText(names[index + 1], row.label);
      names[index + 1].classList.toggle("own", row === chosen);
    });
    const lines = takeLines(shelf.languages.length);
    shelf.languages.forEach((one, language) => {
      const node = lines[language];
      if (!node.firstChild.firstChild) {
        const press = element("button", "plain");
        press.type = "button";
        node.firstChild.append(press);
      }
      const press = node.firstChild.firstChild;
      press.dataset.text = one.text;
      setText(press, one.language);
      setAttribute(press, "aria-label", takeLanguage(one.language));
      if (!cellsOf.has(node))
        cellsOf.set(
          node,
          pool(node, () => element("td", "")),
        );
      const cells = cellsOf.get(node)(rows.length);
      rows.forEach((row, index) => fill(cells[index], shelf.cards[row.name], language, row === chosen));
    });
    const card = shelf.cards[chosen.name];
    if (!card) return;
    const dearest = card.costs.reduce((most, cost, index) => (cost > card.costs[most] ? index : most), 0);
    const most = { language: shelf.languages[dearest].language, cost: card.costs[dearest] };
    setTerms(words, dearestLanguage(chosen.label, card.costs[0], most));
    setText(sample, shelf.languages[0].text);
  };

  function fill(cell, { costs, lost }, language, own) {
    const times = costs[language] / costs[0];
    const share = Math.max(0, Math.min(1, Math.log(times) / Math.log(FULL)));
    setText(cell, count(costs[language]));
    cell.style.setProperty("--share", `${Math.round(58 * share)}%`);
    cell.classList.toggle("lossy", lost[language] > 0);
    cell.classList.toggle("own", own);
    setAttribute(cell, "title", languageCost(times, lost[language]));
  }
}
