// Single neurons of feed-forward parts that are switched off or turned up: among the interventions, under
// "neuron.kind.layer.neuron", of an expert "neuron.kind.layer.expert.neuron", all from 0, what each is multiplied by.

import { decimal } from "../format.js";
import { isNeuron, nameOf } from "./part_names.js";

/** @typedef {{kind: string, layer: number, expert: number | null, neuron: number}} PlaceOfNeuron */

// As in app/wire/interventions.py.
export const MAX_FACTOR = 4;
export const MAX_NEURONS = 12;

/** @param {PlaceOfNeuron} place */
export function nameOfNeuron({ kind, layer, expert, neuron }) {
  return nameOf("neuron", kind, layer, ...(expert === null ? [] : [expert]), neuron);
}

/**
 * @param {string} name
 * @returns {PlaceOfNeuron}
 */
export function neuronAt(name) {
  const [, kind, ...numbers] = name.split(".");
  const [layer, ...own] = numbers.map(Number);
  return { kind, layer, expert: own.length > 1 ? own[0] : null, neuron: /** @type {number} */ (own.at(-1)) };
}

/**
 * What a neuron is multiplied by: 0 is off, 1 is as it is.
 *
 * @param {Interventions} interventions
 * @param {PlaceOfNeuron} place
 */
export function factorOf(interventions, place) {
  return /** @type {number} */ (interventions[nameOfNeuron(place)] ?? 1);
}

/**
 * The interventions with one neuron multiplied by another factor; null if this would change more than MAX_NEURONS.
 *
 * @param {Interventions} interventions
 * @param {PlaceOfNeuron} place
 * @param {number} factor
 * @returns {Interventions | null}
 */
export function withNeuron(interventions, place, factor) {
  const { [nameOfNeuron(place)]: before, ...next } = interventions;
  if (factor === 1) return next;
  next[nameOfNeuron(place)] = factor;
  return turned(next).length > MAX_NEURONS ? null : next;
}

/**
 * The interventions with every neuron as it is.
 *
 * @param {Interventions} interventions
 * @returns {Interventions}
 */
export function withoutNeurons(interventions) {
  return Object.fromEntries(Object.entries(interventions).filter(([name]) => !isNeuron(name)));
}

/**
 * The names of the neurons that are changed.
 *
 * @param {Interventions} interventions
 */
export const turned = (interventions) => Object.keys(interventions).filter(isNeuron);

/**
 * Whether a model has a neuron that can be switched; those of a hub model's experts cannot: app/running/turned.py.
 *
 * @param {ModelDescription} model
 * @param {PlaceOfNeuron} place
 */
export function hasNeuron({ stacks, experts, d_mlp: width }, { kind, layer, expert, neuron }) {
  if (kind === "cross" || !Object.hasOwn(stacks, kind) || layer >= stacks[kind].layers) return false;
  if (!experts?.layers.includes(layer)) return expert === null && neuron < width;
  return expert !== null && experts.switched && expert < experts.n_experts && neuron < experts.d_expert;
}

/**
 * "#308", or of an expert "E1 #9".
 *
 * @param {{expert: number | null, neuron: number}} place
 */
export const neuronName = ({ expert, neuron }) =>
  expert === null ? `#${neuron + 1}` : `E${expert + 1} #${neuron + 1}`;

/**
 * "off", or "× 2".
 *
 * @param {number} factor
 */
export const factorTold = (factor) => (factor === 0 ? "off" : `× ${decimal(factor, Number.isInteger(factor) ? 0 : 2)}`);

/**
 * "#308 of layer 6", or of a T5 "#308 of decoder layer 2".
 *
 * @param {PlaceOfNeuron} place
 */
export const placeTold = (place) =>
  `${neuronName(place)} of ${place.kind === "text" ? "" : `${place.kind} `}layer ${place.layer + 1}`;

/**
 * In few words: "neuron #308 of layer 6 off".
 *
 * @param {string} name
 * @param {number} factor
 */
export const toldNeuron = (name, factor) => `neuron ${placeTold(neuronAt(name))} ${factorTold(factor)}`;

/**
 * As a field of the address, where all counts from 1: "text.6.308:0,text.2.1.9:4"; "" for none.
 *
 * @param {Interventions} interventions
 */
export function neuronsWritten(interventions) {
  return turned(interventions)
    .map((name) => {
      const [, kind, ...numbers] = name.split(".");
      return `${nameOf(kind, ...numbers.map((number) => Number(number) + 1))}:${interventions[name]}`;
    })
    .join(",");
}

/**
 * Reads them back; what cannot be read, and what is past MAX_NEURONS, is left out.
 *
 * @param {string} field
 * @returns {Interventions}
 */
export function neuronsRead(field) {
  /** @type {Interventions} */
  const read = {};
  for (const entry of field.split(",")) {
    const match = /^([a-z]+)((?:\.[1-9]\d{0,5}){2,3}):(\d+(?:\.\d+)?)$/.exec(entry);
    if (!match) continue;
    const factor = Math.min(MAX_FACTOR, Number(match[3]));
    const numbers = match[2].slice(1).split(".");
    if (factor !== 1) read[nameOf("neuron", match[1], ...numbers.map((number) => Number(number) - 1))] = factor;
    if (Object.keys(read).length === MAX_NEURONS) break;
  }
  return read;
}
