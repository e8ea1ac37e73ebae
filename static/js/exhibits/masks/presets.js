// The row of masks to choose from, and the numbers of the one that is chosen.

import { radios, setAttribute, setText } from "../../dom.js";
import { visible } from "../../page/chips.js";
import { setTerms } from "../../page/terms.js";
import { parts, painted, suits, written } from "../../state/mask_specification.js";
import { canvasOf } from "./cells.js";
import * as words from "./words.js";

const MOST_STARTS = 32;
const ENDS = /[.!?\n]/;

/** Where a new sentence begins: after a token that ends one. */
function sentences(tokens) {
  const starts = tokens.flatMap(({ text, special }, index) => (!special && ENDS.test(text) ? [index + 1] : []));
  return starts.filter((start) => start < tokens.length && !tokens[start].special).slice(0, MOST_STARTS);
}

const brushed = ({ state, cells, view }) => canvasOf(state, cells, view.first);

/** `change(mask)` takes a new mask, `look()` gives {state, frame, cells, view, selected} as they are drawn now. */
export function mountPresets(root, change, look) {
  const find = (selector) => root.querySelector(selector);
  const limits = JSON.parse(find(".masks-plate").dataset.kinds);
  const group = find(".presets");
  const [told, documents] = [find(".mask-words"), find(".documents")];
  const sliders = [...root.querySelectorAll(".numbers label")];
  const last = {}; // the numbers of each kind when it was left

  const mark = radios(group, ({ dataset: { kind } }) => {
    if (kind === "") change(null);
    else if (kind === "document") change(written(kind, sentences(look().frame.tokens)));
    else if (kind === "painted") change(painted(brushed(look())));
    else change(written(kind, last[kind] ?? limits[kind].map(({ initial }) => initial)));
  });
  sliders.forEach((label, index) => {
    const [, range] = label.children;
    range.addEventListener("input", () => {
      const { kind, numbers } = parts(look().state.interventions.mask);
      change(written(kind, numbers.with(index, Number(range.value))), true);
    });
  });
  documents.addEventListener("click", ({ target }) => {
    if (target.dataset.documents === "sentences") change(written("document", sentences(look().frame.tokens)));
    if (target.dataset.documents === "token") begin(look().selected);
  });

  /** Lets a document begin at a token, or no longer. */
  function begin(token) {
    const { kind, numbers } = parts(look().state.interventions.mask ?? "");
    if (kind !== "document" || token === 0) return;
    const others = numbers.filter((start) => start !== token);
    const starts = others.length === numbers.length ? [...numbers, token].sort((a, b) => a - b) : others;
    if (starts.length <= MOST_STARTS) change(written("document", starts));
  }

  function draw({ state, frame, causal, selected }) {
    const { kind, numbers } = parts(state.interventions.mask ?? "");
    last[kind] = numbers;
    for (const button of group.children) {
      const fits = button.dataset.kind === "" || suits(button.dataset.kind, { causal });
      button.disabled = !fits;
      setAttribute(button, "title", fits ? null : words.ONLY_DECODERS);
    }
    mark(({ dataset }) => dataset.kind === kind);
    setText(group.firstElementChild.lastElementChild, words.asTrained(causal));
    setTerms(told, words.sentence(kind || "none", numbers, causal, frame.tokens.length));
    const shown = limits[kind] ?? [];
    sliders.forEach((label, index) => {
      const number = shown[index];
      label.hidden = number === undefined;
      if (!number) return;
      const [name, range, output] = label.children;
      setText(name, number.name);
      Object.assign(range, {
        min: number.low,
        max: Math.min(number.high, Math.max(frame.tokens.length, 8, numbers[index])),
      });
      if (number.name === "seed") range.max = Math.max(20, numbers[index]);
      if (Number(range.value) !== numbers[index]) range.value = numbers[index];
      setAttribute(range, "aria-label", words.numberLabel(number.name));
      setText(output, String(numbers[index]));
    });
    documents.hidden = kind !== "document";
    const button = documents.firstElementChild;
    const starts = numbers.includes(selected);
    const name = visible(frame.tokens[selected]);
    button.disabled = selected === 0;
    if (kind === "document") setText(button, words.beginAt(name, starts));
  }

  return { draw, begin };
}
