// What a person changes in the running model: for an expert, named "layer.expert" from 0, a bias that is added to its
// router logit, or "off". In the address both count from 1, as on the page: off=2.3 and bias=4.1:0.5.

import { decimal } from "./format.js";

export const NONE = Object.freeze({});
export const MAX_BIAS = 4;

const nameOf = (layer, expert) => `${layer}.${expert}`;
const placeOf = (name) => name.split(".").map(Number);
const counted = (name) => placeOf(name).map((index) => index + 1);

/** The bias of an expert: a number, or "off". */
export function biasOf(interventions, layer, expert) {
  return interventions[nameOf(layer, expert)] ?? 0;
}

/** The interventions with one expert's bias changed; null if this would leave none of the layer's `experts` on. */
export function withBias(interventions, layer, expert, bias, experts) {
  const { [nameOf(layer, expert)]: before, ...next } = interventions;
  if (bias !== 0) next[nameOf(layer, expert)] = bias;
  const off = Object.keys(next).filter((name) => next[name] === "off" && placeOf(name)[0] === layer);
  return off.length === experts ? null : next;
}

/** The interventions that a model can have; all of a layer off is none. */
export function possible(interventions, { experts }) {
  if (!experts) return NONE;
  let kept = NONE;
  for (const [name, bias] of Object.entries(interventions)) {
    const [layer, expert] = placeOf(name);
    const there = experts.layers.includes(layer) && expert < experts.n_experts;
    if (there) kept = withBias(kept, layer, expert, bias, experts.n_experts) ?? kept;
  }
  return kept;
}

/** In few words: "E3 of layer 2 is off, E1 of layer 4 has a bias of +0.5", or how many if there are more than two. */
export function told(interventions) {
  const entries = Object.entries(interventions);
  if (entries.length > 2) {
    const off = entries.filter(([, bias]) => bias === "off").length;
    const biased = entries.length - off;
    const parts = [off ? `${off} experts off` : "", biased ? `${biased} with a bias` : ""];
    return parts.filter(Boolean).join(", ");
  }
  return entries
    .map(([name, bias]) => {
      const [layer, expert] = counted(name);
      return `E${expert} of layer ${layer} ${bias === "off" ? "off" : signed(bias)}`;
    })
    .join(", ");
}

/** +0.50, −1.25 */
export function signed(value) {
  return (value > 0 ? "+" : "") + decimal(value);
}

/** The interventions as a request carries them. */
export function asSent(interventions) {
  return { expert_bias: interventions };
}

/** Writes the interventions into an address. */
export function intoAddress(interventions, address) {
  const entries = Object.entries(interventions).map(([name, bias]) => [counted(name).join("."), bias]);
  const off = entries.filter(([, bias]) => bias === "off").map(([name]) => name);
  const biases = entries.filter(([, bias]) => bias !== "off").map(([name, bias]) => `${name}:${bias}`);
  if (off.length) address.set("off", off.join(","));
  if (biases.length) address.set("bias", biases.join(","));
}

/** Reads them back; what cannot be read is left out. */
export function outOfAddress(address) {
  const read = {};
  const put = (place, bias) => {
    const match = /^([1-9]\d{0,5})\.([1-9]\d{0,5})$/.exec(place);
    if (match && bias !== 0) read[nameOf(match[1] - 1, match[2] - 1)] = bias;
  };
  for (const entry of (address.get("bias") ?? "").split(",")) {
    const [place, text] = entry.split(":");
    const bias = Number.parseFloat(text);
    if (Number.isFinite(bias)) put(place, Math.max(-MAX_BIAS, Math.min(MAX_BIAS, bias)));
  }
  for (const place of (address.get("off") ?? "").split(",")) put(place, "off");
  return Object.keys(read).length ? read : NONE;
}
