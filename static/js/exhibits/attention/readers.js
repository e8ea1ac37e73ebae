// Which heads read the open cell most: the first few, each a button that opens its head at that cell.

import { element, pool, setText } from "../../dom.js";
import { wholePercent } from "../../format.js";
import { visible } from "../../page/chips.js";
import { headTitle, UNKNOWN } from "./words.js";

const LISTED = 5;

/**
 * The heads that have most of a cell, {layer, head, share}; those that come first in the model where two have the same.
 * `shares` are by layer and head; none where the query may not read the key.
 */
export function readersOf(shares) {
  const found = shares.flatMap((heads, layer) => heads.map((share, head) => ({ layer, head, share })));
  return found
    .filter(({ share }) => share > 0)
    .sort((one, other) => other.share - one.share)
    .slice(0, LISTED);
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

  /** `glance` is what every head has of the open cell, or of the last one that is known; null for none. */
  return function draw({ sides, glance, open: { query, key } }) {
    setText(reader, visible(sides.queries[query]));
    setText(read, visible(sides.keys[key]));
    section.classList.toggle("stale", !glance?.isOpen);
    listed = readersOf(glance?.heads ?? []);
    const items = take(listed.length);
    listed.forEach(({ layer, head, share }, index) => {
      const [name, percentage] = items[index].firstChild.children;
      setText(name, headTitle(layer, head));
      setText(percentage, glance.isOpen ? wholePercent(share) : UNKNOWN);
    });
  };
}
