// What a T5 writes, as chips in the column beside the exhibit. A click, or the arrow keys, choose a token: below stands
// the distribution from which it was taken. Of one that predicts no token: what its decoder reads.

import { spoken, visible } from "./chips.js";
import { pool, setAttribute, setText } from "../dom.js";
import { mountFollow } from "./follow.js";
import { chip } from "./tokenrow.js";
import { WROTE } from "./words.js";

/**
 * What follows each row of the decoder: the tokens after the start token, and the end, if it came; of a model that
 * predicts no token, the rows themselves.
 */
export function taken({ written, next }, limit) {
  if (!next) return written;
  const end = { text: "</s>", special: true, raw: "", id: null };
  return written.length <= limit ? [...written.slice(1), end] : written.slice(1);
}

export function mountWrote(shell, store) {
  const list = shell.querySelector(".next .wrote");
  const take = pool(list, (index) => {
    const node = chip();
    node.id = `wrote-${index}`;
    node.dataset.written = String(index);
    node.setAttribute("role", "option");
    return node;
  });
  // Where rows are left below, the last in sight fades.
  const sign = () => list.classList.toggle("more", list.scrollHeight - list.scrollTop - list.clientHeight > 4);
  const follow = mountFollow(list, sign);
  list.addEventListener("scroll", sign, { passive: true });
  const choose = (written) => store.set({ written, key: null });

  list.addEventListener("click", (event) => {
    const node = event.target.closest("[data-written]");
    if (node) choose(Number(node.dataset.written));
  });
  list.addEventListener("keydown", (event) => {
    const last = taken(store.frame, store.catalog.limits.written).length - 1;
    const now = Math.min(store.state.written ?? 0, last);
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(last, to)));
  });

  return function draw({ state, frame, catalog }) {
    list.hidden = !frame.written;
    if (list.hidden) return;
    setAttribute(list, "aria-label", frame.next ? WROTE.written : WROTE.read);
    const tokens = taken(frame, catalog.limits.written);
    const chosen = Math.min(state.written ?? 0, tokens.length - 1);
    const chips = take(tokens.length);
    tokens.forEach((token, index) => {
      setText(chips[index].firstChild, visible(token, true));
      chips[index].classList.toggle("special", token.special);
      chips[index].classList.toggle("selected", index === chosen);
      setAttribute(chips[index], "aria-selected", index === chosen);
      setAttribute(chips[index], "aria-label", spoken(token, true));
    });
    follow(chips[chosen], `${frame.seq} ${chosen} ${state.exhibit}`);
    setAttribute(list, "aria-activedescendant", `wrote-${chosen}`);
  };
}
