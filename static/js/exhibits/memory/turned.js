// The neurons that are switched off or turned up, wherever they are: each is brought back by its own button, or all at once.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { factorOf, factorTold, neuronAt, placeTold, turned } from "../../state/neurons.js";
import * as words from "./words.js";

function chip() {
  const node = element("button", "back", element("span"), element("b"), element("i", "", "×"));
  node.type = "button";
  return node;
}

/** `bring(name)` is called with the one that is to be as it is, or with null for all. */
export function mountTurned(section, bring) {
  const [title, list, all] = [".turned-words", ".turned-list", ".all-back"].map((part) => section.querySelector(part));
  const take = pool(list, chip);

  let pressed = null; // the button whose neuron comes back: the focus must not go with it

  list.addEventListener("click", ({ target }) => {
    pressed = target.closest(".back");
    if (pressed) bring(pressed.dataset.name);
  });
  all.addEventListener("click", () => {
    bring(null);
    title.focus();
  });

  return function draw(interventions) {
    const names = turned(interventions);
    setText(title, names.length ? words.TURNED : words.NONE_TURNED);
    all.hidden = names.length < 2;
    const nodes = take(names.length);
    names.forEach((name, index) => {
      const place = neuronAt(name);
      const [said, factor] = nodes[index].children;
      nodes[index].dataset.name = name;
      setAttribute(nodes[index], "aria-label", words.bringBack(placeTold(place)));
      setText(said, placeTold(place));
      setText(factor, factorTold(factorOf(interventions, place)));
    });
    if (pressed?.hidden) (nodes[names.length - 1] ?? title).focus();
    pressed = null;
  };
}
