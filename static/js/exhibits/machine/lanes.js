// The lanes of one river as something to press: a slider over them, and a chip in front of each where there is room.

import { boxOf, element, pool, setAttribute, setText, zoomOf } from "../../dom.js";
import { indexAfter } from "../../draw/gridkeys.js";
import { seen, spoken } from "../../page/chips.js";
import { chip, dress } from "../../page/tokenrow.js";
import { chipLanes, chipSize } from "./captions.js";
import * as words from "./words.js";

/** `which`: "read", the text; or "written", what a T5 writes. */
export function mountLanes(stage, which) {
  const lanes = element("div", `lanes ${which}`);
  const chips = element("div", `chips ${which}`);
  const said = { role: "slider", "aria-label": words.LANES[which], "aria-orientation": "vertical", "aria-valuemin": 1 };
  for (const [name, value] of Object.entries(said)) lanes.setAttribute(name, value);
  lanes.tabIndex = 0;
  const take = pool(chips, () => Object.assign(chip("button"), { type: "button", tabIndex: -1 }));
  let river = null;
  /** @type {(token: number) => void} */
  let select = () => {};
  let selected = 0;

  /** The token whose lane is under a height; of a lane that several share, the last. */
  const tokenAt = (y) => {
    const lane = Math.floor((y - river.lanes.top) / river.lanes.pitch);
    if (lane < 0 || lane >= river.lanes.count) return null;
    return Math.min(river.tokens - 1, (lane + 1) * river.lanes.group - 1);
  };
  const heightOf = (event) => event.clientY / zoomOf(stage) - boxOf(stage).top;

  lanes.addEventListener("click", (event) => {
    const token = tokenAt(heightOf(event));
    if (token !== null) select(token);
  });
  lanes.addEventListener("keydown", (event) => {
    if (!river) return;
    const to = indexAfter(event.key, selected, river.tokens);
    if (to === null) return;
    event.preventDefault();
    selected = to; // known at once: the next key may come before the next picture
    select(selected);
  });
  chips.addEventListener("click", (event) => {
    /** @type {HTMLElement | null} */
    const node = /** @type {HTMLElement} */ (event.target).closest(".chip");
    if (node) select(Number(node.dataset.token));
  });

  function arrange(next) {
    river = next;
    lanes.hidden = chips.hidden = !river;
    if (!river) return;
    const { cells, stream, lanes: of } = river;
    const left = cells.left - 4;
    lanes.style.cssText = `left:${left}px;top:${of.top}px;width:${stream.right - left}px;height:${of.count * of.pitch}px`;
    const { left: from, right: to } = river.chips;
    chips.style.cssText = `left:${from}px;top:${of.top}px;width:${to - from}px;height:${of.count * of.pitch}px`;
    chips.style.setProperty("--pitch", `${of.pitch}px`); // a dot stands in each lane without a chip
  }

  /** `lit`: {token, lane, hoverToken, hover: its lane}. */
  function draw(tokens, lit, choose) {
    if (!river) return;
    select = choose;
    selected = lit.token;
    const shown = chipLanes(river, [lit.lane, lit.hover]);
    chips.classList.toggle("tight", chipSize(river) === "tight");
    chips.classList.toggle("left-out", shown.length < river.tokens);
    const nodes = take(shown.length);
    const chosen = lit.lane === null ? null : lit.token;
    const roles = { selected: chosen, query: chosen, key: null, token: lit.hoverToken };
    shown.forEach(({ lane, y }, i) => {
      const token = lane === lit.lane ? lit.token : Math.min(river.tokens - 1, (lane + 1) * river.lanes.group - 1);
      dress(nodes[i], tokens[token], token, roles);
      setText(nodes[i].firstChild, seen(tokens, token));
      setAttribute(nodes[i], "aria-selected", null);
      nodes[i].dataset.token = token;
      nodes[i].style.transform = `translateY(${(y - river.lanes.top).toFixed(1)}px) translateY(-50%)`;
    });
    setAttribute(lanes, "aria-valuemax", river.tokens);
    setAttribute(lanes, "aria-valuenow", lit.token + 1);
    setAttribute(lanes, "aria-valuetext", words.tokenOf(spoken(tokens[lit.token]), lit.token, river.tokens));
  }

  return {
    nodes: [chips, lanes],
    arrange,
    draw,
    under: (x, y) => {
      if (!river || x < river.chips.left || x > river.stream.right + 8) return null;
      const token = tokenAt(y);
      return token === null ? null : which === "read" ? { token } : { written: token };
    },
    follow: (scrolled) => (chips.style.transform = `translateX(${scrolled}px)`),
  };
}
