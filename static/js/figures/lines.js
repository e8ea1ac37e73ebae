// The text of an element as SVG: a line at a time, where the browser has put it, and as wide.

import { attributes, escaped, paint, short, styled, typeOf } from "./shapes.js";

const TRANSFORMS = {
  uppercase: (text) => text.toUpperCase(),
  lowercase: (text) => text.toLowerCase(),
};

let pen = null;
const heights = new Map();

/** How far a face reaches above and below its line, for a font size of 1. */
function reach({ fontStyle, fontWeight, fontFamily }) {
  const font = `${fontStyle} ${fontWeight} 100px ${fontFamily}`;
  if (!heights.has(font)) {
    pen ??= new OffscreenCanvas(1, 1).getContext("2d");
    pen.font = font;
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = pen.measureText("x");
    heights.set(font, above / (above + below));
  }
  return heights.get(font);
}

/** The lines of a text node, {text, rect}: a character that takes no room was no part of one. */
function linesOf(node, isVertical) {
  const range = document.createRange();
  range.selectNodeContents(node);
  const whole = [...range.getClientRects()].filter(({ width }) => width > 0);
  if (whole.length === 0) return [];
  if (isVertical) {
    const { left, right, top, height } = range.getBoundingClientRect();
    return [{ text: node.data.trim(), left, right, top, height }];
  }
  const lines = [];
  let at = 0;
  for (const character of node.data) {
    range.setStart(node, at);
    at += character.length;
    range.setEnd(node, at);
    const rect = [...range.getClientRects()].find(({ width }) => width > 0);
    if (!rect) continue;
    const isSpace = /\s/.test(character);
    let line = lines.at(-1);
    if (!line || Math.abs(line.top - rect.top) >= 1) {
      if (isSpace) continue; // in front of a line there is nothing to see
      line = { text: "", left: rect.left, right: rect.right, top: rect.top, height: rect.height };
      lines.push(line);
    }
    line.text += isSpace ? " " : character;
    if (!isSpace) [line.left, line.right] = [Math.min(line.left, rect.left), Math.max(line.right, rect.right)];
  }
  for (const line of lines) line.text = line.text.trimEnd();
  return lines;
}

/** A text node as `<text>` elements; `style` is its element's, `figure` a Markup. */
export function textShapes(node, style, figure) {
  if (!node.data.trim()) return "";
  const face = { family: style.fontFamily, weight: style.fontWeight, style: style.fontStyle };
  const isVertical = style.writingMode.startsWith("vertical");
  const shown = TRANSFORMS[style.textTransform] ?? ((text) => text);
  return linesOf(node, isVertical)
    .filter(({ text }) => text.trim())
    .map((line) => {
      const text = shown(line.text);
      const { x, y, width, height } = figure.box({ ...line, width: line.right - line.left });
      figure.written.add(text, face);
      const baseline = y + height * reach(style);
      const isOne = Array.from(text).length === 1;
      const type = typeOf(face, Number.parseFloat(style.fontSize));
      const numeric = style.fontVariantNumeric;
      return `<text${attributes({
        x: isVertical ? null : x,
        y: isVertical ? null : baseline,
        transform: isVertical ? `translate(${short(x + width * (1 - reach(style)))} ${short(y)}) rotate(90)` : null,
        textLength: isOne || isVertical ? null : short(width),
        lengthAdjust: isOne || isVertical ? null : "spacingAndGlyphs",
        ...type,
        style: styled(type.style, numeric === "normal" ? null : `font-variant-numeric:${numeric}`),
        ...paint("fill", style.color),
      })}>${escaped(text)}</text>`;
    })
    .join("");
}
