// What the residual exhibit writes: about the depths that are read early, and about the parts that a logit is the sum of.

import { decimal, percent, signed } from "../../format.js";
import { visible } from "../../page/chips.js";

/** The half of a block behind which a depth lies, short enough for the front of a row. */
export function halfName(after) {
  return { mlp: "MLP", "cross-attention": "cross" }[after] ?? after;
}

/** "embedding", "layer 3, attention" */
export function placeName({ layer, after }) {
  const half = after === "mlp" ? "MLP" : after;
  return layer === null ? half : `layer ${layer + 1}, ${half}`;
}

/** Where the prediction is read: "after ·to"; of a BERT "at [MASK]". */
export function readAt({ tokens, written, residual }) {
  const token = visible((written ?? tokens)[residual.query]);
  return residual.parts ? `after ${token}` : `at ${token}`;
}

/**
 * In front of what is taken apart: what it was, "4.40 when pinned →", or in the model as it was trained, where that is
 * another; nothing where there is nothing to compare with. `former` is what the pinned state has, or null.
 */
export function worthBefore({ untouched }, former) {
  if (former) return `${decimal(former.logit)} when pinned →`;
  return untouched === null ? "" : `${decimal(untouched)} as trained →`;
}

/** Over the lens, as long as nothing is pointed at. */
export function lensHint(frame) {
  return `${readAt(frame)}; a click ${frame.residual.parts ? "takes a token apart" : "follows a token"}`;
}

/** Over the lens: the token that is pointed at. */
export function tokenAtDepth(place, entry) {
  return `${placeName(place)}: ${visible(entry, true)} has ${percent(entry.probability)}`;
}

/** A probability in a cell that holds two digits. */
export function shortPercent(probability) {
  return probability < 0.005 ? "<1" : String(Math.round(100 * probability));
}

export function courseLegend(target, isPinned) {
  return `; gold curve: that of ${visible(target, true)}${isPinned ? ", dotted when pinned" : ""}; grey: its rank, 1 at the right`;
}

/** Over the parts, as long as none is pointed at. */
export function partsHint(isPinned) {
  return `each head, each row's sum${isPinned ? "; line: pinned" : ""}`;
}

/** Over the parts: the head that is pointed at. */
export function headInRow({ layer, head }, value) {
  return `layer ${layer + 1}, head ${head + 1}: ${signed(value)}; click to look`;
}

/** What a screen reader says of a head's cell. */
export function headCellSaid(head, value) {
  return `head ${head + 1}, ${signed(value)}`;
}

export function rowScale(largest) {
  return `rows to ±${decimal(largest)}`;
}

export function headScale(largest) {
  return `one head: ±${decimal(largest)} logits`;
}

/** What the parts are called where they are listed. */
export const PART = {
  embedding: "embedding",
  head: (layer, head, isAcross) => `layer ${layer + 1}, ${isAcross ? "cross-" : ""}head ${head + 1}`,
  attentionBias: (layer) => `layer ${layer + 1}, attention's bias`,
  normBias: "final norm's bias",
};

/** That the parts make up the logit, in numbers; the model adds in single precision, and may end a last digit beside. */
export function sumOfParts({ against, sum, logit, scale }) {
  const [parts, whole] = [decimal(sum, 4), decimal(logit, 4)];
  return (
    `Sum of all parts ${parts} ${parts === whole ? "=" : "≈"} ${against ? "difference" : "logit"} ${whole}, ` +
    `with the final norm's divisor held at ${decimal(scale)}.`
  );
}
