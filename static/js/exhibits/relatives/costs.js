// What the text in the box costs a published model: its tokens, the operations to read them, and the bytes that stay.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { setTerms } from "../../page/terms.js";
import { visible } from "../../page/chips.js";
import * as words from "./words.js";

export function mountCosts(section) {
  const find = (selector) => section.querySelector(selector);
  const [cut, row, what] = [".cut", ".pieces-of-text", ".of-what"].map(find);
  const [tokens, operations, kept] = [".of-tokens dd", ".of-flops dd", ".of-cache dd"].map(find);
  const take = pool(row, () => {
    const node = element("span", "piece-of-text");
    node.setAttribute("role", "listitem");
    return node;
  });

  return function draw(told, reading) {
    setTerms(cut, words.cut(told, reading));
    const shown = reading.tokens ?? [];
    row.hidden = !shown.length;
    const nodes = take(shown.length);
    shown.forEach((token, index) => {
      setText(nodes[index], visible(token));
      nodes[index].classList.toggle("special", token.special);
    });
    setText(tokens, reading.n === null ? words.SOON : words.count(reading.n));
    const isCounted = reading.flops !== null;
    for (const part of [".of-flops", ".of-cache"]) find(part).hidden = told.undisclosed !== null;
    what.hidden = told.undisclosed !== null;
    setText(operations, isCounted ? words.large(reading.flops_total) : words.SOON);
    setText(kept, isCounted ? words.keptBytes(reading.cache) : words.SOON);
    setTerms(what, isCounted ? words.costs(told, reading) : "");
    setAttribute(section, "aria-busy", reading.n === null);
  };
}
