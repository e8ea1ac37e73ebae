// One figure of the page as an SVG document: its drawing, its caption, the faces it is written in, and what it is.
//
// The same state gives the same bytes: nothing in it tells of the clock or of the machine.

import { zoomOf } from "../dom.js";
import { Markup } from "./markup.js";
import { Recording } from "./recorder.js";
import { Written, attributes, escaped, namer, paint, short } from "./shapes.js";

const MARGIN = 16; // px around the figure
const [ROOM, DIM] = [6, 0.72]; // px around what a step is about, and how much of the rest its veil takes
const CAPTION = { size: 11, line: 16, gap: 14 };

/** A pen that knows how wide a text is in a face. */
function penOf(font) {
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  pen.font = font;
  return pen;
}

/** Lines of a text that fit into a width. */
function wrapped(text, width, pen) {
  const lines = [""];
  for (const word of text.split(/(?<= )|(?<=[/&?#=])/)) {
    if (lines.at(-1) && pen.measureText(lines.at(-1) + word).width > width) lines.push("");
    lines[lines.length - 1] += word;
  }
  return lines.map((line) => line.trim()).filter(Boolean);
}

/** The caption as lines of text below a figure of a size, each as wide as it is in our face, whichever there is. */
function captionShapes(lines, { top, style, written, ink, pen }) {
  const face = { family: style.getPropertyValue("--sans"), weight: "400", style: "normal" };
  return lines
    .map((line, index) => {
      written.add(line, face);
      const y = top + (index + 1) * CAPTION.line - 4;
      const type = { "font-family": face.family.replaceAll('"', "'"), "font-size": CAPTION.size, "font-weight": 400 };
      const wide = { textLength: pen.measureText(line).width, lengthAdjust: "spacingAndGlyphs" };
      return `<text${attributes({ x: MARGIN, y, ...wide, ...type, ...paint("fill", ink) })}>${escaped(line)}</text>`;
    })
    .join("");
}

/** The colour behind a role of the style sheet, in the theme that is on. */
function colourOf(role) {
  const probe = document.createElement("span");
  probe.style.color = `var(${role})`;
  document.querySelector(".shell").append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** What the figure is, for programs: Dublin Core, which Inkscape and catalogues read. */
function metadata({ title, caption, link, version }) {
  const said = { title, description: caption, source: link, creator: `Cutaway ${version}`, format: "image/svg+xml" };
  const entries = Object.entries(said).map(([name, value]) => `<dc:${name}>${escaped(value)}</dc:${name}>`);
  return (
    `<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"` +
    ` xmlns:dc="http://purl.org/dc/elements/1.1/">` +
    `<rdf:Description rdf:about="">${entries.join("")}</rdf:Description></rdf:RDF></metadata>`
  );
}

/** The faces as a style sheet; `faces` are those that the server has cut to what is written. */
export function faceRules(faces) {
  return faces
    .map(
      ({ family, style, weights, data }) =>
        `@font-face{font-family:"${family}";font-style:${style};font-weight:${weights};` +
        `src:url(data:font/woff2;base64,${data}) format("woff2")}`,
    )
    .join("");
}

/**
 * A drawing of a part of the page: {shapes, width, height, written, bitmaps, colours}. `record(notes, then)` draws the
 * open exhibit anew with what `notes` gives for a context, and does `then` while it is so. All but `foci`, lists of nodes
 * in it, is dimmed; nothing is where there are none.
 *
 * @param {Element} node
 * @param {(notes: Function, then: () => any) => any} record
 * @param {Element[][]} foci
 * @returns {{shapes: string, width: number, height: number, written: Written, bitmaps: number, colours: any}}
 */
export function drawn(node, record, foci = []) {
  const [recordings, written, name] = [new Map(), new Written(), namer()];
  const notes = (canvas, context, ratio, size) => {
    const recording = new Recording(context, ratio, size, { recordings, written, name });
    recordings.set(canvas, recording);
    return recording.recorder();
  };
  return record(notes, () => laidOut(node, foci, { recordings, written, name }));
}

/** What dims all of a part but the places of some nodes in it, as the guide does on the page; "" where none is in it. */
function veil(node, foci, markup, paper) {
  const inside = foci.flat().filter((one) => node.contains(one));
  if (inside.length === 0) return "";
  const path = ({ x, y, width, height }) =>
    `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`;
  const whole = markup.box(node.getBoundingClientRect());
  const inner = foci
    .map((nodes) => nodes.filter((one) => node.contains(one)).map((one) => markup.box(one.getBoundingClientRect())))
    .filter((boxes) => boxes.length)
    .map((boxes) => around(boxes, whole));
  const { x, y, width, height } = whole; // what hangs over its edges is dimmed too
  const outer = { x: x - MARGIN, y: y - MARGIN, width: width + 2 * MARGIN, height: height + 2 * MARGIN };
  const d = [outer, ...apart(inner)].map(path).join("");
  return `<path${attributes({ d, "fill-rule": "evenodd", ...paint("fill", paper), "fill-opacity": DIM })}/>`;
}

/** The box around some, with some room, and within the outer one. */
function around(boxes, outer) {
  const left = Math.max(outer.x, Math.min(...boxes.map(({ x }) => x)) - ROOM);
  const top = Math.max(outer.y, Math.min(...boxes.map(({ y }) => y)) - ROOM);
  const right = Math.min(outer.x + outer.width, Math.max(...boxes.map(({ x, width }) => x + width)) + ROOM);
  const bottom = Math.min(outer.y + outer.height, Math.max(...boxes.map(({ y, height }) => y + height)) + ROOM);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Boxes of which none meets another: those that meet are one, or where they meet it would be dim again. */
function apart(boxes) {
  const meet = (one, other) =>
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height;
  const found = [];
  for (let box of boxes) {
    for (let at = found.findIndex((one) => meet(one, box)); at >= 0; at = found.findIndex((one) => meet(one, box))) {
      const [one] = found.splice(at, 1);
      const [x, y] = [Math.min(one.x, box.x), Math.min(one.y, box.y)];
      const width = Math.max(one.x + one.width, box.x + box.width) - x;
      box = { x, y, width, height: Math.max(one.y + one.height, box.y + box.height) - y };
    }
    found.push(box);
  }
  return found;
}

function laidOut(node, foci, { recordings, written, name }) {
  const zoom = zoomOf(node);
  const markup = new Markup(node, { recordings, written, name, zoom });
  const { width, height } = node.getBoundingClientRect();
  const colours = { paper: colourOf("--paper"), quiet: colourOf("--quiet") };
  const shapes = markup.element(node) + veil(node, foci, markup, colours.paper);
  return { shapes, width: width / zoom, height: height / zoom, written, bitmaps: markup.bitmaps, colours };
}

/**
 * The document around a drawing.
 *
 * @param {ReturnType<typeof drawn>} drawing
 * @param {{title: string, caption: string, link: string, version: string}} about
 * @param {{isCaptioned: boolean, isClear?: boolean, facesFor: (faces: any[]) => Promise<any[]>}} how
 */
export async function documentOf(drawing, about, { isCaptioned, isClear = false, facesFor }) {
  const { written } = drawing;
  const width = Math.ceil(drawing.width) + 2 * MARGIN;
  const style = getComputedStyle(document.documentElement);
  const pen = penOf(`400 ${CAPTION.size}px ${style.getPropertyValue("--sans")}`);
  const lines = isCaptioned ? wrapped(about.caption, width - 2 * MARGIN, pen) : [];
  const top = Math.ceil(drawing.height) + MARGIN + CAPTION.gap;
  const height = top - CAPTION.gap + MARGIN + (lines.length ? CAPTION.gap + lines.length * CAPTION.line - 6 : 0);
  const caption = captionShapes(lines, { top, style, written, ink: drawing.colours.quiet, pen });
  const rules = faceRules(await facesFor(written.list()));
  const ground = isClear ? "" : `<rect${attributes({ width, height, ...paint("fill", drawing.colours.paper) })}/>`;
  const size = { width: short(width), height: short(height), viewBox: `0 0 ${width} ${height}` };
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg"` +
    ` xmlns:xlink="http://www.w3.org/1999/xlink"${attributes(size)}` +
    ` xml:space="preserve" role="img"><title>${escaped(about.title)}</title><desc>${escaped(about.caption)}</desc>` +
    metadata(about) +
    `<style>text{white-space:pre;font-variant-ligatures:none}${rules}</style>${ground}` +
    `<g transform="translate(${MARGIN} ${MARGIN})">${drawing.shapes}</g>${caption}</svg>\n`
  );
}
