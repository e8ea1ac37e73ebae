// Canvases in the page: how wide their place is, known without asking the layout (asking in the middle of a drawing would
// make the browser lay the page out at once, for every canvas again), and how many of the device's pixels that is.

import { zoomOf } from "../dom.js";

const widths = new WeakMap();
const nodes = new WeakSet();
let changed = () => {};
const observer = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) widths.set(target, contentRect.width);
  changed();
});

/** Calls `listener` after any watched width has changed. */
export function onResize(listener) {
  changed = listener;
  addEventListener("resize", forgetRatio);
}

/** The width of a node's content in CSS pixels, whole; 0 as long as it is hidden. */
export function widthOf(node) {
  if (!nodes.has(node)) {
    nodes.add(node);
    observer.observe(node);
    widths.set(node, node.clientWidth);
  }
  return Math.floor(widths.get(node));
}

let ratio = 0; // 0: not known since the window was last resized

/** Has it be asked again: the page is enlarged otherwise. */
export function forgetRatio() {
  ratio = 0;
}

/** How many of the device's pixels one of the page's is. */
export function pixelRatio() {
  ratio ||=
    (devicePixelRatio || 1) *
    zoomOf(document.querySelector(".exhibit:not([hidden]) .picture") ?? document.querySelector(".gradio-container"));
  return ratio;
}

let recorder = null; // gives what a drawing is written down by, while one is

/** Draws with what `record(canvas, context, ratio, size)` gives for a canvas in the place of its own context. */
export function recorded(record, draw) {
  recorder = record;
  try {
    draw();
  } finally {
    recorder = null;
  }
}

const WIDTH = Object.getOwnPropertyDescriptor(globalThis.CanvasRenderingContext2D?.prototype ?? {}, "lineWidth");
const THICKER = 1.7; // for a projector

/** Has all lines of a context drawn thicker, or as they are asked for. */
function weigh(context, by) {
  if (by === 1) delete context.lineWidth;
  else {
    const get = () => WIDTH.get.call(context) / by;
    Object.defineProperty(context, "lineWidth", {
      configurable: true,
      get,
      set: (width) => WIDTH.set.call(context, width * by),
    });
  }
}

/** Gives a canvas a backing store for its size in CSS pixels and returns a context whose unit is the CSS pixel. */
export function fit(canvas, width, height) {
  const ratio = pixelRatio();
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.textRendering = "optimizeSpeed"; // no ligatures: a token's characters must stay apart
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  weigh(context, document.documentElement.dataset.theme === "projector" ? THICKER : 1);
  return recorder ? recorder(canvas, context, ratio, { width, height }) : context;
}
