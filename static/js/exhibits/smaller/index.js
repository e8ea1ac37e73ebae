// The smaller exhibit: sliders that take bits, weights, heads and layers away from the running model, what is left of it,
// one of its matrices before and after, and what each way costs on held-out text.

import { setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { setTerms } from "../../page/terms.js";
import { line, oneOf, whole } from "../../state/fields.js";
import { mountCurves } from "./curves.js";
import { mountLists } from "./lists.js";
import { mountMatrices } from "./matrices.js";
import { mountParts } from "./parts.js";
import { mountPlaces } from "./places.js";
import { mountRace } from "./race.js";
import { mountTaking } from "./taking.js";
import * as words from "./words.js";

export const asks = ["bits", "grain", "zeroed", "matrix"];
export const fields = {
  bits: whole(16, 2, 16), // of a weight
  grain: oneOf("group", ["group", "row"]), // what shares a scale
  zeroed: whole(0, 0, 95), // per cent of the weights
  matrix: line("", 80), // which is looked at, by its name in the file
};
export const enlarges = ["weights"];
export const roleOfText = ({ written }) => (written ? null : "query");

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [bytes, ofWhole, weight] = [find(".size b"), find(".size span"), find(".weight")];
  const [lost, lostWhere, over] = [find(".lost b"), find(".lost span"), find(".over")];
  const parts = mountParts(find(".part-costs"), store);
  const drawTaking = mountTaking(find(".taking form"), store, parts);
  const drawLists = mountLists(find(".lists"));
  const drawPlaces = mountPlaces(find(".places canvas"));
  const drawMatrices = mountMatrices(find(".matrices"), store);
  const drawCurves = mountCurves(find(".curves"), store, parts);
  const drawRace = mountRace(find(".race"));

  const say = once((smaller) => {
    setText(bytes, words.size(smaller.bytes.after));
    setText(ofWhole, words.ofWhole(smaller.bytes));
    weight.firstElementChild.style.transform = `scaleX(${(smaller.bytes.after / smaller.bytes.before).toFixed(4)})`;
    setText(lost, words.bits(smaller.kl_bits));
    setTerms(lostWhere, words.LOST);
    setText(over, words.overText(smaller.text));
    drawLists(smaller.likeliest);
  });

  return {
    draw({ frame, state }) {
      const { smaller } = frame;
      if (!smaller) return;
      parts.draw(frame);
      drawTaking(frame, state);
      say(smaller);
      drawPlaces(frame);
      drawMatrices(frame);
      drawCurves(frame);
      drawRace(frame);
    },
  };
}
