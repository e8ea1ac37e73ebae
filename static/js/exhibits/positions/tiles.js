// The six schemes side by side: each a small picture of what it makes of this very text; one is drawn large below.

import { colours } from "../../page/theme.js";
import { fit, widthOf } from "../../page/canvas.js";
import { radios, setAttribute } from "../../dom.js";
import { once } from "../../draw/once.js";
import { picture } from "../../draw/raster.js";
import { imageOf } from "./field.js";
import { fieldOf } from "./schemes.js";
import { OWN_SCHEME } from "./words.js";

const HEIGHT = 84;

export function mountTiles(group, store) {
  const tiles = [...group.querySelectorAll("[data-scheme]")].map((node) => ({
    node,
    scheme: node.dataset.scheme,
    canvas: node.querySelector("canvas"),
    own: node.querySelector(".own"),
    picture: picture(),
  }));
  const mark = radios(group, ({ dataset }) => store.set({ scheme: dataset.scheme }));

  const show = once((frame, head, width, tint) => {
    const { positions } = frame;
    for (const { node, scheme, canvas, own, picture: pictureOf } of tiles) {
      own.hidden = scheme !== positions.own;
      setAttribute(node, "aria-description", scheme === positions.own ? OWN_SCHEME : null);
      const field = fieldOf(scheme, frame, head);
      const context = fit(canvas, width, HEIGHT);
      if (field.missing) continue;
      const side = field.square ? Math.min(width, HEIGHT) : width;
      context.imageSmoothingEnabled = field.cols > side;
      context.drawImage(imageOf(pictureOf, field, 4 * HEIGHT, tint), (width - side) / 2, 0, side, HEIGHT);
    }
  });

  return function draw({ state, frame }) {
    mark((node) => node.dataset.scheme === frame.positions.scheme);
    show(frame, state.head, widthOf(tiles[0].canvas.parentElement), colours());
  };
}
