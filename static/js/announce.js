// What a screen reader hears when typing pauses: how many tokens there are, and what is likeliest to come next.

import { spoken } from "./chips.js";
import { plural } from "./format.js";

const PAUSE_MS = 900;
let timer;

/** Says the frame in the polite live region, once no newer frame has come for a moment. */
export function announce(region, frame) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const [likeliest] = frame.next.top;
    const next = `${spoken(likeliest, true)}, ${Math.round(100 * likeliest.probability)} percent`;
    region.textContent = `${plural(frame.tokens.length, "token")}; next: ${next}`;
  }, PAUSE_MS);
}
