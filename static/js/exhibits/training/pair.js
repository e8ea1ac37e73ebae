// Whether the second sentence follows the first, as a BERT's other head says it: the text's own, and one of another
// story.

import { element, pool, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { percent } from "../../format.js";
import { setTerms } from "../../page/terms.js";
import * as words from "./words.js";

function row() {
  const bar = element("span", "bar-track", element("i", "bar-fill"));
  return element("div", "pair-row", element("span"), element("q"), bar, element("b"));
}

export function mountPair(section) {
  const none = section.querySelector(".pair-none");
  const take = pool(section.querySelector(".pair-rows"), row);

  return once(({ pair }, name) => {
    const said = pair === null ? words.noPairs(name) : pair.own === null ? words.ONE_SENTENCE : "";
    none.hidden = said === "";
    setTerms(none, said);
    const told = [];
    if (pair?.own) told.push({ ...pair.own, whose: words.OWN });
    if (pair?.other) told.push({ ...pair.other, whose: words.OTHER });
    const nodes = take(told.length);
    told.forEach((one, index) => {
      const [whose, sentence, track, share] = nodes[index].children;
      setText(whose, one.whose);
      setText(sentence, one.text);
      const bar = /** @type {HTMLElement} */ (track.firstChild);
      bar.style.transform = `scaleX(${one.follows.toFixed(4)})`;
      setText(share, words.follows(percent(one.follows)));
    });
  });
}
