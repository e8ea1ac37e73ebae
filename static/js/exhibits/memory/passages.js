// The held-out passages that wake the neuron that is looked at.

import { element, pool, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { signed } from "../../format.js";
import * as words from "./words.js";

export function mountPassages(section) {
  const [title, list, unread] = ["h2 span", "ol", ".unread"].map((part) => section.querySelector(part));
  const take = pool(list, () =>
    element("li", "", element("b"), element("q", "", element("span"), element("mark"), element("span"))),
  );

  return once(({ top, place }, chosen, model) => {
    const told = top[chosen];
    const passages = told.passages ?? [];
    setText(title, words.passagesOf(words.neuronName(told)));
    unread.hidden = passages.length > 0;
    setText(unread, place === "decoder" ? words.UNREAD_DECODER : words.unread(model.name));
    const nodes = take(passages.length);
    passages.forEach(({ before, token, after, activation }, index) => {
      const [front, mark, behind] = nodes[index].lastChild.children;
      setText(nodes[index].firstChild, signed(activation));
      setText(front, before);
      setText(mark, token);
      setText(behind, after);
    });
  });
}
