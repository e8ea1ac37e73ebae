// The atlas: every head of every layer on one canvas, with transparent buttons over it for pointer, keyboard and screen
// reader. One canvas instead of one each keeps a keystroke's paint short. The mark in a button's corner, or the O key,
// switches its head off and on.

import { colours } from "../../draw/color.js";
import { element, fit, radios, setAttribute } from "../../dom.js";
import { headIsOff } from "../../state/interventions.js";
import { widthOf } from "../../draw/size.js";
import { largestOf, rasterize } from "../../draw/raster.js";
import { drawScale } from "../../draw/scale.js";
import { deepestOf } from "./since.js";

const LABEL = 18; // room for the numbers of heads, and for those of layers
const GAP = 5;

export function mountAtlas(figure, store, toggle) {
  const frameNode = figure.querySelector(".canvas-frame");
  const canvas = frameNode.querySelector("canvas");
  const group = figure.querySelector(".atlas-buttons");
  const scale = figure.querySelector(".scale");
  let drawn = {};
  let placed = "";
  let layersPlaced = 1;
  let marked = {};

  const placeOf = ({ dataset }) => [Number(dataset.layer), Number(dataset.head)];
  group.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest(".off-mark")) return;
      event.stopImmediatePropagation(); // the head is switched, not chosen
      toggle(...placeOf(event.target.closest("button")));
    },
    { capture: true },
  );
  group.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "o" && event.target.dataset.head) toggle(...placeOf(event.target));
  });
  const mark = radios(
    group,
    (button) => {
      const [layer, head] = placeOf(button);
      store.set({ layer, head });
    },
    () => layersPlaced,
  );

  /** Puts one button over each head; only when the model or the size changed. */
  function place({ layers, heads, size }) {
    const key = `${layers} ${heads} ${size}`;
    if (key === placed) return;
    placed = key;
    layersPlaced = layers;
    group.replaceChildren();
    for (let head = 0; head < heads; head++) {
      for (let layer = 0; layer < layers; layer++) {
        const button = element("button", "", element("span", "off-mark"));
        Object.assign(button.dataset, { layer, head });
        button.type = "button";
        button.setAttribute("role", "radio");
        button.setAttribute("aria-keyshortcuts", "O");
        const [left, top] = [LABEL + layer * (size + GAP), LABEL + head * (size + GAP)];
        button.style.cssText = `left:${left}px;top:${top}px;width:${size}px;height:${size}px`;
        group.append(button);
      }
    }
  }

  /** `changes` is drawn in the place of `pattern` where it is not null. */
  return function draw({ state, frame, pattern, changes, kind, layer }) {
    const theme = document.documentElement.dataset.theme;
    const width = Math.max(160, Math.min(widthOf(frameNode), 420));
    if (drawn.frame !== frame || drawn.width !== width || drawn.theme !== theme || drawn.changes !== changes) {
      drawn = { frame, width, theme, changes };
      paint(changes ?? pattern, width, changes !== null);
    }
    const choice = { placed, layer, head: state.head, kind, interventions: state.interventions };
    if (Object.keys(choice).every((part) => choice[part] === marked[part])) return;
    marked = choice;
    mark((button) => Number(button.dataset.layer) === layer && Number(button.dataset.head) === state.head);
    for (const button of group.children) {
      const [l, h] = placeOf(button);
      const off = headIsOff(state.interventions, kind, l, h);
      button.classList.toggle("is-off", off);
      setAttribute(button, "aria-label", `layer ${l + 1}, head ${h + 1}${off ? ", off" : ""}`);
      setAttribute(button.firstChild, "title", off ? "switch this head on" : "switch this head off");
    }
  };

  function paint(pattern, width, since) {
    const { layers, heads } = pattern;
    const size = Math.max(12, Math.floor((width - LABEL - GAP * (layers - 1)) / layers));
    const height = LABEL + heads * (size + GAP) - GAP;
    place({ layers, heads, size });
    const context = fit(canvas, width, height);
    const ratio = canvas.width / width;
    const image = context.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    const { ramp: violets, changes, quiet } = colours();
    const ramp = since ? changes : violets;
    const largest = since ? deepestOf(pattern) : largestOf(pattern);
    const inner = Math.round((size - 4) * ratio);
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < heads; head++) {
        const left = Math.round((LABEL + layer * (size + GAP) + 2) * ratio);
        const top = Math.round((LABEL + head * (size + GAP) + 2) * ratio);
        rasterize(pattern.head(layer, head), ramp, largest, pixels, canvas.width, left, top, inner);
      }
    }
    context.putImageData(image, 0, 0);
    context.font = "500 11px Inter, sans-serif";
    context.fillStyle = quiet;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let layer = 0; layer < layers; layer++) {
      context.fillText(layer + 1, LABEL + layer * (size + GAP) + size / 2, LABEL / 2 - 2);
    }
    for (let head = 0; head < heads; head++) {
      context.fillText(head + 1, LABEL / 2 - 4, LABEL + head * (size + GAP) + size / 2);
    }
    drawScale(scale, largest, since ? "since the pin" : "of a row", ramp);
  }
}
