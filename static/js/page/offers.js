// What each candidate of the column offers, the same beside every exhibit: to be put into the text, where the model goes on
// or has a place for it, and to be taken apart. Both stand in its row while the pointer or the keys are on it.

import { element, setAttribute, setText } from "../dom.js";
import { indexAfter } from "../draw/gridkeys.js";
import { isPart, visible } from "./chips.js";
import { filled } from "./word_mask.js";
import { OFFER } from "./words.js";

/** The change of state that puts a candidate into the text; null where it cannot be. */
export function adding({ state, frame, catalog }, candidate) {
  if (candidate.special || isPart(candidate) || frame.text !== state.text) return null;
  const { family } = catalog.models[frame.model];
  if (family === "gpt") return { text: state.text + candidate.text, query: null, key: null, draws: 0 };
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

/** Brings the rows of a list to life; gives what says of one what it offers. */
export function mountOffers(list, store) {
  const [name, { takesApart }] = Object.entries(store.exhibits).find(([, exhibit]) => exhibit.takesApart);
  const rows = () => [...list.children].filter((row) => !row.hidden);
  const rowOf = (event) => list.children[[...list.children].indexOf(event.target.closest("li"))];

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const candidate = store.frame.next.top[rows().indexOf(rowOf(event))];
    if (button.className === "add") {
      const patch = adding(store, candidate);
      if (patch) store.set(patch);
    } else if (store.state.exhibit !== name) {
      store.set(takesApart(candidate.id));
      store.open(name);
    }
  });
  list.addEventListener("keydown", (event) => {
    const there = rows();
    const to = indexAfter(event.key, there.indexOf(rowOf(event)), there.length);
    if (to === null) return;
    event.preventDefault();
    there.forEach((row, index) => (row.tabIndex = index === to ? 0 : -1));
    there[to].focus();
  });

  return function fill(row, candidate, view) {
    const [add, apart] = row.querySelector(".offers").children;
    const patch = adding(view, candidate);
    const token = visible(candidate, true);
    add.hidden = !patch;
    setText(add, view.frame.mask ? OFFER.fill : OFFER.add);
    setAttribute(add, "aria-label", `${add.textContent} ${token}`);
    setAttribute(apart, "aria-label", `${OFFER.apart} ${token}`);
  };
}
