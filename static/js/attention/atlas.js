// The atlas: every head of every layer on one canvas, with transparent buttons over it for pointer, keyboard and screen
// reader. One canvas instead of one each keeps a keystroke's paint short.

import { colours } from "../color.js";
import { element, fit, radios } from "../dom.js";
import { widthOf } from "../size.js";
import { largestOf, rasterize } from "./raster.js";
import { drawScale } from "./scale.js";

const LABEL = 18; // room for the numbers of heads, and for those of layers
const GAP = 5;

export function mountAtlas(figure, store) {
  const frameNode = figure.querySelector(".canvas-frame");
  const canvas = frameNode.querySelector("canvas");
  const group = figure.querySelector(".atlas-buttons");
  const scale = figure.querySelector(".scale");
  let drawn = {};
  let placed = "";
  let marked = "";

  const mark = radios(
    group,
    ({ dataset }) => store.set({ layer: Number(dataset.layer), head: Number(dataset.head) }),
    () => store.catalog.models[store.state.model].n_layers,
  );

  /** Puts one button over each head; only when the model or the size changed. */
  function place({ layers, heads, size }) {
    const key = `${layers} ${heads} ${size}`;
    if (key === placed) return;
    placed = key;
    group.replaceChildren();
    for (let head = 0; head < heads; head++) {
      for (let layer = 0; layer < layers; layer++) {
        const button = element("button");
        Object.assign(button.dataset, { layer, head });
        button.type = "button";
        button.setAttribute("role", "radio");
        button.setAttribute("aria-label", `layer ${layer + 1}, head ${head + 1}`);
        const [left, top] = [LABEL + layer * (size + GAP), LABEL + head * (size + GAP)];
        button.style.cssText = `left:${left}px;top:${top}px;width:${size}px;height:${size}px`;
        group.append(button);
      }
    }
  }

  function draw({ state, frame }) {
    const { pattern } = frame.arrays;
    if (!pattern) return;
    const theme = document.documentElement.dataset.theme;
    const width = Math.max(160, Math.min(widthOf(frameNode), 420));
    if (drawn.frame !== frame || drawn.width !== width || drawn.theme !== theme) {
      drawn = { frame, width, theme };
      paint(pattern, width);
    }
    const choice = `${placed} ${state.layer} ${state.head}`;
    if (choice === marked) return;
    marked = choice;
    mark((button) => Number(button.dataset.layer) === state.layer && Number(button.dataset.head) === state.head);
  }

  function paint(pattern, width) {
    const { layers, heads, tokens } = pattern;
    const size = Math.max(12, Math.floor((width - LABEL - GAP * (layers - 1)) / layers));
    const height = LABEL + heads * (size + GAP) - GAP;
    place({ layers, heads, size });
    const context = fit(canvas, width, height);
    const ratio = canvas.width / width;
    const image = context.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    const { ramp, quiet } = colours();
    const largest = largestOf(pattern.values);
    const inner = Math.round((size - 4) * ratio);
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < heads; head++) {
        const left = Math.round((LABEL + layer * (size + GAP) + 2) * ratio);
        const top = Math.round((LABEL + head * (size + GAP) + 2) * ratio);
        rasterize(pattern.head(layer, head), tokens, ramp.packed, largest, pixels, canvas.width, left, top, inner);
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
    drawScale(scale, largest, "of a row");
  }

  return { draw };
}
