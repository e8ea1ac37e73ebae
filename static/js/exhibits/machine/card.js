// The numbers of the lit cell: score, scale, mask, softmax. They are exact, fetched once typing and the pointer pause;
// while newer ones are on the way the old ones stay, less strong.

import { mountExact } from "../../page/exact.js";
import { visible } from "../../page/chips.js";
import { element, setText } from "../../dom.js";
import { decimal, percent } from "../../format.js";
import { setTerms } from "../../page/terms.js";
import { dotProduct } from "../../page/words.js";
import * as words from "./words.js";

/**
 * The card; `show(wanted, {queries, keys, masked}, place)` fetches and shows a cell of these tokens; `masked`: whether a mask
 * lies over them, the model's own or a person's.
 */
export function mountCard(parent, store) {
  const title = element("h3", "", element("bdi", "query"), element("span", "", "→"), element("bdi", "key"));
  const rows = Object.fromEntries(
    Object.keys(words.STEPS).map((name) => [name, element("li", name, element("span"), element("b"))]),
  );
  const card = element("section", "cell-card", title, element("ol", "", ...Object.values(rows)));
  card.setAttribute("aria-label", words.CARD);
  parent.append(card);
  for (const [name, text] of Object.entries(words.STEPS)) setTerms(rows[name].firstChild, text);
  const exact = mountExact(store);

  return function show(wanted, { queries, keys, masked }, place) {
    card.style.cssText = `left:${place.x}px;top:${place.y}px;width:${place.right - place.x}px`;
    card.classList.toggle("stacked", place.stacked);
    const cell = exact(wanted);
    card.classList.toggle("stale", cell === null);
    if (!cell || cell.error) return;
    setText(title.children[0], visible(queries[wanted.query]));
    setText(title.children[2], visible(keys[wanted.key]));
    const say = (name, value) => setText(rows[name].lastChild, value);
    say("dot", dotProduct(cell));
    rows.scaled.hidden = !cell.scales;
    setText(rows.scaled.firstChild, words.scale(cell.divisor));
    say("scaled", decimal(cell.scaled));
    rows.capped.hidden = cell.cap === null;
    if (cell.cap !== null) {
      setText(rows.capped.firstChild, words.cap(cell.cap));
      say("capped", decimal(cell.capped));
    }
    rows.bias.hidden = cell.bias === null;
    say("bias", decimal(cell.bias ?? 0));
    say("mask", words.maskStep(cell.allowed, masked));
    say("softmax", percent(cell.probability));
  };
}
