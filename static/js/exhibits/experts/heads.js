// Above the matrix: a tab a layer with its imbalance, a bar an expert with its load, and under each bar the expert's
// switch, which is at the same time the head of its column.

import { element, pool, radios, setAttribute, setText } from "../../dom.js";
import { indexAfter } from "../../draw/gridkeys.js";
import { sans } from "../../draw/type.js";
import { count } from "../../format.js";
import { fit } from "../../page/canvas.js";
import { colours } from "../../page/theme.js";
import { biasOf } from "../../state/interventions.js";
import * as words from "./words.js";

const HEIGHT = 62; // of the bars, with the numbers above them
const ROOM = 15; // for a number above the tallest bar

/** One layer's switches as one stop of the Tab key, with the arrow keys among them. */
function switchGroup(toggle) {
  const group = element("div", "switches");
  group.setAttribute("role", "group");
  group.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (button) toggle(Number(group.dataset.layer), Number(button.dataset.expert));
  });
  group.addEventListener("keydown", (event) => {
    const buttons = [...group.children];
    const to =
      buttons[indexAfter(event.key, buttons.indexOf(/** @type {any} */ (document.activeElement)), buttons.length)];
    if (!to) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
    to.focus();
  });
  return group;
}

function switchButton(expert) {
  const button = element("button", "expert-switch");
  button.type = "button";
  button.dataset.expert = expert;
  button.tabIndex = expert === 0 ? 0 : -1;
  button.setAttribute("role", "switch");
  button.style.setProperty("--hue", `var(--expert-${(expert % 8) + 1})`);
  setText(button, words.expertName(expert));
  return button;
}

export function mountHeads(root, store, toggle) {
  const find = (selector) => root.querySelector(selector);
  const [tabs, canvas, row, told] = [".layer-tabs", ".loads canvas", ".switch-row", ".layer-words"].map(find);
  const takeTabs = pool(tabs, () => {
    const tab = element("button", "layer-tab", element("b"), element("span"), element("span"));
    tab.type = "button";
    tab.setAttribute("role", "radio");
    return tab;
  });
  const takeGroups = pool(row, () => switchGroup(toggle));
  const takeSwitches = new WeakMap();
  const mark = radios(tabs, (tab) => store.set({ layer: Number(tab.dataset.layer) }));

  /** `former` are the layers of the pinned state, or null. */
  function draw({ layers, at, place, interventions, former }) {
    const nodes = takeTabs(layers.length);
    const groups = takeGroups(layers.length);
    layers.forEach((layer, index) => {
      const [name, busiest, loss] = nodes[index].children;
      nodes[index].dataset.layer = layer.layer;
      setText(name, words.layerName(layer.layer));
      const measured = words.imbalance(layer);
      setText(busiest, measured[0]);
      setText(loss, measured[1]);
      const group = groups[index];
      group.dataset.layer = layer.layer;
      group.hidden = place.single && index !== at;
      setAttribute(group, "aria-label", words.groupLabel(layer.layer));
      if (!takeSwitches.has(group)) takeSwitches.set(group, pool(group, switchButton));
      takeSwitches
        .get(group)(layer.load.length)
        .forEach((button, expert) => {
          const bias = biasOf(interventions, layer.layer, expert);
          setAttribute(button, "aria-checked", bias !== "off");
          setAttribute(button, "aria-label", words.switchLabel(layer.layer, expert, bias));
          setAttribute(button, "title", words.switchTitle(bias));
          button.classList.toggle("biased", bias !== "off" && bias !== 0);
        });
    });
    mark((tab) => Number(tab.dataset.layer) === layers[at].layer);
    setText(told, words.imbalance(layers[at]).join("; "));
    paintLoads(fit(canvas, place.width, HEIGHT), { layers, place, former }, colours());
  }

  return draw;
}

/**
 * The loads on one scale, whose top is the busiest expert of all layers, or twice the even load if that is more; a line
 * across an expert's bar is its load in the pinned state.
 */
function paintLoads(context, { layers, place, former }, tint) {
  const most = Math.max(...[...layers, ...(former ?? [])].map(({ load, even }) => Math.max(...load, 2 * even)));
  const scale = (HEIGHT - ROOM) / most;
  context.font = sans(11);
  context.textBaseline = "alphabetic";
  for (const { index, load, even } of place.shown.map((shown) => layers[shown])) {
    const level = Math.round(HEIGHT - scale * even) + 0.5;
    load.forEach((tokens, expert) => {
      const x = place.x(index, expert);
      const height = scale * tokens;
      context.fillStyle = tint.experts[expert % tint.experts.length];
      context.fillRect(x + 2, HEIGHT - height, place.cell - 4, height);
      if (!former) return;
      context.fillStyle = tint.ink;
      context.fillRect(x + 1, Math.round(HEIGHT - scale * former[index].load[expert]) - 1, place.cell - 2, 2);
    });
    context.strokeStyle = tint.quiet;
    context.setLineDash([3, 3]);
    context.beginPath();
    context.moveTo(place.x(index, 0), level);
    context.lineTo(place.x(index, load.length), level);
    context.stroke();
    context.setLineDash([]);
    load.forEach((tokens, expert) => {
      const [x, y] = [place.x(index, expert) + place.cell / 2, HEIGHT - scale * tokens - 4];
      context.textAlign = "center";
      context.lineWidth = 4; // a halo, where the number stands on the line
      context.strokeStyle = tint.paper;
      context.strokeText(count(tokens), x, y);
      context.lineWidth = 1;
      context.fillStyle = tokens ? tint.ink : tint.quiet;
      context.fillText(count(tokens), x, y);
    });
  }
  context.fillStyle = tint.quiet;
  context.textAlign = "right";
  const { even } = layers[0];
  context.fillText(words.evenLoad(even), place.label - 8, Math.round(HEIGHT - scale * even) + 4);
  context.fillText(words.TOKENS, place.label - 8, 11);
}
