// The tokens exhibit: every piece of the text with its id and its bytes, and the selected piece in full.

import { hex, isPart, visible, visibleCharacter } from "../chips.js";
import { element, setText } from "../dom.js";
import { count, decimal } from "../format.js";
import { chip, dress, lit, tokenRow } from "../tokenrow.js";

/** U+0041 for each code point, with "…" after the eighth. */
function codePoints(characters) {
  const named = characters
    .slice(0, 8)
    .map((one) => `U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
  return named.join(" ") + (characters.length > 8 ? " …" : "");
}

/** A piece: the character it belongs to if it is only a part, the chip, the id, the bytes. */
function piece() {
  const item = element(
    "div",
    "piece-cell",
    element("bdi", "whole"),
    chip(),
    element("span", "id"),
    element("span", "bytes"),
  );
  item.setAttribute("role", "option");
  return item;
}

/** The parts of the state that its numbers depend on, besides those of every exhibit. */
export const asks = [];

export function mount(root, store) {
  const ruler = root.querySelector(".ruler");
  const take = tokenRow(ruler, store, piece);
  const sum = (name) => root.querySelector(`[data-sum="${name}"]`);
  const detail = (name) => root.querySelector(`[data-piece="${name}"]`);
  const encoder = new TextEncoder();
  let shown = null;
  let total = 0;
  let characters = [];

  function draw({ state, frame, catalog }) {
    const roles = lit({ state, frame });
    const { tokens } = frame;
    const items = take(tokens.length);
    if (frame !== shown) {
      characters = Array.from(frame.text);
      tokens.forEach((token, index) => fill(items[index], tokens, index));
      sums(frame, catalog.models[frame.model]);
      items[total]?.classList.toggle("arrived", tokens.length === total + 1);
      if (tokens.length !== total && state.query === null) ruler.scrollTop = ruler.scrollHeight;
      shown = frame;
      total = tokens.length;
    }
    tokens.forEach((token, index) => dress(items[index].children[1], token, index, roles, items[index]));
    describe(tokens[roles.selected], roles.selected);
  }

  function fill(item, tokens, index) {
    const token = tokens[index];
    const [whole, , id, bytes] = item.children;
    const partial = isPart(token);
    const joins = (other) => other !== undefined && isPart(other) && other.start < token.end && token.start < other.end;
    const first = partial && !joins(tokens[index - 1]);
    item.classList.toggle("partial", partial);
    item.classList.toggle("joined", partial && !first);
    setText(whole, first ? characters.slice(token.start, token.end).map(visibleCharacter).join("") : "");
    setText(id, count(token.id));
    setText(bytes, token.special ? "none" : hex(token.raw));
  }

  function sums({ text, tokens, clipped }, model) {
    const own = tokens.filter((token) => !token.special).length + clipped;
    setText(sum("tokens"), count(tokens.length + clipped));
    setText(sum("characters"), count(characters.length));
    setText(sum("bytes"), count(encoder.encode(text).length));
    setText(sum("ratio"), own ? decimal(characters.length / own) : "–");
    setText(sum("vocabulary"), count(model.d_vocab));
  }

  function describe(token, index) {
    const span = characters.slice(token.start, token.end);
    setText(detail("text"), token.special ? token.text : visible(token));
    setText(detail("position"), count(index));
    setText(detail("id"), count(token.id));
    setText(detail("span"), token.special ? "none: put in front" : `${count(token.start)} to ${count(token.end)}`);
    setText(detail("points"), span.length ? codePoints(span) : "–");
    setText(detail("bytes"), token.special ? "–" : hex(token.raw));
  }

  return { draw };
}
