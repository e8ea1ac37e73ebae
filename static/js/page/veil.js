// The veil over the page: what it leaves open around parts of it. It leaves open a line of text, or covers it; none is cut.

import { boxOf, zoomOf } from "../dom.js";

const MARGIN = 7; // px around a part
const RADIUS = 8;
const BLANK = { top: 0.16, bottom: 0.04 }; // of the height of a line, above and below what is written
const TOUCH = 12; // px of a line, or half of it, that do not make it a part's own
const TURNS = 3; // as with a line that belongs to a part others may
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

/** Whether a line stands at the height of a part, and not above or below it. */
const isBeside = (line, part) =>
  Math.min(line.bottom, part.bottom) - Math.max(line.top, part.top) > (line.bottom - line.top) / 2;

/** How far a line and a part share their places from left to right, in px. */
const shared = (line, part) => Math.min(line.right, part.right) - Math.max(line.left, part.left);

/** Whether a line belongs to what a part shows, though it may reach out of it. */
const belongs = (line, part) =>
  isBeside(line, part) && shared(line, part) > Math.min(TOUCH, (line.right - line.left) / 2);

/** A part as large as it takes to hold the lines that belong to it. */
function grown(part, lines) {
  const whole = hull([part, ...lines.filter((line) => belongs(line, part))]);
  return {
    left: Math.max(whole.left, part.left - MOST),
    top: Math.max(whole.top, part.top - MOST),
    right: Math.min(whole.right, part.right + MOST),
    bottom: Math.min(whole.bottom, part.bottom + MOST),
  };
}

/** A part with a margin, which ends before the next line. */
function spaced(part, lines) {
  const margin = { left: MARGIN, top: MARGIN, right: MARGIN, bottom: MARGIN };
  const least = (/** @type {keyof typeof margin} */ side, /** @type {number} */ gap) => {
    margin[side] = Math.min(margin[side], gap);
  };
  for (const line of lines.filter((one) => !belongs(one, part))) {
    if (isBeside(line, part)) {
      if (line.left < part.left) least("left", part.left - line.right);
      else least("right", line.left - part.right);
    } else if (shared(line, part) > -MARGIN) {
      if (line.bottom < (part.top + part.bottom) / 2) least("top", part.top - line.bottom);
      else least("bottom", line.top - part.bottom);
    }
  }
  return spread(part, margin);
}

const spread = (part, { left, top, right, bottom }) => ({
  left: part.left - left,
  top: part.top - top,
  right: part.right + right,
  bottom: part.bottom + bottom,
});

/** What is left open around parts: each with the lines that belong to it, those that come close to one another as one. */
export function opened(parts, lines) {
  const [out, back] = [MARGIN, -MARGIN].map((by) => ({ left: by, top: by, right: by, bottom: by }));
  let all = parts;
  for (let turn = 0; turn < TURNS; turn++) {
    all = apart(all.map((part) => spread(grown(part, lines), out))).map((part) => spread(part, back));
  }
  return all.map((part) => spaced(part, lines));
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
export function around(veil, groups, texts = []) {
  const { left: x, top: y, width, height } = boxOf(veil);
  const zoom = zoomOf(veil); // a part may be enlarged more than the veil is
  const inVeil = ({ left, top, right, bottom }) => ({
    left: left / zoom - x,
    top: top / zoom - y,
    right: right / zoom - x,
    bottom: bottom / zoom - y,
  });
  const lines = groups.length && texts.length ? linesIn(texts).map(inVeil) : [];
  const parts = groups.map((nodes) => inVeil(hull(nodes.map((node) => node.getBoundingClientRect()))));
  const rects = opened(parts, lines);
  return `path(evenodd, "M0 0H${width}V${height}H0z${rects.map(outline).join("")}")`;
}

/** How a part is brought into the window: by its top if it is higher than most of it, else as little as is needed. */
export function windowed(node) {
  return node.getBoundingClientRect().height > innerHeight / 2 ? "start" : "nearest";
}
