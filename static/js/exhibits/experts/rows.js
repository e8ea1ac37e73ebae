// One layer, an expert a row: the selected token's way from logit to weight, the slider of the expert's bias, and which
// tokens of the text chose the expert.

import { visible } from "../../page/chips.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { count, decimal, percent } from "../../format.js";
import { biasOf, MAX_BIAS } from "../../state/interventions.js";
import * as words from "./words.js";

const STEP = 0.25;
const TAKEN_SHOWN = 24; // more kinds of token than any line holds

function cell(className, ...children) {
  const node = element("span", className, ...children);
  node.setAttribute("role", "cell");
  return node;
}

function row(index) {
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: -MAX_BIAS, max: MAX_BIAS, step: STEP });
  slider.dataset.expert = index;
  const node = element(
    "div",
    "expert-row",
    cell("expert-name"),
    cell("logit"),
    cell("bias", slider, element("output")),
    cell("gate", element("span", "bar-track", element("span", "bar-fill")), element("b")),
    cell("weight"),
    cell("choosers", element("b"), element("span")),
  );
  node.setAttribute("role", "row");
  node.style.setProperty("--hue", `var(--expert-${(index % 8) + 1})`);
  return node;
}

/** The kinds of token that chose an expert, by their largest weight, each with how often it did. */
function takenBy(expert, rows, tokens) {
  const kinds = new Map();
  rows.forEach(({ weights }, index) => {
    if (weights[expert] === 0) return;
    const kind = kinds.get(tokens[index].id) ?? { token: tokens[index], times: 0, weight: 0 };
    kinds.set(tokens[index].id, { ...kind, times: kind.times + 1, weight: Math.max(kind.weight, weights[expert]) });
  });
  return [...kinds.values()].sort((a, b) => b.weight - a.weight);
}

export function mountRows(root, setBias) {
  const parent = root.querySelector(".expert-rows");
  const find = (selector) => root.querySelector(`.one ${selector}`);
  const [title, place, sum] = ["h2 bdi", "h2 span", ".sum"].map(find);
  const take = pool(parent, row);
  const takeKinds = new WeakMap();
  parent.addEventListener("input", ({ target }) => setBias(Number(target.dataset.expert), target.valueAsNumber));

  function draw({ frame, layers, at, roles, interventions }) {
    const { layer, rows, load } = layers[at];
    const token = rows[roles.selected];
    setText(title, visible(frame.tokens[roles.selected]));
    setText(place, words.atLayer(layer));
    take(load.length).forEach((node, expert) => {
      const [name, logit, bias, gate, weight, choosers] = node.children;
      const changed = biasOf(interventions, layer, expert);
      const off = changed === "off";
      const added = off ? 0 : changed;
      setText(name, words.expertName(expert));
      setText(logit, off ? "–" : decimal(token.logits[expert] - added));
      slide(bias, changed, words.biasLabel(layer, expert));
      gate.firstChild.firstChild.style.transform = `scaleX(${token.probabilities[expert].toFixed(4)})`;
      setText(gate.lastChild, percent(token.probabilities[expert]));
      const isChosen = token.weights[expert] > 0;
      setText(weight, isChosen ? decimal(token.weights[expert], 3) : off ? words.OFF : next(token, expert));
      node.classList.toggle("chosen", isChosen);
      node.classList.toggle("runner-up", token.runnerUp === expert);
      node.classList.toggle("off", off);
      list(choosers, off ? [] : takenBy(expert, rows, frame.tokens), load[expert]);
    });
    setText(sum, words.weightSum(token, frame.experts));
  }

  const next = (token, expert) => (token.runnerUp === expert ? words.runnerUp(token.short) : "");

  /**
   * The slider, its number, and the coloured part of its track from the middle.
   *
   * @param {HTMLElement} parts
   * @param {number | "off"} changed
   * @param {string} name
   */
  function slide(parts, changed, name) {
    const [slider, output] = /** @type {[HTMLInputElement, HTMLElement]} */ ([...parts.children]);
    const off = changed === "off";
    const value = off ? 0 : changed;
    if (slider.valueAsNumber !== value) slider.value = String(value);
    slider.disabled = off;
    setAttribute(slider, "aria-label", name);
    setAttribute(slider, "aria-valuetext", off ? words.OFF : words.biasValue(value));
    const middle = (part) => `${50 + (50 * part) / MAX_BIAS}%`;
    slider.style.setProperty("--from", middle(Math.min(0, value)));
    slider.style.setProperty("--to", middle(Math.max(0, value)));
    setText(output, words.biasValue(changed));
    output.classList.toggle("neutral", changed === 0);
  }

  function list(choosers, kinds, tokens) {
    const [number, line] = choosers.children;
    setText(number, count(tokens));
    if (!takeKinds.has(line))
      takeKinds.set(
        line,
        pool(line, () => element("bdi")),
      );
    const shown = kinds.slice(0, TAKEN_SHOWN);
    const nodes = takeKinds.get(line)(shown.length);
    shown.forEach(({ token, times }, index) => {
      setText(nodes[index], words.taken(visible(token), times));
    });
  }

  return draw;
}
