// Pooled chips for the tokens of a frame: the same chip, with the same roles and colours, wherever tokens stand in a
// row.

import { pool, setAttribute, setText } from "../dom.js";
import { isLost, isPart, piece, spoken, wholeOf } from "./chips.js";

/** The token that is selected as long as none is chosen: the last; in a BERT the one whose prediction is read. */
export function unchosen({ tokens, written, position }) {
  return written ? tokens.length - 1 : position;
}

/** A token as the state has it once it is chosen: the last one of a text that is read to its end stays the last. */
export function asChosen({ state, frame, catalog }, token) {
  const follows = catalog.models[state.model].family !== "bert" && token === frame.tokens.length - 1;
  return follows ? null : token;
}

/** What the tokens of the text are in the picture that the page shows: see registry.js. */
export function roleOfText({ state, frame, exhibits }) {
  return state.exhibit === frame.exhibit ? exhibits[state.exhibit].roleOfText(frame) : "query";
}

/**
 * Which tokens of the text are lit now, from the state: the chosen query, and what the pointer is on. Where the rows of
 * the picture are not the tokens of the text, by their `role` in it, none is chosen, and only a key may be one of them.
 */
export function lit({ state, frame }, role = "query") {
  const { hover } = state;
  const token = hover?.token ?? null;
  if (role !== "query") {
    return { selected: null, query: null, key: role === "key" ? (hover?.key ?? state.key) : null, token };
  }
  const query = Math.min(state.query ?? unchosen(frame), frame.tokens.length - 1);
  return { selected: query, query: hover?.query ?? hover?.token ?? query, key: hover?.key ?? null, token };
}

/** Fills a chip with a token and marks its roles; `option` is the role=option around it, if it is not one itself. */
export function dress(chip, token, index, roles, option = chip) {
  setText(chip.firstChild, piece(token));
  chip.classList.toggle("special", token.special);
  chip.classList.toggle("part", isPart(token));
  chip.classList.toggle("lost", isLost(token));
  chip.classList.toggle("selected", index === roles.selected);
  chip.classList.toggle("is-query", roles.key !== null && index === roles.query);
  chip.classList.toggle("is-key", index === roles.key);
  chip.classList.toggle("is-hover", index === roles.token);
  setAttribute(option, "aria-selected", index === roles.selected);
  setAttribute(chip, "title", token.special ? `${token.text}, id ${token.id}` : null);
  if (option === chip) setAttribute(chip, "aria-label", spoken(token));
}

/** Names the character above the first of the chips that spell it in parts; room for it is the row's affair. */
export function crown(chip, tokens, index) {
  setAttribute(chip, "data-whole", wholeOf(tokens, index) || null);
}

/** A chip without content; `dress` gives it a token. */
export function chip(tag = "span") {
  const node = document.createElement(tag);
  node.className = "chip";
  node.append(document.createElement("bdi"));
  return node;
}

/**
 * A row of chips in `parent`, which follows the pointer and the arrow keys: hovering lights a token everywhere, a click
 * or Enter makes it the selected query. `make(index)` builds the child that holds chip `index`; `chips()` are those
 * shown.
 */
export function tokenRow(parent, store, make) {
  const take = pool(parent, (index) => {
    const node = make(index);
    node.dataset.token = index;
    return node;
  });
  const indexOf = (target) => {
    const node = target.closest("[data-token]");
    return node ? Number(node.dataset.token) : null;
  };
  const hover = (token) => {
    if ((store.state.hover?.token ?? null) !== token) store.set({ hover: token === null ? null : { token } });
  };
  const select = (token) =>
    store.set(roleOfText(store) === "key" ? { key: token } : { query: asChosen(store, token), key: null });

  parent.addEventListener("pointerover", (event) => hover(indexOf(event.target)));
  parent.addEventListener("pointerleave", () => hover(null));
  parent.addEventListener("click", (event) => {
    const index = indexOf(event.target);
    if (index !== null) select(index);
  });
  parent.addEventListener("keydown", (event) => {
    if (!store.frame) return;
    const last = store.frame.tokens.length - 1;
    const now = lit(store, roleOfText(store)).selected ?? store.state.key ?? 0;
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    select(Math.max(0, Math.min(last, to)));
    parent.children[Math.max(0, Math.min(last, to))].scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  return take;
}
