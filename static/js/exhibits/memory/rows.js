// The neurons that carry most, one a row: what each is given and gives, its share, and which entries of the vocabulary it
// promotes and demotes; and what switches it off or turns it up.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { indexAfter } from "../../draw/gridkeys.js";
import { signed } from "../../format.js";
import { visible } from "../../page/chips.js";
import { setTerms } from "../../page/terms.js";
import { factorOf, factorTold, hasNeuron, neuronName } from "../../state/neurons.js";
import * as words from "./words.js";

function cell(className, ...children) {
  const node = element("span", className, ...children);
  node.setAttribute("role", "gridcell");
  return node;
}

/** Three buttons, of which none is pressed where a neuron is as it is. */
function turns() {
  const group = element("span", "turns");
  group.setAttribute("role", "group");
  for (const { factor, face } of words.TURNS) {
    const button = element("button", "turn", face);
    button.type = "button";
    button.dataset.factor = String(factor);
    group.append(button);
  }
  return group;
}

function row(index) {
  const node = element(
    "div",
    "neuron-row",
    cell("neuron-name"),
    cell("of-turns", turns()),
    cell("before"),
    cell("of-up up"),
    cell("activation"),
    cell("share", element("span", "bar-track", element("span", "bar-fill")), element("b")),
    cell("of-says says", element("span", "promotes"), element("span", "demotes")),
  );
  node.setAttribute("role", "row");
  node.dataset.index = String(index);
  return node;
}

/** `choose(index)` is called when a row is chosen, `turn(index, factor)` when its neuron is to count otherwise. */
export function mountRows(section, choose, turn) {
  const [table, parent, silent] = [".neuron-table", ".neuron-rows", ".silent"].map((part) =>
    section.querySelector(part),
  );
  const take = pool(parent, row);
  const entries = new WeakMap();
  const beforeName = table.querySelector(".of-before");
  const rowOf = (event) => /** @type {HTMLElement | null} */ (event.target.closest(".neuron-row"));

  parent.addEventListener("click", (event) => {
    const node = rowOf(event);
    if (!node) return;
    const index = Number(node.dataset.index);
    const button = event.target.closest(".turn");
    if (button) turn(index, button.ariaPressed === "true" ? 1 : Number(button.dataset.factor));
    choose(index);
  });
  parent.addEventListener("keydown", (event) => {
    const node = rowOf(event);
    const nodes = [...parent.children].filter((each) => !each.hidden);
    const to = nodes[indexAfter(event.key, nodes.indexOf(node), nodes.length)];
    if (!to) return;
    event.preventDefault();
    choose(Number(to.dataset.index));
    to.focus();
  });

  function list(parent, told) {
    if (!entries.has(parent))
      entries.set(
        parent,
        pool(parent, () => element("span", "entry", element("bdi"), element("i"))),
      );
    const nodes = entries.get(parent)(told.length);
    told.forEach((entry, index) => {
      setText(nodes[index].firstChild, visible(entry, true));
      setText(nodes[index].lastChild, words.added(entry.logit));
    });
  }

  function drawTurns(group, name, factor, isChosen) {
    setAttribute(group, "aria-label", words.turnsOf(name));
    words.TURNS.forEach(({ factor: value, called }, at) => {
      const button = group.children[at];
      setAttribute(button, "aria-pressed", value === factor);
      setAttribute(button, "aria-label", called(name));
      setAttribute(button, "tabindex", isChosen ? 0 : -1);
    });
  }

  return function draw({ top, gated, place: kind, layer }, chosen, interventions, model) {
    const largest = Math.max(...top.map(({ share }) => Math.abs(share)));
    const speaks = top[0].promotes !== null;
    table.classList.toggle("ungated", !gated);
    table.classList.toggle("mute", !speaks);
    silent.hidden = speaks;
    setTerms(silent, words.silent(model.predicts));
    setText(beforeName, words.beforeName(gated));
    const nodes = take(top.length);
    top.forEach((told, index) => {
      const node = nodes[index];
      const [name, turned, before, up, activation, share, says] = node.children;
      const there = { ...told, kind, layer };
      const [called, factor] = [neuronName(told), factorOf(interventions, there)];
      setText(name, called);
      turned.firstChild.hidden = !hasNeuron(model, there);
      drawTurns(turned.firstChild, called, factor, index === chosen);
      node.classList.toggle("off", factor === 0);
      setText(before, signed(told.before));
      setText(up, told.up === null ? "" : `× ${signed(told.up)}`);
      setText(activation, signed(told.activation));
      share.firstChild.firstChild.style.transform = `scaleX(${(Math.max(0, told.share) / largest).toFixed(4)})`;
      setText(share.lastChild, words.percentSigned(told.share));
      list(says.firstChild, told.promotes ?? []);
      list(says.lastChild, told.demotes ?? []);
      node.classList.toggle("chosen", index === chosen);
      setAttribute(node, "aria-selected", index === chosen);
      setAttribute(node, "tabindex", index === chosen ? 0 : -1);
      const promoted = told.promotes?.map((entry) => visible(entry, true)).join(", ");
      setAttribute(node, "aria-label", words.rowSaid(called, told, promoted, factor === 1 ? "" : factorTold(factor)));
    });
  };
}
