// Which heads read the open cell most: the first few, each a button that opens its head at that cell.

import { element, pool, setText } from "../../dom.js";
import { wholePercent } from "../../format.js";
import { visible } from "../../page/chips.js";
import { probability } from "../../state/patterns.js";
import { headTitle } from "./words.js";

const LISTED = 5;

/**
 * The heads of a Pattern that have most of a cell, {layer, head, steps}; those that come first in the model where two have
 * the same. None where the query may not read the key.
 */
export function readersOf(pattern, query, key) {
  const found = [];
  for (let layer = 0; layer < pattern.layers; layer++) {
    for (let head = 0; head < pattern.heads; head++) {
      const steps = pattern.head(layer, head).at(query, key);
      if (steps > 0) found.push({ layer, head, steps });
    }
  }
  return found.sort((one, other) => other.steps - one.steps).slice(0, LISTED);
}

/** `open(layer, head)` is called with the head that a person picks. */
export function mountReaders(section, open) {
  const [reader, read] = section.querySelectorAll("h2 bdi");
  const take = pool(section.querySelector("ol"), () => {
    const button = element("button", "plain", element("span"), element("b"));
    button.type = "button";
    return element("li", "", button);
  });
  let listed = [];
  section.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (!item) return;
    const { layer, head } = listed[[...item.parentElement.children].indexOf(item)];
    open(layer, head);
  });

  return function draw({ pattern, sides, open: { query, key } }) {
    setText(reader, visible(sides.queries[query]));
    setText(read, visible(sides.keys[key]));
    listed = readersOf(pattern, query, key);
    const items = take(listed.length);
    listed.forEach(({ layer, head, steps }, index) => {
      const [name, share] = items[index].firstChild.children;
      setText(name, headTitle(layer, head));
      setText(share, wholePercent(probability(steps)));
    });
  };
}
