// The sentences that the experts exhibit's scripts write. Experts and layers are numbered from 0 here, from 1 for a reader.

import { comesOut, count, decimal, decimalsOf, percent, signed } from "../../format.js";

export const IDLE = "Nothing is changed. Press an expert’s name above to switch it off, or move a bias below.";
export const POINT = "point at a cell to read it; a click follows its token";
export const TOKENS = "tokens";
export const OFF = "off";

export const expertName = (expert) => `E${expert + 1}`;

/** Of a model without experts; `others` are the names of those that have some. */
export function dense(model, others) {
  const words = `${model} is dense: every token passes through the same MLP, so there is no gate to look at.`;
  if (!others.length) return words;
  return `${words} Of the models here, ${others.join(" and ")} ${others.length > 1 ? "have" : "has"} experts.`;
}

/** Why an expert is not switched off. */
export const refused = (layer, expert) =>
  `${expertName(expert)} is the last expert of layer ${layer + 1} that is on: a token must go somewhere.`;

export const tonesRange = (most) => `the others’ probability, 0 to ${percent(most)}`;

/** What a cell under the pointer says. */
export function cell(token, layer, expert, { logits, probabilities, weights }) {
  const numbers = [
    `logit ${decimal(logits[expert])}`,
    `probability ${percent(probabilities[expert])}`,
    `weight ${decimal(weights[expert], 3)}`,
  ];
  return `${token} at layer ${layer + 1}, ${expertName(expert)}: ${numbers.join(", ")}`;
}

/** The matrix, as a screen reader says it: the selected token's experts and the one that is next in line. */
export function gatesSaid(token, layer, { chosen, weights, runnerUp, short }) {
  const listed = chosen.map((expert) => `${expertName(expert)} weight ${decimal(weights[expert])}`).join(", ");
  const next = runnerUp === null ? "" : `; runner-up ${expertName(runnerUp)}, ${decimal(short)} short`;
  return `${token}, layer ${layer + 1}: ${listed}${next}`;
}

/** A model among the published ones. */
export const chosenOf = (k, experts, isShared) => `${k} of ${experts}${isShared ? ", 1 shared" : ""}`;
export const millions = (value) => `${decimal(value / 1e6, 2)}\u00a0M`;

export const activeSum = (total, { layers, resting, d_model: d, width, active }) =>
  `${count(total)} − ${layers} × ${resting} × 3 × ${count(d)} × ${count(width)} = ${count(active)}`;

/** A layer's tab, its group of switches and one of them. */
export const layerName = (layer) => `Layer ${layer + 1}`;
export const groupLabel = (layer) => `Experts of layer ${layer + 1}`;
const biased = (bias) => (bias === "off" || bias === 0 ? "" : `, bias ${signed(bias)}`);
export const switchLabel = (layer, expert, bias) => `${expertName(expert)} of layer ${layer + 1}${biased(bias)}`;
export const switchTitle = (bias) => (bias === "off" ? "off: switch it on" : `on${biased(bias)}: switch it off`);

/** ["busiest E4, 1.8 × even", "balance loss 1.12, 1 idle"] */
export function imbalance({ load, even, balance }) {
  const busiest = load.indexOf(Math.max(...load));
  const idle = load.filter((tokens) => tokens === 0).length;
  return [
    `busiest ${expertName(busiest)}, ${decimal(load[busiest] / even, 1)} × even`,
    `balance loss ${decimal(balance)}, ${idle} idle`,
  ];
}

export const evenLoad = (even) => `even ${decimal(even, 1)}`;

/** The selected token at one layer. */
export const atLayer = (layer) => ` at layer ${layer + 1}`;
export const biasLabel = (layer, expert) => `Bias of ${expertName(expert)} in layer ${layer + 1}`;
export const biasValue = (bias) => (bias === "off" ? "−∞" : signed(bias));
export const runnerUp = (short) => `next, ${decimal(short)} short`;

/** How the chosen experts' probabilities become the weight of the first, in a model that divides by their sum or not. */
export function weightSum({ chosen, probabilities, weights }, { normalize, scale }) {
  if (!normalize) return plainWeight({ chosen, probabilities, weights }, scale);
  const parts = chosen.map((expert) => 100 * probabilities[expert]);
  const [weight, whole] = [weights[chosen[0]], add(parts)];
  const holds = (finer, digits) => {
    const rounded = parts.map((part) => Number(part.toFixed(finer)));
    const ratio = (scale * rounded[0]) / Number(whole.toFixed(digits));
    return comesOut(add(rounded), whole, digits) && comesOut(ratio, weight, 3);
  };
  const digits = decimalsOf(1, (_, d) => holds(d, d) || holds(d + 1, d));
  const written = (value, d) => `${decimal(value, d)}\u00a0%`;
  const picked = parts.map((part) => written(part, holds(digits, digits) ? digits : digits + 1));
  const held = parts.length > 1 ? `${picked.join(" + ")} = ${written(whole, digits)}` : written(whole, digits);
  const ratio = `${times(scale)}${picked[0]} / ${written(whole, digits)} = ${decimal(weight, 3)}`;
  return `The chosen hold ${held} of the probability, so the weight of ${expertName(chosen[0])} is ${ratio}.`;
}

const times = (scale) => (scale === 1 ? "" : `${Number(scale.toFixed(4))} × `);

/** The same where the weights are the probabilities as they are. */
function plainWeight({ chosen, probabilities, weights }, scale) {
  const [first, weight] = [chosen[0], weights[chosen[0]]];
  const share = 100 * probabilities[first];
  const digits = decimalsOf(1, (rounded) => comesOut((scale * rounded(share)) / 100, weight, 3));
  const sum = `${times(scale)}${decimal(share, digits)}\u00a0% = ${decimal(weight, 3)}`;
  return `The weights are the probabilities of the chosen, not divided by their sum: that of ${expertName(first)} is ${sum}.`;
}

const add = (numbers) => numbers.reduce((total, one) => total + one, 0);

/** A token that chose an expert, and how often. */
export const taken = (token, times) => token + (times > 1 ? `\u2009×${times}` : "");
