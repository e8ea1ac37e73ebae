// The chosen row piece by piece: what each token reads, its id and its bytes. For the model's own row these are the
// tokens that the model is given, special ones included. Of very many, those around the selected one are listed.

import { isLost, isPart, wholeOf } from "../../page/chips.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { count } from "../../format.js";
import { indexAfter } from "../../draw/gridkeys.js";
import { asChosen, chip } from "../../page/tokenrow.js";
import { chipSaid, pieceBytes, pieceChip } from "./words.js";

const LISTED = 80;

/** A piece: the character it belongs to if it is only a part, the chip, the id, the bytes. */
function cell() {
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

/** The tokens of a row with the offset between their places in it and in the row: the model's own, or its pieces. */
export function tokensOf(view, row) {
  if (row !== view.own) return { tokens: Array.from(row.ids, (_, index) => row.piece(index)), offset: 0 };
  const { tokens } = view.frame;
  const at = (index) => index - view.lead + view.frame.clipped - row.skipped;
  const told = (token, index) => {
    const inRow = !token.special && at(index) >= 0 && at(index) < row.shown;
    const text = token.text || (inRow ? row.piece(at(index)).text : ""); // T5's lone mark of a space decodes to nothing
    return { ...token, text, unknown: row.holes.has(at(index)) };
  };
  return { tokens: tokens.map(told), offset: -at(0) };
}

export function mountPieces(list, store) {
  const take = pool(list, cell);
  let view = null;
  let row = null;
  let listed = { tokens: [], offset: 0 };
  let from = 0;

  /** Selects a token of the list by its place. */
  const select = (place) => {
    const held = Math.max(0, Math.min(listed.tokens.length - 1, place));
    if (row === view.own) {
      store.set({ tokenizer: "", query: asChosen(store, held), key: null });
    } else store.set(view.select(row, held));
  };
  list.addEventListener("click", (event) => {
    const item = event.target.closest(".piece-cell");
    if (item) select(from + [...list.children].indexOf(item));
  });
  list.addEventListener("keydown", (event) => {
    if (!view) return;
    const to = indexAfter(event.key, placeOf(store.state), listed.tokens.length);
    if (to === null) return;
    event.preventDefault();
    select(to);
  });

  /** Where the selected token stands in the list. */
  function placeOf(state) {
    if (row !== view.own) return view.selected(state);
    return view.token(state);
  }

  function draw(next, state) {
    const chosen = next.chosen(state);
    const fresh = next !== view || chosen !== row;
    if (fresh) {
      [view, row] = [next, chosen];
      listed = tokensOf(view, row);
    }
    const place = placeOf(state);
    const { tokens } = listed;
    const start = Math.max(0, Math.min(place - LISTED / 2, tokens.length - LISTED));
    const items = take(Math.min(LISTED, tokens.length));
    if (fresh || start !== from) {
      from = start;
      tokens.slice(from, from + LISTED).forEach((_, index) => fill(items[index], tokens, from + index));
    }
    tokens.slice(from, from + LISTED).forEach((_, index) => {
      const selected = from + index === place;
      items[index].children[1].classList.toggle("selected", selected);
      setAttribute(items[index], "aria-selected", selected);
      if (selected) follow(items[index]);
    });
    return place;
  }

  /** Brings the selected one into view within the list, without moving the page. */
  function follow(item) {
    const [top, bottom] = [item.offsetTop, item.offsetTop + item.offsetHeight];
    if (top < list.scrollTop) list.scrollTop = top;
    else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  }

  function fill(item, tokens, index) {
    const token = tokens[index];
    const [whole, box, id, bytes] = item.children;
    const partial = isPart(token);
    const spelled = wholeOf(tokens, index);
    const first = spelled !== "";
    item.classList.toggle("partial", partial);
    item.classList.toggle("joined", partial && !first);
    setText(whole, spelled);
    setText(box.firstChild, pieceChip(token));
    box.classList.toggle("special", token.special);
    box.classList.toggle("part", partial);
    box.classList.toggle("lost", Boolean(token.unknown) || isLost(token));
    setText(id, count(token.id));
    setText(bytes, pieceBytes(token));
    setAttribute(item, "aria-label", chipSaid(token));
  }

  return { draw, tokens: () => listed.tokens, row: () => row };
}
