// What a person changes in the model: experts biased or off, heads off, a mask; in the state, in the address, as sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as changes from "../../static/js/state/interventions.js";
import { intoAddress, outOfAddress } from "../../static/js/state/interventions_address.js";
import {
  MAX_FACTOR,
  MAX_NEURONS,
  factorOf,
  neuronAt,
  withNeuron,
  withoutNeurons,
} from "../../static/js/state/neurons.js";
import * as masks from "../../static/js/state/mask_specification.js";

const stack = { layers: 2, causal: true };
const MODEL = {
  stacks: { text: stack },
  n_heads: 4,
  d_mlp: 8,
  experts: { layers: [1], n_experts: 3, d_expert: 5, switched: true },
};
const ALL = { "1.0": "off", 1.2: -1.5, "text.0.3": "off", mask: "window:4" };

function through(interventions) {
  const address = new URLSearchParams();
  intoAddress(interventions, address);
  return outOfAddress(new URLSearchParams(address.toString()));
}

test("every kind of change survives the address, which counts from 1", () => {
  const address = new URLSearchParams();
  intoAddress(ALL, address);
  assert.equal(address.get("off"), "2.1");
  assert.equal(address.get("bias"), "2.3:-1.5");
  assert.equal(address.get("heads"), "text.1.4");
  assert.equal(address.get("mask"), "window:4");
  assert.deepEqual(through(ALL), ALL);
});

test("heads and feed-forward parts are off by zero or by their mean, and say so", () => {
  let off = changes.withMlp(changes.withHead(changes.NONE, "text", 0, 3, false), "text", 1, false);
  assert.equal(changes.offBy(changes.NONE), null);
  assert.equal(changes.offBy(off), "zero");
  off = changes.withBy(off, "mean");
  assert.equal(changes.offBy(off), "mean");
  assert.ok(changes.mlpIsOff(off, "text", 1) && !changes.mlpIsOff(off, "text", 0));
  assert.equal(changes.told(off), "head 4 of layer 1 off, feed-forward of layer 2 off (its mean instead)");
  const address = new URLSearchParams();
  intoAddress(off, address);
  assert.equal(address.toString(), "heads=text.1.4&mlps=text.2&by=mean");
  assert.deepEqual(outOfAddress(address), off);
  assert.deepEqual(changes.asSent(off), {
    expert_bias: {},
    heads_off: ["text.0.3"],
    mlps_off: ["text.1"],
    off_by: "mean",
  });
  assert.deepEqual(changes.possible(off, { ...MODEL, means: true }), off);
  assert.equal(changes.offBy(changes.possible(off, MODEL)), "zero", "nobody measured this model's means");
  assert.equal(changes.possible({ "mlp.text.2": "off", "mlp.cross.0": "off" }, MODEL), changes.NONE);
  const last = changes.withHead(changes.withMlp(off, "text", 1, true), "text", 0, 3, true);
  assert.deepEqual(last, {}, "a mean with nothing off would be a change that changes nothing");
  assert.deepEqual(changes.withBy(off, "zero"), { "text.0.3": "off", "mlp.text.1": "off" });
});

const DENSE = { kind: "text", layer: 0, expert: null, neuron: 7 };
const OF_EXPERT = { kind: "text", layer: 1, expert: 2, neuron: 4 };

test("neurons are off or turned up, in the state, in the address, as sent and as told", () => {
  const turned = withNeuron(withNeuron({}, DENSE, 0), OF_EXPERT, 4);
  assert.deepEqual(turned, { "neuron.text.0.7": 0, "neuron.text.1.2.4": 4 });
  assert.deepEqual([neuronAt("neuron.text.0.7"), neuronAt("neuron.text.1.2.4")], [DENSE, OF_EXPERT]);
  assert.equal(factorOf(turned, DENSE), 0);
  assert.equal(factorOf({}, DENSE), 1);
  assert.equal(changes.told(turned), "neuron #8 of layer 1 off, neuron E3 #5 of layer 2 × 4");
  assert.equal(changes.told({ ...turned, mask: "window:4" }), `${changes.told(turned)}, sliding window 4`);
  assert.equal(changes.told({ ...turned, "text.0.0": "off" }), "1 head off, 2 neurons switched");
  const address = new URLSearchParams();
  intoAddress(turned, address);
  assert.equal(address.get("neurons"), "text.1.8:0,text.2.3.5:4");
  assert.deepEqual(through(turned), turned);
  assert.deepEqual(changes.asSent(turned).neurons, { "text.0.7": 0, "text.1.2.4": 4 });
  assert.deepEqual(changes.possible(turned, MODEL), turned);
  assert.deepEqual(withNeuron(turned, DENSE, 1), { "neuron.text.1.2.4": 4 });
  assert.deepEqual(withoutNeurons({ ...turned, "text.0.0": "off" }), { "text.0.0": "off" });
});

test("a model keeps the neurons that it has, and no more than may be changed at once", () => {
  const others = ["neuron.text.0.8", "neuron.text.1.4", "neuron.text.1.3.0", "neuron.text.0.0.0", "neuron.cross.0.0"];
  assert.equal(changes.possible(Object.fromEntries(others.map((name) => [name, 0])), MODEL), changes.NONE);
  const large = { ...MODEL, experts: { ...MODEL.experts, switched: false } };
  assert.equal(changes.possible({ "neuron.text.1.2.4": 0 }, large), changes.NONE);
  const many = Array.from({ length: 40 }, (_, at) => `text.1.${at + 1}:0`).join(",");
  const read = outOfAddress(new URLSearchParams(`neurons=${many}`));
  assert.equal(Object.keys(read).length, MAX_NEURONS);
  assert.equal(withNeuron(read, { ...DENSE, neuron: 39 }, 2), null);
  assert.deepEqual(withNeuron(read, { ...DENSE, neuron: 0 }, 2), { ...read, "neuron.text.0.0": 2 });
  assert.deepEqual(
    outOfAddress(new URLSearchParams("neurons=text.1.1:99,text.1.2:0.5,text.1.3:1e3,text.1:0,a.b.c:0")),
    {
      "neuron.text.0.0": MAX_FACTOR,
      "neuron.text.0.1": 0.5,
    },
  );
});

test("no change is the one that is named so", () => {
  assert.equal(through(changes.NONE), changes.NONE);
});

test("what cannot be read is left out, and a bias is held within its limits", () => {
  const read = (address) => outOfAddress(new URLSearchParams(address));
  assert.equal(read("off=0.1,x,2&heads=text.0.1&mask=nothing&bias=1.1:x"), changes.NONE);
  assert.deepEqual(read("bias=1.1:99,1.2:-99,1.3:0"), { "0.0": changes.MAX_BIAS, 0.1: -changes.MAX_BIAS });
});

test("a model keeps the changes of the parts that it has", () => {
  const others = { "0.0": 1, 1.3: 1, "text.2.0": "off", "text.0.4": "off", "cross.0.0": "off" };
  assert.deepEqual(changes.possible({ ...ALL, ...others }, MODEL), ALL);
  assert.deepEqual(changes.possible({ "1.0": "off", 1.1: "off", 1.2: "off" }, MODEL), { "1.0": "off", 1.1: "off" });
  assert.equal(
    changes.possible({ mask: "strided:4" }, { ...MODEL, stacks: { text: { ...stack, causal: false } } }),
    changes.NONE,
  );
});

test("the last expert of a layer cannot be switched off", () => {
  const two = { "1.0": "off", 1.1: "off" };
  assert.equal(changes.withBias(two, 1, 2, "off", 3), null);
  assert.deepEqual(changes.withBias(two, 1, 0, 0, 3), { 1.1: "off" });
  assert.equal(changes.biasOf(two, 1, 2), 0);
});

test("a request carries each kind of change in its own field", () => {
  assert.deepEqual(changes.asSent(ALL), {
    expert_bias: { "1.0": "off", 1.2: -1.5 },
    heads_off: ["text.0.3"],
    mask: "window:4",
  });
  assert.deepEqual(changes.asSent(changes.NONE), { expert_bias: {}, heads_off: [] });
});

test("two changes are told one by one, more are counted", () => {
  assert.equal(changes.told({ "1.0": "off", mask: "window:4" }), "E1 of layer 2 off, sliding window 4");
  assert.equal(changes.told({ 1.2: 0.5, "cross.0.3": "off" }), "E3 of layer 2 +0.50, head 4 of cross layer 1 off");
  const many = { "1.0": "off", 1.1: 2, "text.0.0": "off", "text.0.1": "off" };
  assert.equal(changes.told(many), "1 expert off, 2 heads off, 1 with a bias");
});

test("painted cells survive being written, at every size up to the largest", () => {
  for (let size = 1; size <= masks.MOST_PAINTED; size++) {
    const cells = Uint8Array.from({ length: size ** 2 }, (_, at) => Number((at * 7) % 5 < 2));
    const mask = masks.painted({ size, cells });
    assert.equal(masks.read(mask), mask);
    assert.deepEqual(masks.square(mask), { size, cells });
  }
});

test("a text that is no mask is none", () => {
  for (const text of ["", "window:x", "painted:3.", "painted:99.AA", "painted:4.AA", "constructor:1"]) {
    assert.equal(masks.read(text), null, text);
  }
  assert.equal(masks.read("document:5:9"), "document:5:9");
  assert.deepEqual(masks.parts("document:5:9"), { kind: "document", numbers: [5, 9] });
  assert.equal(masks.written("document", [5, 9]), "document:5:9");
});
