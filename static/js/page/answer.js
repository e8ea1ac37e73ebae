// The answer in the bar, where the column of predictions does not stand beside the exhibit: the likeliest token, what comes
// after it, and, in a BERT, the button that hides a word. Its row has one height and its columns their widths, so that
// nothing moves while one types.

import { setText } from "../dom.js";
import { percent } from "../format.js";
import { beside } from "./beside.js";
import { visible } from "./chips.js";
import { isMask } from "./word_mask.js";
import { ANSWER, NOTHING_SAID, after, wroteAs } from "./words.js";
import { taken } from "./wrote.js";

/**
 * What the answer is to, and what stands behind the likeliest: the next two, or all that a T5 writes; of a model that
 * predicts no token, that it does not.
 */
export function answerOf(frame, { family }, limits) {
  if (!frame.next) return { to: NOTHING_SAID.inBar, likeliest: null, more: "" };
  const [likeliest, ...others] = frame.next.top;
  if (family === "t5") return { to: ANSWER.written, likeliest, more: wroteAs(taken(frame, limits.written)) };
  const isHidden = family === "bert" && isMask(frame, frame.tokens[frame.position]);
  const to = family === "gpt" ? ANSWER.next : isHidden ? ANSWER.mask : ANSWER.token;
  return { to, likeliest, more: after(others.slice(0, 2)) };
}

export function mountAnswer(shell) {
  const [to, token, share, more] = shell.querySelector(".bar .answer").children;
  let shown = null;

  return {
    draw({ frame, catalog }) {
      if (beside.matches || !frame || frame === shown) return;
      shown = frame;
      const answer = answerOf(frame, catalog.models[frame.model], catalog.limits);
      setText(to, answer.to);
      setText(token, answer.likeliest ? visible(answer.likeliest, true) : "");
      setText(share, answer.likeliest ? percent(answer.likeliest.probability) : "");
      setText(more, answer.more);
    },
  };
}
