// The sentences that the memory exhibit's scripts write. Layers, experts and neurons are numbered from 0 here, from 1 for
// a reader.

import { count, decimal, percent, plural, signed } from "../../format.js";

export const IDLE = "Nothing is changed. Switch a neuron off or turn it up in its row, or switch all heads off below.";
export const ALL_OFF = "Switch all heads off";
export const ALL_ON = "Switch all heads on again";
export const POINT = "point at a dot to read it";

const FUNCTIONS = { relu: "ReLU", gelu: "GELU", gelu_tanh: "GELU", silu: "SiLU" };
const STACKS = { encoder: "of the encoder", decoder: "of the decoder", text: "" };

export const functionName = (activation) => FUNCTIONS[activation];
export const layerName = (layer) => `Layer ${layer + 1}`;
export const layerKind = (experts) => (experts ? "experts" : "MLP");

/** Where one is: "at layer 5 of the decoder". */
export const where = ({ layer, place }) => [`at layer ${layer + 1}`, STACKS[place]].filter(Boolean).join(" ");

/** A neuron's three buttons: what it is multiplied by, their face, and what they are called. */
export const TURNS = [
  { factor: 0, face: "off", called: (/** @type {string} */ name) => `${name} off` },
  { factor: 2, face: "×2", called: (/** @type {string} */ name) => `${name} counts twice` },
  { factor: 4, face: "×4", called: (/** @type {string} */ name) => `${name} counts four times` },
];
export const turnsOf = (name) => `What ${name} counts`;
export const NONE_TURNED = "No neuron is switched.";
export const TURNED = "Switched:";

export const bringBack = (name) => `Bring ${name} back`;

/** Why no more neurons are switched. */
export const refused = (name, most) =>
  `${name} stays as it is: ${count(most)} neurons are switched already; bring one back.`;

/** What the activation function is given: the gate's number, or the only one there is. */
export const beforeName = (gated) => (gated ? "gate · x" : "key · x");

/** Of all neurons, how many carry most, and how much is added to what. */
export function carried({ half, most, length, stream, bias, experts, off, behind, cap }, n) {
  const told = [];
  if (off) told.push(`${experts ? "The experts are" : "The MLP is"} off in this layer: this is what would be added.`);
  if (experts) {
    const sent = experts.map(({ expert, weight }) => `E${expert + 1} with weight ${decimal(weight, 3)}`).join(" and ");
    told.push(`The router sent it to ${sent}.`);
  }
  if (half === null) told.push(`Of ${count(n)} neurons no number carries half of what is added.`);
  else {
    told.push(`${capital(neurons(half))} of ${count(n)} ${half === 1 ? "carries" : "carry"} half of what is added`);
    told[told.length - 1] += most === null ? "." : `; nine tenths are carried by ${count(most)}.`;
  }
  told.push(`What is added is ${decimal(length)} long; the stream that it is added to, ${decimal(stream)}.`);
  if (bias !== null) told.push(`The bias’s own share is ${percentSigned(bias)}.`);
  if (behind) told.push("A norm stands behind the part: each neuron is told behind it, its divisor held.");
  if (cap !== null) told.push(`What a neuron promotes is told of the logits before their soft cap, ±${count(cap)}.`);
  return told.join(" ");
}

const neurons = (n) => plural(n, "neuron");
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** A share, of either sign, in per cent. */
export const percentSigned = (share) => `${share < 0 ? "−" : ""}${percent(Math.abs(share))}`;

/** A dot that is pointed at. */
export const dot = (name, before, after, share) =>
  `${name}: is given ${signed(before)}, activated ${signed(after)}, share ${percentSigned(share)}`;

export const curveSaid = (activation, n) =>
  `The activation function, ${functionName(activation)}, and where each of ${count(n)} neurons stands on it`;
export const carriedSaid = ({ half, most }, n) =>
  `How much of what is added the neurons carry together, the strongest of ${count(n)} first` +
  (half === null ? "" : `: half after ${count(half)}`) +
  (most === null ? "" : `, nine tenths after ${count(most)}`);

export const GIVEN = "what a neuron is given";
export const activated = (activation) => `${functionName(activation)} of it`;
export const SORTED = "neurons, strongest first";
export const TOGETHER = "carried together";
export const halfAfter = (half) => `half: ${count(half)}`;
export const mostAfter = (most) => `nine tenths: ${count(most)}`;

/** A neuron's row, as a screen reader says it. */
export function rowSaid(name, { activation, share }, promotes, counts) {
  const said = promotes ? `; ${counts === "off" ? "would promote" : "promotes"} ${promotes}` : "";
  return `${name}${counts ? `, ${counts}` : ""}: activation ${signed(activation)}, share ${percentSigned(share)}${said}`;
}

/** Why no neuron says anything: in a model that speaks it is a part of it that does not. */
export const silent = (predicts) =>
  predicts
    ? "What an encoder adds is read by the decoder alone: it says nothing to the vocabulary."
    : "This model predicts no token: what a neuron adds says nothing to a vocabulary.";
export const added = (logit) => signed(logit);

export const passagesOf = (name) => `Where else ${name} is furthest from zero`;
export const WRITTEN =
  "Each of these tokens was cut out of its story, with others: the encoder read what was left, the decoder wrote it.";
export const unread = (name) => `Nobody has looked into the neurons of ${name}: python -m export passages does it.`;

/** What the norm divides by. */
export const scaleName = (norm) => (norm === "rms" ? "root mean square" : "deviation");
export const range = ([low, high]) => `${signed(low)} to ${signed(high)}`;
export const NONE = "none";
