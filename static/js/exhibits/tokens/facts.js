// One piece in full: the one under the pointer, else the selected one.

import { hex, visible } from "../../page/chips.js";
import { setText } from "../../dom.js";
import { count } from "../../format.js";

/** U+0041 for each code point, with "…" after the eighth. */
function codePoints(characters) {
  const named = characters
    .slice(0, 8)
    .map((one) => `U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
  return named.join(" ") + (characters.length > 8 ? " …" : "");
}

/** Where a piece stands in the text, in characters. */
function place({ special, start, end }, first) {
  if (special && start === end) return "none: put there for the model";
  if (start === end) return `none, before ${count(first + start)}`;
  return `${count(first + start)} to ${count(first + end)}`;
}

export function mountFacts(root) {
  const detail = (name) => root.querySelector(`[data-piece="${name}"]`);

  /** `token` stands at `position` of its row; its characters count from `first`. */
  return function draw(view, row, token, position, first) {
    setText(detail("vocabulary"), row.label);
    if (!token) {
      for (const name of ["text", "position", "id", "span", "points", "bytes"]) setText(detail(name), "–");
      return;
    }
    const shift = first - view.frame.ruler.first;
    const span = view.letters.characters.slice(Math.max(0, token.start + shift), Math.max(0, token.end + shift));
    setText(detail("text"), token.unknown ? "nothing: unknown" : token.special ? token.text : visible(token));
    setText(detail("position"), count(position));
    setText(detail("id"), count(token.id));
    setText(detail("span"), place(token, first));
    setText(detail("points"), span.length ? codePoints(span) : "–");
    setText(detail("bytes"), token.special || !token.raw ? "–" : hex(token.raw));
  };
}
