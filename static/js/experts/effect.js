// What the changes did to the prediction: the divergence over the whole vocabulary and the candidates that moved most.

import { visible } from "../chips.js";
import { element, pool, setText } from "../dom.js";
import { count, decimal, percent } from "../format.js";

const IDLE = "Nothing is changed. Press an expert’s name above to switch it off, or move a bias below.";

function row() {
  return element("li", "moved", element("bdi"), element("b"), element("span", "", "→"), element("b"));
}

export function mountEffect(root) {
  const find = (selector) => root.querySelector(`.effect ${selector}`);
  const [bits, words, refusal] = [find(".bits"), find(".words"), find(".refusal")];
  const take = pool(find("ol"), row);

  return function draw({ frame, refused }) {
    const { change } = frame.experts;
    setText(refusal, refused ?? "");
    setText(bits, change ? `${decimal(change.kl_bits, 3)} bits` : "");
    const moved = change?.moved.filter(({ before, after }) => percent(before) !== percent(after)) ?? [];
    const list = moved.length ? "Moved most:" : "No candidate moved.";
    setText(words, change ? `KL(before ‖ after) over all ${count(frame.next.d_vocab)} tokens. ${list}` : IDLE);
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
