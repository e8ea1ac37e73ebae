// How wide a text is, known without a canvas of the page: there, another font would ask the layout.

const MOST_KNOWN = 2000;

const known = new Map(); // by font: by text
let pen = null;

/** The width of a text in a font, in px. */
export function widthIn(font, text) {
  if (!known.has(font)) known.set(font, new Map());
  const widths = known.get(font);
  if (!widths.has(text)) {
    if (widths.size > MOST_KNOWN) widths.clear();
    pen ??= new OffscreenCanvas(1, 1).getContext("2d");
    pen.font = font;
    widths.set(text, pen.measureText(text).width);
  }
  return widths.get(text);
}

/** Forgets all widths: a face has come. */
export function forgetWidths() {
  known.clear();
}
