// What a person changes in the running model, by the name of the part. For an expert, "layer.expert" from 0, it is a
// bias that is added to its router logit, or "off"; for a head, "kind.layer.head", and for a block's MLP or experts,
// "mlp.kind.layer", it is "off"; for a neuron what it is multiplied by, see neurons.js; "by" says what stands in for these: nothing, or for "mean" the mean of each over held-out
// text; "mask" is a mask over the attention, as mask_specification.js writes it.

import { plural, signed } from "../format.js";
import * as masks from "./mask_specification.js";
import { hasNeuron, neuronAt, toldNeuron, turned, withNeuron } from "./neurons.js";
import { anyPartOff, counted, isExpert, isHead, isMlp, isNeuron, nameOf, placeOf } from "./part_names.js";
import { readerOf } from "./stacks.js";

/** @type {Interventions} */
export const NONE = Object.freeze({});
export const MAX_BIAS = 4;

/**
 * The bias of an expert: a number, or "off".
 *
 * @param {Interventions} interventions
 * @param {number} layer
 * @param {number} expert
 */
export function biasOf(interventions, layer, expert) {
  return /** @type {number | "off"} */ (interventions[nameOf(layer, expert)] ?? 0);
}

/**
 * The interventions with one expert's bias changed; null if this would leave none of the layer's `experts` on.
 *
 * @param {Interventions} interventions
 * @param {number} layer
 * @param {number} expert
 * @param {number | string | undefined} bias
 * @param {number} experts
 */
export function withBias(interventions, layer, expert, bias, experts) {
  const { [nameOf(layer, expert)]: before, ...next } = interventions;
  if (bias !== 0) next[nameOf(layer, expert)] = bias;
  const off = Object.keys(next).filter((name) => next[name] === "off" && placeOf(name)[0] === layer);
  return off.length === experts ? null : next;
}

/**
 * Whether a head is switched off.
 *
 * @param {Interventions} interventions
 * @param {string} kind
 * @param {number | string} layer
 * @param {number | string} head
 */
export function headIsOff(interventions, kind, layer, head) {
  return nameOf(kind, layer, head) in interventions;
}

/**
 * The interventions with one head switched on or off.
 *
 * @param {Interventions} interventions
 * @param {string} kind
 * @param {number | string} layer
 * @param {number | string} head
 * @param {boolean} on
 */
export function withHead(interventions, kind, layer, head, on) {
  return withPart(interventions, nameOf(kind, layer, head), on);
}

/**
 * Whether the MLP, or the experts, of a block are switched off.
 *
 * @param {Interventions} interventions
 * @param {string} kind
 * @param {number} layer
 */
export function mlpIsOff(interventions, kind, layer) {
  return nameOf("mlp", kind, layer) in interventions;
}

/**
 * The interventions with the MLP, or the experts, of a block switched on or off.
 *
 * @param {Interventions} interventions
 * @param {string} kind
 * @param {number} layer
 * @param {boolean} on
 */
export function withMlp(interventions, kind, layer, on) {
  return withPart(interventions, nameOf("mlp", kind, layer), on);
}

/**
 * @param {Interventions} interventions
 * @param {string} name
 * @param {boolean} on
 */
function withPart(interventions, name, on) {
  const { [name]: before, ...next } = interventions;
  return tidy(on ? next : { ...next, [name]: "off" });
}

/**
 * Without "by" where nothing is off that it could be about.
 *
 * @param {Interventions} interventions
 * @returns {Interventions}
 */
function tidy({ by, ...others }) {
  return by && anyPartOff(others) ? { ...others, by } : others;
}

/**
 * What stands in for the heads and MLPs that are off: "zero" or "mean"; null where none is off.
 *
 * @param {Interventions} interventions
 */
export function offBy(interventions) {
  return anyPartOff(interventions) ? (interventions.by ?? "zero") : null;
}

/**
 * The interventions with something else in the place of the heads and MLPs that are off.
 *
 * @param {Interventions} interventions
 * @param {string} by
 */
export function withBy(interventions, by) {
  const { by: before, ...others } = interventions;
  return by === "mean" ? tidy({ ...others, by }) : others;
}

/**
 * The interventions with another mask; null for none.
 *
 * @param {Interventions} interventions
 * @param {string | null} mask
 * @returns {Interventions}
 */
export function withMask(interventions, mask) {
  const { mask: before, ...next } = interventions;
  return mask === null ? next : { ...next, mask };
}

/**
 * The interventions that a model can have; all experts of a layer off is none.
 *
 * @param {Interventions} interventions
 * @param {ModelDescription} model
 */
export function possible(interventions, model) {
  const { experts } = model;
  let kept = NONE;
  const { mask, by, ...ofParts } = interventions;
  for (const [name, change] of Object.entries(ofParts)) {
    if (isHead(name)) {
      const [kind, layer, head] = name.split(".");
      if (Number(layer) < model.stacks[kind]?.layers && Number(head) < model.n_heads)
        kept = withHead(kept, kind, layer, head, false);
    } else if (isMlp(name)) {
      const [, kind, layer] = name.split(".");
      if (kind !== "cross" && Number(layer) < model.stacks[kind]?.layers)
        kept = withMlp(kept, kind, Number(layer), false);
    } else if (isNeuron(name)) {
      if (hasNeuron(model, neuronAt(name))) kept = withNeuron(kept, neuronAt(name), Number(change)) ?? kept;
    } else if (isExpert(name) && experts) {
      const [layer, expert] = placeOf(name);
      const there = experts.layers.includes(layer) && expert < experts.n_experts;
      if (there) kept = withBias(kept, layer, expert, change, experts.n_experts) ?? kept;
    }
  }
  if (by === "mean" && model.means) kept = withBy(kept, by);
  return mask && masks.suits(mask, readerOf(model)) ? withMask(kept, mask) : kept;
}

/**
 * In few words: "E3 of layer 2 off, sliding window 4", or how many if there are more than two parts and the mask.
 *
 * @param {Interventions} interventions
 */
export function told(interventions) {
  const { mask, by, ...ofParts } = interventions;
  return [toldOfParts(ofParts) + (by ? " (its mean instead)" : ""), mask ? masks.told(mask) : ""]
    .filter(Boolean)
    .join(", ");
}

/** @param {Interventions} interventions */
function toldOfParts(interventions) {
  const entries = Object.entries(interventions);
  if (entries.length <= 2) return entries.map(([name, change]) => toldOne(name, change)).join(", ");
  const heads = entries.filter(([name]) => isHead(name)).length;
  const experts = entries.filter(([name, change]) => isExpert(name) && change === "off").length;
  const mlps = entries.filter(([name]) => isMlp(name)).length;
  const neurons = turned(interventions).length;
  const biased = entries.length - heads - mlps - experts - neurons;
  const parts = [
    experts ? `${plural(experts, "expert")} off` : "",
    heads ? `${plural(heads, "head")} off` : "",
    mlps ? `${plural(mlps, "feed-forward part")} off` : "",
    neurons ? `${plural(neurons, "neuron")} switched` : "",
    biased ? `${biased} with a bias` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

/**
 * @param {string} name
 * @param {number | string | undefined} change
 */
function toldOne(name, change) {
  if (isHead(name)) {
    const [kind, layer, head] = name.split(".");
    return `head ${Number(head) + 1} of ${kind === "text" ? "" : `${kind} `}layer ${Number(layer) + 1} off`;
  }
  if (isMlp(name)) {
    const [, kind, layer] = name.split(".");
    return `feed-forward of ${kind === "text" ? "" : `${kind} `}layer ${Number(layer) + 1} off`;
  }
  if (isNeuron(name)) return toldNeuron(name, Number(change));
  const [layer, expert] = counted(name);
  return `E${expert} of layer ${layer} ${change === "off" ? "off" : signed(Number(change))}`;
}

/**
 * The interventions as a request carries them.
 *
 * @param {Interventions} interventions
 */
export function asSent(interventions) {
  const names = Object.keys(interventions);
  const biases = names.filter(isExpert).map((name) => [name, interventions[name]]);
  const { mask, by } = interventions;
  const mlps = names.filter(isMlp).map((name) => name.replace("mlp.", ""));
  const neurons = turned(interventions).map((name) => [name.replace("neuron.", ""), interventions[name]]);
  return {
    expert_bias: Object.fromEntries(biases),
    heads_off: names.filter(isHead),
    ...(mlps.length && { mlps_off: mlps }),
    ...(by && { off_by: by }),
    ...(neurons.length && { neurons: Object.fromEntries(neurons) }),
    ...(mask && { mask }),
  };
}
