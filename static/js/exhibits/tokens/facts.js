// One piece in full: the one under the pointer, else the selected one.

import { setText } from "../../dom.js";
import { facts } from "./words.js";

export function mountFacts(root) {
  const detail = (name) => root.querySelector(`[data-piece="${name}"]`);

  /** `token` stands at `position` of its row; its characters count from `first`. */
  return function draw(view, row, token, position, first) {
    const shift = first - view.frame.ruler.first;
    const held = (character) => Math.max(0, character + shift);
    const characters = token ? view.letters.characters.slice(held(token.start), held(token.end)) : [];
    setText(detail("vocabulary"), row.label);
    for (const [name, text] of Object.entries(facts(token, position, characters, first))) setText(detail(name), text);
  };
}
