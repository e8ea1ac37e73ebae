// What the changes to a model did to its prediction: the divergence over the whole vocabulary and the candidates that
// moved most. Any exhibit that sends `change` (app/asked/difference.py) can have this panel.

import { visible } from "./chips.js";
import { element, pool, setText } from "../dom.js";
import { percent } from "../format.js";
import { setTerms } from "./terms.js";
import { NO_EFFECT, bits, divergence } from "./words.js";

function row() {
  return element("li", "moved", element("bdi"), element("b"), element("span", "", "→"), element("b"));
}

/** Fills `.effect` below a root; `idle` is what it says of a model as it is, `refused` why a change was not made. */
export function mountEffect(root, idle) {
  const find = (selector) => root.querySelector(`.effect ${selector}`);
  const [size, words, refusal] = [find(".bits"), find(".words"), find(".refusal")];
  const take = pool(find("ol"), row);

  return function draw({ frame, refused = null }) {
    const { change } = frame;
    setText(refusal, refused ?? "");
    setText(size, change ? bits(change.kl_bits) : "");
    const moved = change?.moved.filter(({ before, after }) => percent(before) !== percent(after)) ?? [];
    const isUnsaid = frame.next === null && Object.keys(frame.interventions).length > 0;
    setTerms(words, change ? divergence(frame.next.d_vocab, moved.length > 0) : isUnsaid ? NO_EFFECT : idle);
    const nodes = take(moved.length);
    moved.forEach((candidate, index) => {
      const [token, before, , after] = nodes[index].children;
      setText(token, visible(candidate, true));
      setText(before, percent(candidate.before));
      setText(after, percent(candidate.after));
      nodes[index].classList.toggle("up", candidate.after > candidate.before);
    });
  };
}
