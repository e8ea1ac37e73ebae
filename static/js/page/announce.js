// What a screen reader hears when typing pauses: how many tokens there are, and what the model makes of them.

import { spoken } from "./chips.js";
import { plural } from "../format.js";
import { isMask } from "./word_mask.js";

const PAUSE_MS = 900;
let timer;

/** "next: dog, 31 percent"; "behind the mask: ..."; "at girl: ..."; "it writes: le chien". */
function told(frame, family) {
  if (family === "t5") {
    const words = frame.written.slice(1).map((token) => spoken(token, true));
    return `it writes: ${words.join(" ") || "nothing"}`;
  }
  const [likeliest] = frame.next.top;
  const token = frame.tokens[frame.position];
  const where = family === "gpt" ? "next" : isMask(frame, token) ? "behind the mask" : `at ${spoken(token)}`;
  return `${where}: ${spoken(likeliest, true)}, ${Math.round(100 * likeliest.probability)} percent`;
}

/** Says the frame in the polite live region, once no newer frame has come for a moment. */
export function announce(region, frame, { family }) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    region.textContent = `${plural(frame.tokens.length, "token")}; ${told(frame, family)}`;
  }, PAUSE_MS);
}
