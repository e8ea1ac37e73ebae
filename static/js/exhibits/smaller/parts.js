// Heads and layers removed in the order of what each costs on this text: measured when a slider is first moved, a slice at a
// time; what is removed is switched off like on the rest of the page, and stays so on another text.

import { setText } from "../../dom.js";
import { asSent, NONE, withHead, withMlp } from "../../state/interventions.js";
import { anyPartOff, isHead, isMlp } from "../../state/part_names.js";
import { setTerms } from "../../page/terms.js";
import { isWithin, ordered, removedOf } from "./order.js";
import * as words from "./words.js";

/** The interventions without any head or feed-forward part off. */
export function whole({ by, ...others }) {
  const kept = Object.entries(others).filter(([name]) => !isHead(name) && !isMlp(name));
  return kept.length ? Object.fromEntries(kept) : NONE;
}

/** The interventions with so many parts off, and no other. */
function without(interventions, { heads, layers }, { stacks, n_heads: n }) {
  let next = whole(interventions);
  for (const { kind, layer, head } of heads) next = withHead(next, kind, layer, head, false);
  for (const { kind, layer } of layers) {
    next = withMlp(next, kind, layer, false);
    for (const place of kind === "decoder" && stacks.cross ? ["decoder", "cross"] : [kind])
      for (let head = 0; head < n; head++) next = withHead(next, place, layer, head, false);
  }
  return next;
}

export function mountParts(status, store) {
  let about = null; // the text and the model that are measured
  let costs = [];
  let total = 0;
  let error = null;
  let target = null; // {heads, layers} that are wanted, as long as no picture shows them
  let applied = Number.POSITIVE_INFINITY; // the last picture that was asked for before they were removed

  const subject = () => ({ text: store.state.text, model: store.state.model });
  const holds = () => about !== null && about.text === store.state.text && about.model === store.state.model;
  const isDone = () => holds() && total > 0 && costs.length >= total;

  async function measure() {
    const mine = subject();
    [about, costs, total, error] = [mine, [], 0, null];
    try {
      while (about === mine && (total === 0 || costs.length < total)) {
        const begin = costs.length;
        const what = { ...mine, interventions: asSent(NONE), begin };
        const answer = await store.call("part_costs", what, String(begin));
        if (about !== mine) return;
        if (!holds()) {
          [about, target] = [null, null]; // another text came meanwhile
          return;
        }
        total = answer.total;
        costs.push(...answer.parts);
        store.changed();
      }
    } catch (failed) {
      if (about !== mine) return;
      [about, target] = [null, null];
      error = failed instanceof Error ? failed.message : String(failed);
      store.changed();
      return;
    }
    apply();
  }

  function apply() {
    if (!target || !isDone()) return;
    const gone = removedOf(ordered(costs), target);
    applied = store.seq;
    store.set({ interventions: without(store.state.interventions, gone, store.catalog.models[store.state.model]) });
  }

  /** Has so many heads, or layers, be removed; the others stay as many as they are. */
  function remove(n) {
    const { heads, layers } = store.frame.smaller.gone;
    target = { heads, layers, ...target, ...n };
    applied = Number.POSITIVE_INFINITY;
    if (holds()) apply();
    else measure();
    store.changed();
  }

  function draw({ seq, smaller: { gone } }) {
    if (seq > applied) target = null;
    if (holds() && !isDone()) return setText(status, words.measuring(costs.length, total));
    if (error) return setText(status, words.failed(error));
    if (!isDone()) return setTerms(status, anyPartOff(store.state.interventions) ? words.OTHER_TEXT : words.MEASURE);
    const { heads, layers } = ordered(costs);
    const left = layers.slice(gone.layers);
    const free = heads.filter((head) => !isWithin(head, layers.slice(0, gone.layers)));
    setText(status, words.nextToGo(free[gone.heads], left[0]));
  }

  return {
    remove,
    draw,
    /** How many are wanted gone: what is set, until it is there. */
    wanted: ({ heads, layers }) => ({ heads, layers, ...target }),
    forget() {
      target = null;
    },
  };
}
