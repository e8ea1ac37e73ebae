// What each candidate of the column offers, the same beside every exhibit: to be put into the text, where the model goes on
// or has a place for it, and to be taken apart. Both stand in its row while the pointer or the keys are on it.

import { element, setAttribute, setText } from "../dom.js";
import { indexAfter } from "../draw/gridkeys.js";
import { setAt } from "../state/landing.js";
import { isPart, visible } from "./chips.js";
import { filled } from "./word_mask.js";
import { OFFER } from "./words.js";

/** A frame's text with a candidate behind it; the space in front of a text that is read with one is not written. */
export function goneOn({ text, puts_space_in_front: has }, candidate) {
  return text + (has && !text ? candidate.text.replace(/^ /, "") : candidate.text);
}

/** The change of state that puts a candidate into the text; null where it cannot be. */
export function adding({ state, frame, catalog }, candidate) {
  const writes = candidate.raw && !candidate.special && !isPart(candidate); // nothing, where the vocabulary has no such entry
  if (!writes || frame.text !== state.text) return null;
  const { family } = catalog.models[frame.model];
  if (family === "gpt") return { text: goneOn(frame, candidate), query: null, key: null, draws: 0 };
  return family === "bert" ? filled({ state, frame }, frame.position, candidate.text.replace(/^##/, "")) : null;
}

/** The two buttons of a row. */
export function offers() {
  const [add, apart] = ["add", "apart"].map((name) => {
    const button = element("button", name);
    button.type = "button";
    return button;
  });
  setText(apart, OFFER.apart);
  return element("span", "offers", add, apart);
}

/** Opens the exhibit that takes tokens apart at one of them; `patch` is what else changes. */
export function takeApart(store, { id }, patch = {}) {
  const found = Object.entries(store.exhibits).find(([, exhibit]) => exhibit.takesApart);
  if (!found || store.state.exhibit === found[0]) return; // it is not in a page that was saved; or hears of it itself
  store.set({ ...patch, ...found[1].takesApart(id) });
  store.open(found[0]);
}

/**
 * Brings the rows of a list to life; gives what says of one what it offers. `of` has {listed(), the candidates; adds(one),
 * the change of state that puts one into the text, or null; apart(one), which takes it apart}.
 */
export function mountOffers(list, store, { listed, adds, apart: opens }) {
  const rows = () => [...list.children].filter((row) => !row.hidden);
  const rowOf = (event) => list.children[[...list.children].indexOf(event.target.closest("li"))];

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const candidate = listed()[rows().indexOf(rowOf(event))];
    const patch = adds(candidate);
    if (button.className !== "add") opens(candidate);
    else if (patch) setAt(store, patch, store.frame.tokens[patch.query]?.start);
  });
  list.addEventListener("keydown", (event) => {
    const there = rows();
    const to = indexAfter(event.key, there.indexOf(rowOf(event)), there.length);
    if (to === null) return;
    event.preventDefault();
    there.forEach((row, index) => (row.tabIndex = index === to ? 0 : -1));
    there[to].focus();
  });

  /** `fills`: it would stand in the place of something. */
  return function fill(row, candidate, fills) {
    const [add, apart] = row.querySelector(".offers").children;
    const token = visible(candidate, true);
    add.hidden = !adds(candidate);
    setText(add, fills ? OFFER.fill : OFFER.add);
    setAttribute(add, "aria-label", `${add.textContent} ${token}`);
    setAttribute(apart, "aria-label", `${OFFER.apart} ${token}`);
  };
}
