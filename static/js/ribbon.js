// The ribbon below the lead: the tokens of the text as chips on one line that follows the end while one types. In the
// attention exhibit a violet line under each chip shows how much the lit query reads from it.

import { at } from "./decode.js";
import { setAttribute } from "./dom.js";
import { chip, dress, lit, tokenRow } from "./tokenrow.js";

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

  function draw({ state, frame }) {
    if (!frame || ribbon.hidden) return;
    const roles = lit({ state, frame });
    const chips = take(frame.tokens.length);
    const rows = state.exhibit === "attention" ? frame.arrays.pattern?.head(state.layer, state.head) : undefined;
    frame.tokens.forEach((token, index) => {
      dress(chips[index], token, index, roles);
      const weight = rows && index <= roles.query ? at(rows, roles.query, index) / 255 : 0;
      if (weights[index] === weight) return;
      weights[index] = weight;
      chips[index].style.setProperty("--weight", `${Math.round(100 * weight)}%`);
    });
    setAttribute(ribbon, "aria-activedescendant", `ribbon-${roles.selected}`);
    if (frame !== shown) {
      chips[count]?.classList.toggle("arrived", frame.tokens.length === count + 1);
      if (frame.tokens.length !== count && state.query === null) ribbon.scrollLeft = ribbon.scrollWidth;
      count = frame.tokens.length;
      shown = frame;
    }
  }

  return { draw };
}
