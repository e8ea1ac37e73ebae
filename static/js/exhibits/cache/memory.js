// The memory: how the cache grows with the text, with this model's own heads, with others and with a rolling window; and
// the same in numbers.

import { apart } from "../../draw/labels.js";
import { sans } from "../../draw/type.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { axes, roundUp } from "./clock.js";
import { OWN_VARIANT, VARIANT, bytesTick, fullBarIs, size, variantHeads } from "./words.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [58, 58, 14, 34];
export const HEIGHT = 196;
const LABEL = 14; // px between two labels

/** The bytes of a variant after `n` tokens. */
const after = ({ per_token: each, rolling, window }, n) =>
  each * n - (window === null ? 0 : rolling * Math.max(0, n - window));

/** A power of two of at least 32 that leaves the newest token some room on its right. */
export function span(n, most) {
  let longest = 32;
  while (longest < n * 1.15) longest *= 2;
  return Math.max(n, Math.min(longest, Math.max(most, 32)));
}

/**
 * Draws the growth; `cache` is the field of the frame, `longest` the last number of tokens on the axis, `former` the same
 * field of the pinned state, or null.
 */
export function paint(context, width, cache, longest, former, tint) {
  const variants = cache.variants.filter((variant) => variant.per_token !== null);
  const unitOf = 1024 ** Math.floor(Math.log2(Math.max(...variants.map((one) => after(one, longest)))) / 10);
  const most = roundUp(Math.max(...variants.map((one) => after(one, longest))) / unitOf) * unitOf;
  const layout = { width, height: HEIGHT, left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM, most, longest };
  const unit = (value) => bytesTick(value, unitOf);
  const { x, y } = axes(context, { ...layout, unit }, tint);
  const ends = variants
    .map((variant) => ({ variant, y: y(after(variant, longest)) }))
    .sort((a, b) => a.y - b.y || Number(b.variant.own) - Number(a.variant.own));
  const heights = ends.map((end) => end.y);
  const labels = apart(heights, LABEL, 0, HEIGHT - BOTTOM);
  for (const [index, { variant }] of ends.entries()) {
    const own = variant.own;
    context.strokeStyle = own ? tint.ink : tint.residual;
    context.lineWidth = own ? 2.25 : 1.25;
    context.setLineDash(variant.name === "window" ? [4, 3] : []);
    context.beginPath();
    context.moveTo(x(0), y(0));
    const bend = variant.window === null ? longest : Math.min(longest, variant.window);
    context.lineTo(x(bend), y(after(variant, bend)));
    context.lineTo(x(longest), y(after(variant, longest)));
    context.stroke();
    context.setLineDash([]);
    context.font = sans(11, own ? 650 : 450);
    context.fillStyle = own ? tint.ink : tint.quiet;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(VARIANT[variant.name], width - RIGHT + 8, labels[index]);
  }
  const dot = ({ n_tokens: n, n_bytes: bytes }, radius) => {
    context.beginPath();
    context.arc(x(n), y(bytes), radius, 0, 2 * Math.PI);
  };
  if (former) {
    dot(former, 5);
    context.fillStyle = tint.paper;
    context.fill();
    context.strokeStyle = tint.ink;
    context.lineWidth = 1.5;
    context.stroke();
  }
  dot(cache, 5);
  context.fillStyle = tint.gold;
  context.fill();
}

function row() {
  const cells = ["name", "heads", "bytes"].map((name) => {
    const cell = element("span", name);
    cell.setAttribute("role", "cell");
    return cell;
  });
  const node = element("div", "variant", ...cells.slice(0, 2), element("i", "bar-fill"), cells[2]);
  node.setAttribute("role", "row");
  return node;
}

/** What a full bar stands for, in bytes: the next power of two, so that bars grow with the text until they are full. */
export function fullBar(most) {
  return 2 ** Math.ceil(Math.log2(Math.max(1, most)));
}

/** The rows below: every variant at this length, a bar and its bytes; the model's own is marked. */
export function mountVariants(table, scale) {
  const take = pool(table, row);
  return function fill({ variants, n_tokens: n }) {
    const nodes = take(variants.length);
    const most = fullBar(Math.max(...variants.map((variant) => variant.n_bytes ?? 0)));
    setText(scale, fullBarIs(most));
    variants.forEach((variant, index) => {
      const [name, heads, bar, bytes] = nodes[index].children;
      const { n_bytes: held, own } = variant;
      setText(name, VARIANT[variant.name]);
      setText(heads, variantHeads(variant, n));
      setText(bytes, held === null ? "" : size(held));
      bar.style.transform = `scaleX(${((held ?? 0) / most).toFixed(4)})`;
      nodes[index].classList.toggle("own", own);
      setAttribute(nodes[index], "aria-label", own ? OWN_VARIANT : null);
    });
  };
}
