// What is switched off in this exhibit: heads, and the halves of a block that make up a row; what a click does, and what
// stands in for a part that is off. Where it stands, it is struck through.

import { radios, setAttribute, setText } from "../../dom.js";
import { headIsOff, mlpIsOff, offBy, withBy, withHead, withMlp } from "../../state/interventions.js";
import { aboutInstead } from "./words.js";

/** The place of the blocks that end in the logits: those of the rows. */
const speakerOf = ({ stacks }) => ("decoder" in stacks ? "decoder" : Object.keys(stacks)[0]);

/** The kind of attention of a row, or the stack of its MLP. */
export const kindOfRow = ({ kind, after }, model) => kind ?? (after === "cross-attention" ? "cross" : speakerOf(model));

/** The rows of the blocks that the lens does not read: those of a T5's encoder. */
export const rowsOfEncoder = ({ stacks }) =>
  Array.from({ length: stacks.encoder?.layers ?? 0 }, (_, layer) => layer).flatMap((layer) =>
    ["attention", "mlp"].map((after) => ({ kind: "encoder", layer, after })),
  );

const isOfHeads = ({ after }) => after === "attention" || after === "cross-attention";

/** Whether a row of the picture, a half of a block, is off as a whole. */
export function rowIsOff(interventions, place, model) {
  const kind = kindOfRow(place, model);
  if (place.layer === null) return false;
  if (!isOfHeads(place)) return mlpIsOff(interventions, kind, place.layer);
  return heads(model).every((head) => headIsOff(interventions, kind, place.layer, head));
}

const heads = ({ n_heads: count }) => Array.from({ length: count }, (_, head) => head);

/** The interventions with a row on or off: all its heads, or its MLP. */
export function withRow(interventions, place, model, on) {
  const kind = kindOfRow(place, model);
  if (!isOfHeads(place)) return withMlp(interventions, kind, place.layer, on);
  return heads(model).reduce((next, head) => withHead(next, kind, place.layer, head, on), interventions);
}

/** Brings the two choices to life; gives {draw, part, row}, which switch a part or a row over. */
export function mountOff(root, store) {
  const find = (selector) => root.querySelector(selector);
  const words = find(".instead-words");
  const instead = find('[data-instead="mean"]');
  const modelOf = () => store.catalog.models[store.state.model];
  const markClick = radios(find(".switch:has([data-click])"), ({ dataset }) => store.set({ click: dataset.click }));
  const markInstead = radios(find(".switch:has([data-instead])"), ({ dataset }) => {
    store.set({ instead: dataset.instead, interventions: withBy(store.state.interventions, dataset.instead) });
  });
  const change = (next) => store.set({ interventions: withBy(next, insteadOf(store.state, modelOf())) });

  return {
    /** Switches a head over, or with `head` null an MLP. */
    part({ kind, layer, head }) {
      const { interventions } = store.state;
      if (head === null) change(withMlp(interventions, kind, layer, mlpIsOff(interventions, kind, layer)));
      else change(withHead(interventions, kind, layer, head, headIsOff(interventions, kind, layer, head)));
    },
    row(place) {
      const { interventions } = store.state;
      change(withRow(interventions, place, modelOf(), rowIsOff(interventions, place, modelOf())));
    },
    draw(state, model) {
      const chosen = insteadOf(state, model);
      markClick((button) => button.dataset.click === state.click);
      markInstead((button) => button.dataset.instead === chosen);
      setAttribute(instead, "disabled", model.means ? null : "");
      setText(words, aboutInstead(chosen, model.means, model.name));
    },
  };
}

/** What stands in for what is off or goes off: as for what is off already, else as chosen, where it was measured. */
export function insteadOf({ interventions, instead }, model) {
  return offBy(interventions) ?? (model.means ? instead : "zero");
}

/** Whether one part, a head or with `head` null an MLP, is off. */
export function partIsOff(interventions, { kind, layer, head }) {
  return head === null ? mlpIsOff(interventions, kind, layer) : headIsOff(interventions, kind, layer, head);
}
