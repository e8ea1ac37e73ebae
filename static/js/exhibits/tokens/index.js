// The tokens exhibit: the text along every vocabulary on one axis, the chosen row piece by piece, how its words were cut,
// all of them in numbers, and what languages cost.

import { mountBaseline } from "../../state/baseline.js";
import { setAttribute, setText } from "../../dom.js";
import { line, whole } from "../../state/fields.js";
import { mountFacts } from "./facts.js";
import { mountLanguages } from "./languages.js";
import { mountPieces } from "./pieces.js";
import { mountRuler } from "./ruler.js";
import { MOST, mountShelf, namesIn } from "./shelf.js";
import { mountTable } from "./table.js";
import { pinnedRows } from "./then.js";
import { View, isSubword } from "./view.js";
import { mountWord } from "./word.js";
import { summary } from "./words.js";

/** Its numbers depend on which vocabularies were added, and `shelved`, how many are there, has it ask again. */
export const asks = ["rulers", "shelved"];

export const fields = {
  rulers: { ...line("", 400), read: (text) => namesIn(text.slice(0, 400)).slice(0, MOST).join(",") }, // added by name
  tokenizer: line("", 100), // whose row is chosen; "": the model's own
  character: whole(0, 0, 1e6), // where the selected piece begins, in another row than the model's own
};
export const ribbon = false;
export const enlarges = ["token"];
export { examples } from "./examples.js";

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const { shelf, draw: drawShelf, remove } = mountShelf(find(".add"), store);
  const ruler = mountRuler(find(".rulers"), store, remove);
  const pieces = mountPieces(find(".pieces"), store);
  const word = mountWord(find(".cutting"), store);
  const drawFacts = mountFacts(find(".piece-facts"));
  const drawTable = mountTable(find(".vocabularies"));
  const drawLanguages = mountLanguages(find(".languages"), store);
  const baseline = mountBaseline(store);
  let view = null;
  let pinned = {}; // the rows of the pinned text, and for which text on screen

  function draw({ state, frame }) {
    if (!frame.ruler) return;
    const former = baseline({ state });
    if (frame !== view?.frame) {
      const added = new Set(namesIn(frame.rulers));
      view = new View(frame);
      for (const row of view.rows) row.added = added.has(row.name);
      summarize();
    }
    if (pinned.of !== view || pinned.former !== former) {
      pinned = { of: view, former, rows: former && pinnedRows(view, former) };
      find(".ruler-legend .then").classList.toggle("shown", former !== null);
    }
    drawShelf(store);
    ruler.draw(view, state, pinned.rows);
    const chosen = view.chosen(state);
    const place = pieces.draw(view, state);
    word.draw(view, state);
    setText(find(".pieces-of"), chosen.label);
    facts(chosen, place);
    for (const node of root.querySelectorAll("[data-chosen]")) setText(node, chosen.label);
    drawTable(view, shelf, chosen, pinned.rows);
    drawLanguages(view, shelf, chosen);
  }

  function facts(chosen, place) {
    const lit = ruler.lit();
    const { first } = view.frame.ruler;
    if (lit) drawFacts(view, lit.row, lit.row.piece(lit.index), lit.row.skipped + lit.index, first);
    else if (chosen === view.own) drawFacts(view, chosen, pieces.tokens()[place], place, 0);
    else drawFacts(view, chosen, pieces.tokens()[place], chosen.skipped + place, first);
  }

  /** The sentence above the ruler: the fewest and the most tokens, and how far the vocabularies agree. */
  function summarize() {
    const sorted = view.ready.filter(isSubword).sort((a, b) => a.tokens - b.tokens);
    const every = new Set();
    for (const row of sorted) for (const cut of row.cuts) if (cut > 0) every.add(cut);
    const shared = [...every].filter((cut) => sorted.every((row) => row.cuts.has(cut))).length;
    const [lossy, whole] = [true, false].map((loses) => sorted.filter((row) => row.holes.size > 0 === loses));
    const range = { least: whole[0], most: whole.at(-1), lossy };
    setText(find(".ruler-words"), summary(view.frame.ruler, range, { places: every.size, shared }, view.added));
    setAttribute(find(".ruler-figure"), "aria-busy", view.ready.length < view.rows.length);
  }

  return { draw };
}
