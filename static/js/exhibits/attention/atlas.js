// The atlas: every head of every layer on one canvas, with transparent buttons over it for pointer, keyboard and screen
// reader. One canvas instead of one each keeps a keystroke's paint short. The mark in a button's corner, or the O key,
// switches its head off and on.

import { element, radios, setAttribute, setText } from "../../dom.js";
import { mountMinis } from "../../draw/minis.js";
import { once } from "../../draw/once.js";
import { outline } from "../../draw/outline.js";
import { sans } from "../../draw/type.js";
import { fit, widthOf } from "../../page/canvas.js";
import { mountScale } from "../../page/scale.js";
import { colours } from "../../page/theme.js";
import { headIsOff } from "../../state/interventions.js";
import { LABEL, folded, heightOf, spot } from "./fold.js";
import { habitOf } from "./habit.js";
import * as words from "./words.js";

const [STEPS, SIGNED_STEPS] = [255, 127]; // of the largest: app/wire/thumbnails.py

const placeOf = ({ dataset }) => [Number(dataset.layer), Number(dataset.head)];

export function mountAtlas(figure, store, toggle) {
  const frameNode = figure.querySelector(".canvas-frame");
  const canvas = frameNode.querySelector("canvas");
  const group = figure.querySelector(".atlas-buttons");
  const drawScale = mountScale(figure.querySelector(".scale"));
  const paintMinis = mountMinis();
  const hint = figure.querySelector("figcaption p");
  let layersPlaced = 1;
  let now = null; // what is drawn
  let pointed = null; // the button that the pointer or the focus is on

  group.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest(".off-mark")) return;
      event.stopImmediatePropagation(); // the head is switched, not chosen
      toggle(...placeOf(event.target.closest("button")));
    },
    { capture: true },
  );
  const look = (button) => {
    pointed = button;
    if (!button) return setText(hint, words.ATLAS_HINT);
    const [layer, head] = placeOf(button);
    const share = now.glance?.isOpen ? now.glance.heads[layer][head] : null;
    const said = words.headHint(layer, head, share, habitOf(now.frame, layer * now.pattern.heads + head));
    setText(hint, said);
    setAttribute(button, "aria-description", said);
  };
  for (const comes of ["pointerover", "focusin"])
    group.addEventListener(comes, (event) => look(event.target.closest("button")));
  for (const goes of ["pointerleave", "focusout"]) group.addEventListener(goes, () => look(null));
  group.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "o" && event.target.dataset.head) toggle(...placeOf(event.target));
  });
  const markChosen = radios(
    group,
    (button) => {
      const [layer, head] = placeOf(button);
      store.set({ layer, head });
    },
    () => layersPlaced,
  );

  /** Puts one button over each head; gives these buttons. */
  const place = once((layers, heads, across, size) => {
    layersPlaced = layers;
    pointed = null;
    group.replaceChildren();
    for (let head = 0; head < heads; head++) {
      for (let layer = 0; layer < layers; layer++) {
        const button = element("button", "", element("span", "off-mark"));
        Object.assign(button.dataset, { layer, head });
        button.type = "button";
        button.setAttribute("role", "radio");
        button.setAttribute("aria-keyshortcuts", "O");
        const { x, y } = spot(layer, head, { heads, across, size });
        button.style.cssText = `left:${x}px;top:${y}px;width:${size}px;height:${size}px`;
        group.append(button);
      }
    }
    return [...group.children];
  });

  /**
   * Draws all heads of a Pattern, or their changes, each `size` wide and so many layers `across`, with the open cell marked
   * in every one; its numbers are in `steps` of `largest`.
   */
  const paint = once((pattern, steps, largest, query, key, width, across, size, isChange, tint) => {
    const { layers, heads } = pattern;
    const context = fit(canvas, width, heightOf(layers, { heads, across, size }));
    const ramp = isChange ? tint.diverging : tint.sequential;
    const minis = [];
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < heads; head++) {
        const rows = pattern.head(layer, head);
        const { x, y } = spot(layer, head, { heads, across, size });
        minis.push({ rows, x: x + 2, y: y + 2, size: size - 4 });
      }
    }
    paintMinis(context, minis, ramp, steps);
    const cell = cellIn(size - 4, query, key, pattern.tokens);
    for (const { x, y } of minis) outline(context, { ...cell, x: x + cell.x, y: y + cell.y }, tint.gold, 1.5, 1);
    paintNumbers(context, layers, { heads, across, size }, tint);
    drawScale(largest, words.atlasScale(isChange), ramp);
  });

  /** Marks the chosen head and those that are off. */
  const mark = once((buttons, layer, chosen, kind, interventions) => {
    markChosen((button) => Number(button.dataset.layer) === layer && Number(button.dataset.head) === chosen);
    for (const button of buttons) {
      const [l, h] = placeOf(button);
      const off = headIsOff(interventions, kind, l, h);
      button.classList.toggle("is-off", off);
      setAttribute(button, "aria-label", words.headLabel(l, h, off));
      setAttribute(button.firstChild, "title", words.markTitle(off));
    }
  });

  /**
   * Draws the changes in the place of the pattern where they are looked at. The heads are marked first: a canvas whose face is
   * set waits for the styles of whatever has changed, and what changes after it makes the browser work them out again.
   */
  return function draw(view) {
    const { state, frame, pattern, changes, since, kind, open } = view;
    now = view;
    const width = Math.max(160, Math.min(widthOf(frameNode), 420));
    const { across, size } = folded(pattern.layers, width);
    const chosen = Math.min(state.layer, pattern.layers - 1);
    mark(place(pattern.layers, pattern.heads, across, size), chosen, state.head, kind, state.interventions);
    look(pointed);
    const [shown, steps, { largest }] = changes
      ? [since.small(), SIGNED_STEPS, frame.thumbnails_change]
      : [pattern, STEPS, frame.thumbnails];
    paint(shown, steps, largest, open.query, open.key, width, across, size, changes !== null, colours());
  };
}

/** Where a cell stands in a pattern of a size, large enough to be seen. */
function cellIn(size, query, key, { queries, keys }) {
  const [width, height] = [Math.max(3, size / keys), Math.max(3, size / queries)];
  return {
    x: ((key + 0.5) * size) / keys - width / 2,
    y: ((query + 0.5) * size) / queries - height / 2,
    width,
    height,
  };
}

/** The numbers of the layers above each band, those of the heads on its left. */
function paintNumbers(context, layers, fold, tint) {
  const { heads, across, size } = fold;
  context.font = sans(11, 500);
  context.fillStyle = tint.quiet;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let layer = 0; layer < layers; layer++) {
    const { x, y } = spot(layer, 0, fold);
    context.fillText(layer + 1, x + size / 2, y - LABEL / 2 - 2);
  }
  for (let layer = 0; layer < layers; layer += across) {
    for (let head = 0; head < heads; head++) {
      context.fillText(head + 1, LABEL / 2 - 4, spot(layer, head, fold).y + size / 2);
    }
  }
}
