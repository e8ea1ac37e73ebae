// The six schemes side by side: each a small picture of what it makes of this very text; one is drawn large below.

import { colours } from "../../page/theme.js";
import { fit, widthOf } from "../../page/canvas.js";
import { radios, setAttribute } from "../../dom.js";
import { paintCells } from "./field.js";
import { fieldOf } from "./schemes.js";
import { OWN_SCHEME } from "./words.js";

const HEIGHT = 84;

export function mountTiles(group, store) {
  const tiles = [...group.querySelectorAll("[data-scheme]")].map((node) => ({
    node,
    scheme: node.dataset.scheme,
    canvas: node.querySelector("canvas"),
    own: node.querySelector(".own"),
    cells: document.createElement("canvas"),
  }));
  const mark = radios(group, ({ dataset }) => store.set({ scheme: dataset.scheme }));
  let drawn = {};

  return function draw({ state, frame }) {
    const { positions } = frame;
    mark((node) => node.dataset.scheme === positions.scheme);
    const width = widthOf(tiles[0].canvas.parentElement);
    const now = { frame, width, head: state.head, theme: document.documentElement.dataset.theme };
    if (Object.keys(now).every((part) => drawn[part] === now[part])) return;
    drawn = now;
    const tint = colours();
    for (const { node, scheme, canvas, own, cells } of tiles) {
      own.hidden = scheme !== positions.own;
      setAttribute(node, "aria-description", scheme === positions.own ? OWN_SCHEME : null);
      const field = fieldOf(scheme, frame, state);
      const context = fit(canvas, width, HEIGHT);
      if (field.missing) continue;
      paintCells(cells, field, tint);
      const side = field.square ? Math.min(width, HEIGHT) : width;
      context.imageSmoothingEnabled = field.cols > side;
      context.drawImage(cells, (width - side) / 2, 0, side, HEIGHT);
    }
  };
}
