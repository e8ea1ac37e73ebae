// The veil over the page: what it leaves open around parts of it.

import { boxOf, zoomOf } from "../dom.js";

const MARGIN = 7; // px around a part
const RADIUS = 8;

const overlap = (one, other) =>
  one.left <= other.right && other.left <= one.right && one.top <= other.bottom && other.top <= one.bottom;

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

/** A rectangle with round corners, as part of a path. */
function outline({ left, top, right, bottom }) {
  const r = Math.max(0, Math.min(RADIUS, (right - left) / 2, (bottom - top) / 2));
  const arc = (x, y) => `a${r} ${r} 0 0 1 ${x} ${y}`;
  const [width, height] = [right - left - 2 * r, bottom - top - 2 * r];
  return `M${left + r} ${top}h${width}${arc(r, r)}v${height}${arc(-r, r)}h${-width}${arc(-r, -r)}v${-height}${arc(r, -r)}z`;
}

/** The clip of a veil that leaves open what is around each group of nodes: the form of CSS's clip-path. */
export function around(veil, groups) {
  const { left: x, top: y, width, height } = boxOf(veil);
  const zoom = zoomOf(veil); // a part may be enlarged more than the veil is
  const rects = groups.map((nodes) => {
    const { left, top, right, bottom } = hull(nodes.map((node) => node.getBoundingClientRect()));
    return {
      left: left / zoom - x - MARGIN,
      top: top / zoom - y - MARGIN,
      right: right / zoom - x + MARGIN,
      bottom: bottom / zoom - y + MARGIN,
    };
  });
  return `path(evenodd, "M0 0H${width}V${height}H0z${apart(rects).map(outline).join("")}")`;
}

/** How a part is brought into the window: by its top if it is higher than most of it, else as little as is needed. */
export function windowed(node) {
  return node.getBoundingClientRect().height > innerHeight / 2 ? "start" : "nearest";
}
