// The interventions in the address, where layers, heads and experts count from 1, as on the page: off=2.3, bias=4.1:0.5,
// heads=text.3.4, mlps=text.3, by=mean, neurons=text.3.308:0 and mask=window:4.

import { MAX_BIAS, NONE } from "./interventions.js";
import { neuronsRead, neuronsWritten } from "./neurons.js";
import * as masks from "./mask_specification.js";
import { anyPartOff, counted, isExpert, isHead, isMlp, nameOf } from "./part_names.js";

/**
 * Writes the interventions into an address.
 *
 * @param {Interventions} interventions
 * @param {URLSearchParams} address
 */
export function intoAddress(interventions, address) {
  const names = Object.keys(interventions);
  const entries = names.filter(isExpert).map((name) => [nameOf(...counted(name)), interventions[name]]);
  const off = entries.filter(([, bias]) => bias === "off").map(([name]) => name);
  const biases = entries.filter(([, bias]) => bias !== "off").map(([name, bias]) => `${name}:${bias}`);
  if (off.length) address.set("off", off.join(","));
  if (biases.length) address.set("bias", biases.join(","));
  const heads = names.filter(isHead).map((name) => {
    const [kind, layer, head] = name.split(".");
    return nameOf(kind, Number(layer) + 1, Number(head) + 1);
  });
  if (heads.length) address.set("heads", heads.join(","));
  const mlps = names.filter(isMlp).map((name) => {
    const [, kind, layer] = name.split(".");
    return nameOf(kind, Number(layer) + 1);
  });
  if (mlps.length) address.set("mlps", mlps.join(","));
  if (interventions.by) address.set("by", interventions.by);
  const neurons = neuronsWritten(interventions);
  if (neurons) address.set("neurons", neurons);
  if (interventions.mask) address.set("mask", interventions.mask);
}

/**
 * Reads them back; what cannot be read is left out.
 *
 * @param {URLSearchParams} address
 * @returns {Interventions}
 */
export function outOfAddress(address) {
  /** @type {Interventions} */
  const read = {};
  /**
   * @param {string} place
   * @param {number | string} bias
   */
  const put = (place, bias) => {
    const match = /^([1-9]\d{0,5})\.([1-9]\d{0,5})$/.exec(place);
    if (match && bias !== 0) read[nameOf(Number(match[1]) - 1, Number(match[2]) - 1)] = bias;
  };
  for (const entry of (address.get("bias") ?? "").split(",")) {
    const [place, text] = entry.split(":");
    const bias = Number.parseFloat(text);
    if (Number.isFinite(bias)) put(place, Math.max(-MAX_BIAS, Math.min(MAX_BIAS, bias)));
  }
  for (const place of (address.get("off") ?? "").split(",")) put(place, "off");
  const mask = masks.read(address.get("mask") ?? "");
  if (mask) read.mask = mask;
  for (const place of (address.get("heads") ?? "").split(",")) {
    const match = /^([a-z]+)\.([1-9]\d{0,5})\.([1-9]\d{0,5})$/.exec(place);
    if (match) read[nameOf(match[1], Number(match[2]) - 1, Number(match[3]) - 1)] = "off";
  }
  for (const place of (address.get("mlps") ?? "").split(",")) {
    const match = /^([a-z]+)\.([1-9]\d{0,5})$/.exec(place);
    if (match) read[nameOf("mlp", match[1], Number(match[2]) - 1)] = "off";
  }
  Object.assign(read, neuronsRead(address.get("neurons") ?? ""));
  if (address.get("by") === "mean" && anyPartOff(read)) read.by = "mean";
  return Object.keys(read).length ? read : NONE;
}
