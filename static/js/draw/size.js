// How wide a canvas's place is, known without asking the layout: asking in the middle of a drawing would make the
// browser lay the page out at once, for every canvas again.

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
