// What a screen reader hears when typing pauses: how many tokens there are, and what the model makes of them.

import { isMask } from "./word_mask.js";
import { WHERE, announced, itWrites, likeliestNow, tokensOf } from "./words.js";

const PAUSE_MS = 900;
let timer;

/** The likeliest token and where it is read, or what a T5 writes, or why there is none. */
function news(frame, family) {
  if (!frame.next) return frame.unsaid;
  if (family === "t5") return itWrites(frame.written.slice(1));
  const token = frame.tokens[frame.position];
  const where = family === "gpt" ? WHERE.next : isMask(frame, token) ? WHERE.mask : WHERE.token(token);
  return likeliestNow(where, frame.next.top[0]);
}

/** Says the frame in the polite live region, once no newer frame has come for a moment. */
export function announce(region, frame, { family, n_ctx }) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    region.textContent = announced(tokensOf(frame.tokens, n_ctx), news(frame, family));
  }, PAUSE_MS);
}
