// Small parts of SVG as text: numbers, escapes, colours and faces, the same for what was drawn on a canvas and for
// markup.

const OUTSIDE_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A text as XML may hold it; what it may not hold becomes U+FFFD. */
export function escaped(text) {
  return String(text)
    .replace(OUTSIDE_XML, "\ufffd")
    .replace(/[&<>"]/g, (character) => ENTITIES[character]);
}

/** A length with two decimals at most. */
export const short = (value) => String(Math.round(value * 100) / 100 || 0);

/** Attributes of an element; those of null or "" are left out. */
export function attributes(values) {
  return Object.entries(values)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => ` ${name}="${escaped(typeof value === "number" ? short(value) : value)}"`)
    .join("");
}

let probe = null;

/** The channels that a browser makes of any CSS colour, [red, green, blue, alpha]. */
function painted(colour) {
  probe ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = probe.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
}

/** A CSS colour as [red, green, blue, alpha]: the first three to 255, the last to 1. */
export function channelsOf(colour) {
  if (/^#[0-9a-f]{6}$/i.test(colour)) {
    return [...[1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)), 1];
  }
  const numbers = (colour.match(/-?[\d.]+(?:e-?\d+)?%?/g) ?? []).map(Number.parseFloat);
  if (/^rgba?\(/.test(colour)) return [...numbers.slice(0, 3), numbers[3] ?? 1];
  if (/^color\(srgb /.test(colour)) {
    return [...numbers.slice(0, 3).map((part) => Math.round(255 * part)), numbers[3] ?? 1];
  }
  return painted(colour);
}

/** The attributes that paint with a colour: `role` is "fill" or "stroke". */
export function paint(role, colour, opacity = 1) {
  const [red, green, blue, alpha] = channelsOf(colour);
  const hex = [red, green, blue].map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("");
  const seen = alpha * opacity;
  return { [role]: `#${hex}`, [`${role}-opacity`]: seen < 1 ? Math.round(seen * 1000) / 1000 : null };
}

/** Whether nothing is seen of a colour. */
export const isClear = (colour) => colour === "transparent" || channelsOf(colour)[3] === 0;

/** The characters that a figure writes, by face: what of the faces has to be embedded. */
export class Written {
  constructor() {
    this.faces = new Map();
  }

  /** Takes note of a text; `family` is a CSS list, of which the first counts. */
  add(text, { family, weight, style }) {
    const first = family.split(",")[0].trim().replaceAll('"', "");
    const key = `${first}|${style}`;
    if (!this.faces.has(key)) this.faces.set(key, { family: first, style, weights: new Set(), characters: new Set() });
    const face = this.faces.get(key);
    face.weights.add(Number(weight) || 400);
    for (const character of text) face.characters.add(character);
  }

  /** All of it in one order, whatever order it was written in. */
  list() {
    const up = (one, other) => one - other;
    return [...this.faces.keys()].sort().map((key) => {
      const { family, style, weights, characters } = this.faces.get(key);
      return { family, style, weights: [...weights].sort(up), characters: [...characters].sort().join("") };
    });
  }
}

/**
 * The attributes of a weight: editors know whole hundreds and take all else for 400, so theirs is the nearest, and
 * browsers, which heed the style first, get the weight itself.
 */
export function weightOf(weight) {
  const hundred = Math.round(Number(weight) / 100) * 100;
  return { "font-weight": hundred, style: hundred === Number(weight) ? null : `font-weight:${weight}` };
}

/** The attributes of a face. */
export function typeOf({ family, weight, style }, size) {
  return {
    "font-family": family.replaceAll('"', "'"),
    "font-size": size,
    ...weightOf(weight),
    "font-style": style === "normal" ? null : style,
  };
}

/** Declarations of a style attribute as one; null where there are none. */
export const styled = (...declarations) => declarations.filter(Boolean).join(";") || null;

/** Gives names for what is defined in one figure: "c1", "c2". */
export function namer() {
  let count = 0;
  return () => `c${++count}`;
}
