// The memory exhibit: the neurons of one feed-forward part at the lit token, the few that carry most, what they say, and
// what else wakes them.

import { radios, setAttribute, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { followPointer } from "../../draw/hover.js";
import { decimal } from "../../format.js";
import { fit, widthOf } from "../../page/canvas.js";
import { visible } from "../../page/chips.js";
import { mountEffect } from "../../page/effect.js";
import { setTerms } from "../../page/terms.js";
import { colours } from "../../page/theme.js";
import { oneOf, whole } from "../../state/fields.js";
import { headIsOff, withHead } from "../../state/interventions.js";
import { MAX_NEURONS, neuronAt, neuronName, placeTold, withNeuron, withoutNeurons } from "../../state/neurons.js";
import { HEIGHT, curveBox, paintCarried, paintCurve } from "./charts.js";
import { mountLayers } from "./layers.js";
import { mountPassages } from "./passages.js";
import { mountRows } from "./rows.js";
import { mountTurned } from "./turned.js";
import * as words from "./words.js";

const LISTED = 6; // app/exhibits/memory/frame.py: N_NEURONS

export const asks = ["layer", "query", "stack"];
export const fields = {
  stack: oneOf("decoder", ["encoder", "decoder"]), // which of a T5's is looked into
  neuron: whole(0, 0, LISTED - 1), // which of the listed ones is looked at
};
export const addressed = ["layer"];
export const enlarges = ["MLP"];
export const roleOfText = ({ memory }) => (memory?.place === "decoder" ? null : "query");

/** Every head of a model, {kind, layer, head}. */
function headsOf({ stacks, n_heads: count }) {
  return Object.entries(stacks).flatMap(([kind, { layers }]) =>
    Array.from({ length: layers * count }, (_, at) => ({ kind, layer: Math.floor(at / count), head: at % count })),
  );
}

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [title, place, hint] = [".neurons h2 bdi", ".neurons h2 span", ".neurons figcaption p"].map(find);
  const [curve, carried, sum] = [".curve", ".carried", ".neurons .sum"].map(find);
  const [norm, stacks, off] = [".norm", '.switch:has([data-stack="encoder"])', ".all-off"].map(find);
  const drawLayers = mountLayers(find(".layers"), store);
  let refused = null; // why a neuron was not switched
  const drawRows = mountRows(find(".strongest"), (neuron) => store.set({ neuron }), turn);
  const drawTurned = mountTurned(find(".turned"), (name) => {
    const { interventions } = store.state;
    refused = null;
    const less = name === null ? withoutNeurons(interventions) : withNeuron(interventions, neuronAt(name), 1);
    store.set({ interventions: less });
  });
  const drawPassages = mountPassages(find(".passages"));
  const drawEffect = mountEffect(root, words.IDLE);
  const mark = radios(stacks, ({ dataset }) => store.set({ stack: dataset.stack }));
  let chart = null; // where the dots stand
  let pointed = -1; // the neuron under the pointer

  /** Has one of the listed neurons count otherwise; says why not where too many do already. */
  function turn(index, factor) {
    const { top, place: kind, layer } = store.frame.memory;
    const there = { ...top[index], kind, layer };
    const next = withNeuron(store.state.interventions, there, factor);
    refused = next ? null : words.refused(placeTold(there), MAX_NEURONS);
    if (next) store.set({ interventions: next });
    else store.changed();
  }

  const allOff = (interventions, model) =>
    headsOf(model).every(({ kind, layer, head }) => headIsOff(interventions, kind, layer, head));
  off.addEventListener("click", () => {
    const { interventions, model } = store.state;
    const there = store.catalog.models[model];
    const on = allOff(interventions, there);
    const turn = (next, { kind, layer, head }) => withHead(next, kind, layer, head, on);
    store.set({ interventions: headsOf(there).reduce(turn, interventions) });
  });

  followPointer(
    curve,
    (x, y) => (chart ? { index: chart.at(x, y) } : null),
    (found) => {
      const index = found?.index ?? -1;
      if (index === pointed) return;
      pointed = index;
      store.changed();
    },
    ({ index }) => {
      const listed = store.frame.memory.top.findIndex(({ at }) => at === index);
      if (listed >= 0) store.set({ neuron: listed });
    },
  );

  const paintTop = once((frame, chosen, at, width, tint) => {
    const { arrays, memory } = frame;
    chart = curveBox(fit(curve, width, HEIGHT), tint, width, arrays);
    const top = memory.top.map((neuron) => neuron.at);
    paintCurve(chart, arrays, { activation: memory.activation, top, chosen: top[chosen], pointed: at });
  });
  const paintBelow = once((frame, width, tint) => {
    paintCarried(fit(carried, width, HEIGHT), tint, width, frame.arrays.share, frame.memory);
  });

  const say = once((frame) => {
    const { memory, arrays } = frame;
    const n = arrays.share.length;
    setText(title, visible(memory.token));
    setText(place, ` ${words.where(memory)}`);
    setTerms(sum, words.carried(memory, n));
    setAttribute(curve, "aria-label", words.curveSaid(memory.activation, n));
    setAttribute(carried, "aria-label", words.carriedSaid(memory, n));
    fillNorm(memory.reads);
  });

  function fillNorm(reads) {
    norm.hidden = reads === null;
    if (reads === null) return;
    const { norm: kind, mean, scale, gain, shift, length, read } = reads;
    const put = (name, text) => setText(norm.querySelector(`[data-norm="${name}"]`), text);
    setText(norm.querySelector(".of-scale"), words.scaleName(kind));
    put("length", decimal(length));
    put("mean", mean === null ? words.NONE : decimal(mean, 3));
    put("scale", decimal(scale, 3));
    put("gain", words.range(gain));
    put("shift", shift === null ? words.NONE : words.range(shift));
    put("read", decimal(read));
  }

  /** Beside the title: the neuron under the pointer. */
  function sayPointed({ memory, arrays }) {
    if (pointed < 0 || pointed >= arrays.before.length) return setText(hint, words.POINT);
    const listed = memory.top.find(({ at }) => at === pointed);
    const name = neuronName(listed ?? named(memory, pointed, arrays.before.length));
    const [before, after, share] = ["before", "after", "share"].map((of) => arrays[of][pointed]);
    setText(hint, words.dot(name, before, after, share));
  }

  /** Which neuron of which expert stands at a place of the arrays: the chosen experts' stand one behind the other. */
  function named({ experts }, at, n) {
    if (!experts) return { expert: null, neuron: at };
    const each = n / experts.length;
    return { expert: experts[Math.floor(at / each)].expert, neuron: at % each };
  }

  function draw({ state, frame, catalog }) {
    const { memory } = frame;
    if (!memory) return;
    const model = catalog.models[frame.model];
    const chosen = Math.min(state.neuron, memory.top.length - 1);
    stacks.hidden = !("cross" in model.stacks);
    mark(({ dataset }) => dataset.stack === memory.place);
    drawLayers(model, memory);
    say(frame);
    const width = half();
    paintTop(frame, chosen, pointed, width, colours());
    paintBelow(frame, width, colours());
    sayPointed(frame);
    drawRows(memory, chosen, state.interventions, model);
    drawTurned(state.interventions);
    drawPassages(memory, chosen, model);
    const isOff = allOff(state.interventions, model);
    setAttribute(off, "aria-pressed", isOff);
    setText(off, isOff ? words.ALL_ON : words.ALL_OFF);
    drawEffect({ frame, refused });
  }

  /** The charts stand side by side where there is room, else one above the other. */
  function half() {
    const width = widthOf(curve.parentElement);
    return width >= 560 ? Math.floor((width - 28) / 2) : width;
  }

  return { draw };
}
