// The held-out passages that wake the neuron that is looked at.

import { element, pool, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { signed } from "../../format.js";
import { neuronName } from "../../state/neurons.js";
import * as words from "./words.js";

export function mountPassages(section) {
  const parts = ["h2 span", "ol", ".unread", ".written"];
  const [title, list, unread, written] = parts.map((part) => section.querySelector(part));
  setText(written, words.WRITTEN);
  const take = pool(list, () =>
    element("li", "", element("b"), element("q", "", element("span"), element("mark"), element("span"))),
  );

  return once(({ top, place }, chosen, model) => {
    const told = top[chosen];
    const passages = told.passages ?? [];
    setText(title, words.passagesOf(neuronName(told)));
    unread.hidden = passages.length > 0;
    setText(unread, words.unread(model.name));
    written.hidden = place !== "decoder" || !passages.length;
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
