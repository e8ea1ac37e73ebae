// A part of the page as SVG: what the browser has laid out, each line of text where it stands, as text; canvases as
// they were written down (recorder.js); drawings in SVG as they are.
//
// Controls are left out, as on paper: on a slide there is nothing to press.

import { boxShapes, clipTo } from "./boxes.js";
import { textShapes } from "./lines.js";
import { attributes, paint, short, weightOf } from "./shapes.js";

/** What a figure leaves out: what is to be pressed, and what only a screen reader hears. */
export const LEFT_OUT = [
  ".take",
  "button.back",
  ".pinned.idle",
  ".open-large",
  ".try",
  '.switch [aria-checked="false"]',
  ".power",
  ".brush",
  ".add",
  ".link.aside",
  ".suggestions",
  ".reset",
  ".draw",
  ".write",
  ".follow",
  ".onward",
  ".next-place",
  ".visually-hidden",
  "input",
  "select",
  "textarea",
].join(",");

const DRAWN = [
  "fill",
  "fill-opacity",
  "fill-rule",
  "stroke",
  "stroke-opacity",
  "stroke-width",
  "stroke-linecap",
].concat(
  ["stroke-linejoin", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight", "font-style"],
  ["text-anchor", "dominant-baseline", "marker-start", "marker-end"],
);
const COLOURS = { fill: "fill-opacity", stroke: "stroke-opacity" };

/** A drawing in SVG with all that dresses it written into it. */
function drawing(node, written) {
  const style = getComputedStyle(node);
  if (style.display === "none" || style.visibility === "hidden") return "";
  const own = Object.fromEntries(
    [...node.attributes]
      .filter(({ name }) => !/^(class|style|id|aria-.*|role|data-.*|tabindex|xmlns)$/.test(name))
      .map(({ name, value }) => [name, value]),
  );
  const dressed = Object.fromEntries(DRAWN.map((name) => [name, style.getPropertyValue(name)]));
  for (const [role, opacity] of Object.entries(COLOURS)) {
    if (/^(none|url)/.test(dressed[role])) continue;
    Object.assign(dressed, paint(role, dressed[role], Number(dressed[opacity])));
  }
  Object.assign(dressed, weightOf(dressed["font-weight"]));
  dressed["font-family"] = dressed["font-family"].replaceAll('"', "'");
  const isGroup = node.localName === "g" || node.localName === "svg";
  const inner = [...node.childNodes]
    .map((child) => {
      if (child.nodeType === Node.ELEMENT_NODE) return drawing(child, written);
      if (child.nodeType !== Node.TEXT_NODE || !child.data.trim()) return "";
      written.add(child.data, { family: style.fontFamily, weight: style.fontWeight, style: style.fontStyle });
      return child.data.replace(/[&<>]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[one]);
    })
    .join("");
  const kept = isGroup ? { opacity: dressed.opacity === "1" ? null : dressed.opacity } : dressed;
  return `<${node.localName}${attributes({ ...own, ...kept })}>${inner}</${node.localName}>`;
}

/** Writes down a part of the page: `box` gives where a rectangle of the browser's stands in the figure. */
export class Markup {
  /** `recordings` of canvases; `written`, what is written; `name()` names clips; `zoom` of the page. */
  constructor(root, { recordings, written, name, zoom }) {
    this.recordings = recordings;
    this.written = written;
    this.name = name;
    this.zoom = zoom;
    const { left, top } = root.getBoundingClientRect();
    this.origin = { left, top };
    this.bitmaps = 0; // canvases that nothing was written down of
  }

  box({ left, top, width, height }) {
    const own = (length) => length / this.zoom;
    return {
      x: own(left - this.origin.left),
      y: own(top - this.origin.top),
      width: own(width),
      height: own(height),
    };
  }

  element(node) {
    if (node.matches(LEFT_OUT)) return "";
    const style = getComputedStyle(node);
    if (style.display === "none") return "";
    const rect = node.getBoundingClientRect();
    const box = this.box(rect);
    const isSeen = style.visibility === "visible";
    let inner = "";
    if (isSeen && style.display !== "contents") {
      const rects = style.display === "inline" ? [...node.getClientRects()] : [rect];
      inner += rects.map((one) => boxShapes(this.box(one), style, this.name)).join("");
    }
    if (isSeen) inner += this.pseudo(node, "::before");
    if (node.localName === "canvas") inner += isSeen ? this.canvas(node, box) : "";
    else if (node.localName === "svg") inner += isSeen ? this.svg(node, box) : "";
    else inner += this.children(node, style, isSeen);
    if (isSeen) inner += this.pseudo(node, "::after");
    if (!inner) return "";
    const overflows = node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1;
    const isCut = style.overflow !== "visible" && style.display !== "inline" && overflows;
    const clip =
      isCut || (style.clipPath === "none" ? false : style.overflow === "hidden") ? clipTo(box, style, this.name) : null;
    const opacity = style.opacity === "1" ? null : style.opacity;
    if (clip === null && opacity === null) return inner;
    return `${clip?.definition ?? ""}<g${attributes({ opacity, "clip-path": clip?.clip })}>${inner}</g>`;
  }

  children(node, style, isSeen) {
    return [...node.childNodes]
      .map((child) => {
        if (child.nodeType === Node.ELEMENT_NODE) return this.element(/** @type {Element} */ (child));
        if (child.nodeType === Node.TEXT_NODE && isSeen) return textShapes(child, style, this);
        return "";
      })
      .join("");
  }

  canvas(node, { x, y, width, height }) {
    const recording = this.recordings.get(node);
    if (!recording) {
      if (!node.width || !node.height || !width) return "";
      this.bitmaps++;
      return `<image${attributes({ x, y, width, height, "xlink:href": node.toDataURL("image/png") })}/>`;
    }
    const { size } = recording;
    const id = this.name();
    const scaled =
      width === size.width && height === size.height ? "" : ` scale(${width / size.width} ${height / size.height})`;
    const inner = `<g clip-path="url(#${id})">${recording.markup()}</g>`;
    return (
      `<clipPath id="${id}"><rect${attributes({ width: size.width, height: size.height })}/></clipPath>` +
      `<g transform="translate(${short(x)} ${short(y)})${scaled}">${inner}</g>`
    );
  }

  svg(node, { x, y, width, height }) {
    const viewBox = node.getAttribute("viewBox") ?? `0 0 ${short(width)} ${short(height)}`;
    const ratio = node.getAttribute("preserveAspectRatio");
    const overflow = getComputedStyle(node).overflow;
    const inner = [...node.children].map((child) => drawing(child, this.written)).join("");
    const place = { x, y, width, height, viewBox, preserveAspectRatio: ratio, overflow };
    return `<svg${attributes(place)}>${inner}</svg>`;
  }

  /** What CSS puts before or behind: put into the page for a moment, since a browser does not say where it stands. */
  pseudo(node, which) {
    const style = getComputedStyle(node, which);
    if (style.content === "none" || style.content === "normal" || style.display === "none") return "";
    const stand = document.createElement("i");
    for (const name of style) stand.style.setProperty(name, style.getPropertyValue(name));
    const words = /^"(.*)"$/.exec(style.content);
    stand.textContent = words ? words[1] : "";
    node.dataset.stood = which;
    if (which === "::before") node.prepend(stand);
    else node.append(stand);
    const shapes = this.element(stand);
    stand.remove();
    delete node.dataset.stood;
    return shapes;
  }
}
