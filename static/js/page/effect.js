// What the changes to a model did to its prediction: the divergence over the whole vocabulary and the candidates that
// moved most. Any exhibit that sends `change` (app/asked/difference.py) can have this panel.

import { visible } from "./chips.js";
import { element, pool, setText } from "../dom.js";
import { count, decimal, percent } from "../format.js";
import { setTerms } from "./terms.js";

function row() {
  return element("li", "moved", element("bdi"), element("b"), element("span", "", "→"), element("b"));
}

/** Fills `.effect` below a root; `idle` is what it says of a model as it is, `refused` why a change was not made. */
export function mountEffect(root, idle) {
  const find = (selector) => root.querySelector(`.effect ${selector}`);
  const [bits, words, refusal] = [find(".bits"), find(".words"), find(".refusal")];
  const take = pool(find("ol"), row);

  return function draw({ frame, refused = null }) {
    const { change } = frame;
    setText(refusal, refused ?? "");
    setText(bits, change ? `${decimal(change.kl_bits, 3)} bits` : "");
    const moved = change?.moved.filter(({ before, after }) => percent(before) !== percent(after)) ?? [];
    const list = moved.length ? "Moved most:" : "No candidate moved.";
    setTerms(words, change ? `KL(before ‖ after) over all ${count(frame.next.d_vocab)} tokens. ${list}` : idle);
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
