// What the residual exhibit writes: about the depths that are read early, and about the parts that a logit is the sum of.

import { count, decimal, percent, plural, signed } from "../../format.js";
import { visible } from "../../page/chips.js";

/** The half of a block behind which a depth lies, short enough for the front of a row. */
export function halfName(after) {
  return { mlp: "MLP", "cross-attention": "cross" }[after] ?? after;
}

/** "embedding", "layer 3, attention", "encoder layer 3, MLP" */
export function placeName({ kind, layer, after }) {
  const half = after === "mlp" ? "MLP" : after;
  return layer === null ? half : `${kind === "encoder" ? "encoder " : ""}layer ${layer + 1}, ${half}`;
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

/** Over the parts, as long as none is pointed at; `hasSum`: what they add is known. */
export function partsHint(hasSum, isPinned, { click }, kind) {
  if (hasSum) return `each head, each row's sum${isPinned ? "; line: pinned" : ""}`;
  const does = click === "open" ? "a click opens a head" : "a click switches one off or on";
  return kind === "encoder" ? `adds to no logit: the decoder reads what it makes of the text; ${does}` : does;
}

/** What a screen reader says of the whole grid. */
export function partsSaid(hasSum, { click }, kind) {
  const what = kind === "encoder" ? "The encoder's heads and MLPs" : "The heads and MLPs";
  const does = click === "open" ? "Enter opens a head in Attention" : "Enter switches one off or on";
  return `${hasSum ? "What each head and layer adds" : what}; ${does}`;
}

/** What stands for a whole row, where what it adds is not known. */
export const wholeRow = ({ after }) => (after.endsWith("attention") ? "all" : "MLP");

/** Over the parts: the head that is pointed at; `click` is what a click does, "open" or "off". */
export function headInRow({ kind, layer, head }, value, isOff, click) {
  const name = `${kind === "encoder" ? "encoder " : ""}layer ${layer + 1}, head ${head + 1}`;
  return `${name}${adds(": ", value)}${offSaid(isOff)}; ${toClick(isOff, click)}`;
}

/** Over the parts: the row that is pointed at, a half of a block. */
export function rowInRow(place, value, isOff) {
  return `${placeName(place)}${adds(": ", value)}${offSaid(isOff)}; ${toClick(isOff, "off")}`;
}

const adds = (between, value) => (value === null ? "" : between + signed(value));
const offSaid = (isOff) => (isOff ? ", off" : "");
const toClick = (isOff, click) => (click === "open" ? "click to look" : `click to switch ${isOff ? "on" : "off"}`);

/** What a screen reader says of a head's cell, and of a row's that can be switched off. */
export function headCellSaid(head, value, isOff) {
  return `head ${head + 1}${adds(", ", value)}${offSaid(isOff)}`;
}

export function rowCellSaid(place, value, isOff) {
  return `all of ${placeName(place)}${adds(", ", value)}${offSaid(isOff)}`;
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
  attentionBias: (layer, across) => `layer ${layer + 1}, ${across ? "cross-attention" : "attention"}'s bias`,
  normBias: "final norm's bias", // and that of the logit itself, of a model that has one
};

/** That the parts make up the logit, in numbers; the model adds in single precision, and may end a last digit beside. */
export function sumOfParts({ against, sum, logit, scale, cap, capped, behind }) {
  const [parts, whole, what] = [decimal(sum, 4), decimal(logit, 4), against ? "difference" : "logit"];
  const held = `with the final norm's divisor held at ${decimal(scale)}`;
  const also = behind ? ", and that of the norm behind each attention" : "";
  if (cap !== null) {
    const through = decimal(capped, 4);
    return (
      `Sum of all parts ${parts}, ${held}${also}: the ${what} before the soft cap. Bounded at ±${count(cap)} it comes to ` +
      `${through} ${through === whole ? "=" : "≈"} ${what} ${whole}.`
    );
  }
  return `Sum of all parts ${parts} ${parts === whole ? "=" : "≈"} ${what} ${whole}, ${held}${also}.`;
}

/** Beside the choice of what stands in for what is off. */
export function aboutInstead(instead, hasMeans, model) {
  if (!hasMeans) return `Nobody has measured the means of ${model}.`;
  return instead === "mean" ? "The mean over 40 held-out stories." : "Multiplied by 0.";
}

const KIND = { encoder: "The encoder", decoder: "The decoder", cross: "Across" };

/** Over the map of one kind of attention, where there are several. */
export const mapTitle = (kind) => KIND[kind] ?? "";
export const mapLabel = (kind) => `${KIND[kind] ?? "Heads and MLPs"}: what each costs, layers down, heads across`;
export const MLP_COLUMN = "MLP";
export const RUN = { idle: "Switch each off once", busy: "Stop" };

/** Over the maps: before, while and after the parts are switched off one at a time. */
export function costsHint({ done, total, heads, mlps, error, largest, how }) {
  if (error) return error;
  if (done === 0) return `A pass for each: ${plural(heads, "head")}, ${plural(mlps, "MLP")}, one at a time.`;
  if (done < total) return `${done} of ${total} …`;
  return largest ? `Costs most: ${partName(largest)}, ${costSaid(largest, how)}.` : "Nothing here costs anything.";
}

/** A part of the maps, {kind, layer, head or null for the MLP or the experts}. */
export function partName({ kind, layer, head }) {
  const stack = { encoder: "encoder ", decoder: "decoder ", cross: "cross " }[kind] ?? "";
  return `${stack}layer ${layer + 1}, ${head === null ? "MLP" : `head ${head + 1}`}`;
}

/** What a part costs, measured as `how` says. */
export function costSaid({ kl_bits: bits, change }, how) {
  return how === "bits" ? `${decimal(bits)} bits` : signed(change);
}

/** The number in a cell of a map. */
export const costFigure = (value, how) => (how === "bits" ? decimal(value) : signed(value));

/** What one cell of a map says; `cost` is null as long as it is not known. */
export function costCellSaid(part, cost, how, isOff) {
  return `${partName(part)}${cost ? `, ${costSaid(cost, how)}` : ""}${offSaid(isOff)}`;
}

export function costScale(how, largest, isDifference) {
  if (how === "bits") return `KL(before ‖ after), 0 to ${decimal(largest)} bits`;
  return `change of the ${isDifference ? "difference" : "logit"}, ±${decimal(largest)}`;
}
