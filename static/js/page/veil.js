// The veil over the page: what it leaves open around parts of it. It leaves open a line of text, or covers it; none is cut.

import { boxOf, zoomOf } from "../dom.js";

const MARGIN = 7; // px around a part
const RADIUS = 8;
const BLANK = { top: 0.16, bottom: 0.04 }; // of the height of a line, above and below what is written
const TOUCH = 1; // px of a line that may stand in the light by chance
const MOST = 96; // px by which a part is taken to be larger, so that a line in it is lit with its end

const overlap = (one, other) =>
  one.left <= other.right && other.left <= one.right && one.top <= other.bottom && other.top <= one.bottom;

const SEEN = { opacityProperty: true, visibilityProperty: true };

/** The least rectangle around several. */
function hull(rects) {
  return {
    left: Math.min(...rects.map(({ left }) => left)),
    top: Math.min(...rects.map(({ top }) => top)),
    right: Math.max(...rects.map(({ right }) => right)),
    bottom: Math.max(...rects.map(({ bottom }) => bottom)),
  };
}

/** Rectangles of which no two overlap: those that do have become one. */
export function apart(rects) {
  const done = [];
  for (let rect of rects) {
    for (let i = 0; i < done.length; ) {
      if (overlap(done[i], rect)) {
        rect = hull([rect, ...done.splice(i, 1)]);
        i = 0;
      } else i++;
    }
    done.push(rect);
  }
  return done;
}

/** Where what is written stands within nodes, line by line, as rectangles of the window. */
function linesIn(nodes) {
  const range = document.createRange();
  const lines = [];
  for (const node of nodes) {
    const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = /** @type {Text} */ (texts.currentNode);
      if (!text.data.trim() || !text.parentElement.checkVisibility(SEEN)) continue;
      range.selectNodeContents(text);
      for (const { left, top, right, bottom, width, height } of range.getClientRects()) {
        if (width > 2)
          lines.push({ left, right, top: top + BLANK.top * height, bottom: bottom - BLANK.bottom * height });
      }
    }
  }
  return lines;
}

/**
 * A part with its margin: as large as it takes to hold the lines that reach out of it, and with no more around it than
 * there is before the next one.
 */
export function cleared(part, lines) {
  const isBeside = (line, box) =>
    Math.min(line.bottom, box.bottom) - Math.max(line.top, box.top) > (line.bottom - line.top) / 2;
  const isWithin = (line, box) => line.left < box.right - TOUCH && box.left + TOUCH < line.right;
  const whole = hull([part, ...lines.filter((line) => isBeside(line, part) && isWithin(line, part))]);
  const { left, top, right, bottom } = {
    left: Math.max(whole.left, part.left - MOST),
    top: Math.max(whole.top, part.top - MOST),
    right: Math.min(whole.right, part.right + MOST),
    bottom: Math.min(whole.bottom, part.bottom + MOST),
  };
  const box = { left, top, right, bottom };
  const margin = { left: MARGIN, top: MARGIN, right: MARGIN, bottom: MARGIN };
  const least = (/** @type {keyof typeof margin} */ side, /** @type {number} */ gap) => {
    margin[side] = Math.min(margin[side], gap);
  };
  for (const line of lines) {
    if (isBeside(line, box)) {
      if (line.right <= left + TOUCH) least("left", left - line.right);
      else if (line.left >= right - TOUCH) least("right", line.left - right);
    } else if (isWithin(line, box)) {
      if (line.bottom < (top + bottom) / 2) least("top", top - line.bottom);
      else least("bottom", line.top - bottom);
    }
  }
  return {
    left: left - margin.left,
    top: top - margin.top,
    right: right + margin.right,
    bottom: bottom + margin.bottom,
  };
}

/** A rectangle with round corners, as part of a path. */
function outline({ left, top, right, bottom }) {
  const r = Math.max(0, Math.min(RADIUS, (right - left) / 2, (bottom - top) / 2));
  const arc = (x, y) => `a${r} ${r} 0 0 1 ${x} ${y}`;
  const [width, height] = [right - left - 2 * r, bottom - top - 2 * r];
  return `M${left + r} ${top}h${width}${arc(r, r)}v${height}${arc(-r, r)}h${-width}${arc(-r, -r)}v${-height}${arc(r, -r)}z`;
}

/**
 * The clip of a veil that leaves open what is around each group of nodes, with the texts that stand in `texts`: the form of
 * CSS's clip-path.
 */
export function around(veil, groups, texts) {
  const { left: x, top: y, width, height } = boxOf(veil);
  const zoom = zoomOf(veil); // a part may be enlarged more than the veil is
  const inVeil = ({ left, top, right, bottom }) => ({
    left: left / zoom - x,
    top: top / zoom - y,
    right: right / zoom - x,
    bottom: bottom / zoom - y,
  });
  const lines = groups.length ? linesIn(texts).map(inVeil) : [];
  const parts = groups.map((nodes) => inVeil(hull(nodes.map((node) => node.getBoundingClientRect()))));
  const rects = parts.map((part) => cleared(part, lines));
  return `path(evenodd, "M0 0H${width}V${height}H0z${apart(rects).map(outline).join("")}")`;
}

/** How a part is brought into the window: by its top if it is higher than most of it, else as little as is needed. */
export function windowed(node) {
  return node.getBoundingClientRect().height > innerHeight / 2 ? "start" : "nearest";
}
