// The words of the drawing: pooled spans, placed by their middle height and by their start, middle or end. What is set in
// mono is a token or a number; in all others, terms carry their definitions.

import { element, pool, setText } from "../../dom.js";
import { setTerms } from "../../page/terms.js";

const SHIFT = { start: "0", middle: "-50%", end: "-100%" };

/** `write(kind, items)` shows {text, x, y, anchor, mark} items; `kind` and `mark` are classes, `mark` may change. */
export function mountSpans(parent) {
  const pools = new Map();
  const written = new WeakMap();
  return function write(kind, items) {
    if (!pools.has(kind))
      pools.set(
        kind,
        pool(parent, () => element("span")),
      );
    const nodes = pools.get(kind)(items.length);
    items.forEach(({ text, x, y, anchor = "start", mark = "", most }, index) => {
      const node = nodes[index];
      (kind === "diagonal" || mark.includes("mono") ? setText : setTerms)(node, text);
      const key = `${x.toFixed(1)} ${y.toFixed(1)} ${anchor} ${mark} ${most}`;
      if (written.get(node) === key) return;
      written.set(node, key);
      node.className = `word ${kind} ${mark}`;
      node.style.maxWidth = most ? `${most}px` : "";
      node.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(${SHIFT[anchor]}, -50%)`;
    });
  };
}
