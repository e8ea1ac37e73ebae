// The ribbon below the lead: the tokens of the text as chips on one line that follows the end while one types. Where the
// exhibit says so, a violet line under each chip shows how much the lit query reads from it. In a BERT a double click, or
// Enter, hides a word behind the mask and puts it back.

import { setAttribute } from "../dom.js";
import { mountFollow } from "./follow.js";
import { toggleMask } from "./word_mask.js";
import { chip, crown, dress, lit, roleOfText, tokenRow } from "./tokenrow.js";
import { MASK_KEY } from "./words.js";

/** How much the lit query reads from each token of the text, 0 to 1: a function; null where that is not the question. */
function weightOf(view, { query }) {
  const { state, frame, exhibits } = view;
  return state.exhibit === frame.exhibit ? exhibits[state.exhibit].weights(view, query) : null;
}

export function mountRibbon(ribbon, store) {
  const take = tokenRow(ribbon, store, (index) => {
    const node = chip();
    node.id = `ribbon-${index}`;
    node.setAttribute("role", "option");
    return node;
  });
  let shown = null;
  let count = 0;
  const weights = [];
  const follow = mountFollow(ribbon);

  ribbon.addEventListener("dblclick", (event) => {
    const node = event.target.closest("[data-token]");
    if (node) toggleMask(store, Number(node.dataset.token));
  });
  ribbon.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && store.frame) toggleMask(store, lit(store, roleOfText(store)).selected);
  });

  function draw(view) {
    const { state, frame } = view;
    if (!frame || ribbon.hidden) return;
    const roles = lit(view, roleOfText(view));
    const chips = take(frame.tokens.length);
    const reads = weightOf(view, roles);
    frame.tokens.forEach((token, index) => {
      dress(chips[index], token, index, roles);
      crown(chips[index], frame.tokens, index);
      const weight = reads ? reads(index) : 0;
      if (weights[index] === weight) return;
      weights[index] = weight;
      chips[index].style.setProperty("--weight", `${Math.round(100 * weight)}%`);
    });
    const chosen = state.query === null ? null : chips[roles.selected];
    follow(chosen ?? null, `${state.exhibit} ${frame.tokens.length} ${state.query}`); // another exhibit begins at its start
    setAttribute(ribbon, "aria-activedescendant", roles.selected === null ? null : `ribbon-${roles.selected}`);
    setAttribute(ribbon, "aria-description", frame.mask ? MASK_KEY : null);
    if (frame !== shown) {
      chips[count]?.classList.toggle("arrived", frame.tokens.length === count + 1);
      count = frame.tokens.length;
      shown = frame;
    }
  }

  return { draw };
}
