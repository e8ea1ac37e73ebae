// A figure as PDF: the SVG document drawn by svg2pdf.js into a page of its size, text as text in the faces that it
// names.

import { attributes } from "./shapes.js";

/** From the sources, and from the built file. */
const VENDOR = import.meta.url.replace(/(js\/figures|built)\/[^/]*$/, "js/vendor/pdf.js");
const PT = 0.75; // points to a px of CSS
const SHARP = 4; // times as many pixels as px, for signs that come as pictures
const TALL = { above: 1.1, below: 0.4 }; // of a sign, for a font size of 1

const first = (families) => families.split(",")[0].trim().replaceAll("'", "");

/** A sign that no face of ours holds, as the browser draws it with others: the address of a PNG. */
function signOf(text, node, width, size) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * SHARP);
  canvas.height = Math.ceil((TALL.above + TALL.below) * size * SHARP);
  const context = canvas.getContext("2d");
  context.scale(SHARP, SHARP);
  const { fontStyle, fontWeight, fontFamily, fill } = getComputedStyle(node);
  context.font = `${fontStyle} ${fontWeight} ${size}px ${fontFamily}`;
  context.fillStyle = fill;
  context.fillText(text, 0, TALL.above * size);
  return canvas.toDataURL("image/png");
}

/**
 * Takes a text apart into words, each where it stood, since a PDF has other kerning than the browser; signs that its
 * face does not hold become pictures.
 */
function apart(node, isHeld) {
  const text = node.textContent;
  const runs = [];
  for (const character of text) {
    const held = character === " " ? null : isHeld(character);
    if (runs.at(-1)?.held === held) runs.at(-1).text += character;
    else runs.push({ held, text: character, at: runs.reduce((sum, run) => sum + run.text.length, 0) });
  }
  const shown = runs.filter(({ held }) => held !== null);
  const size = Number(node.getAttribute("font-size"));
  const group = document.createElementNS(node.namespaceURI, "g");
  if (node.hasAttribute("transform")) group.setAttribute("transform", node.getAttribute("transform"));
  const shapes = shown.map((run) => {
    const { x, y } = node.getStartPositionOfChar(run.at);
    const width = node.getSubStringLength(run.at, run.text.length);
    if (!run.held) {
      const place = { x, y: y - TALL.above * size, width, height: (TALL.above + TALL.below) * size };
      return `<image${attributes({ ...place, href: signOf(run.text, node, width, size) })}/>`;
    }
    const part = node.cloneNode(false);
    for (const name of ["transform", "text-anchor", "textLength", "lengthAdjust"]) part.removeAttribute(name);
    part.setAttribute("x", x);
    part.setAttribute("y", y);
    part.textContent = run.text;
    return part.outerHTML;
  });
  group.innerHTML = shapes.join("");
  node.replaceWith(group);
}

/** Colours to a thousandth, where jsPDF gives its hundredth, which shows in a light ground. */
function exactColours(pdf) {
  for (const name of ["setFillColor", "setDrawColor"]) {
    const set = pdf[name];
    pdf[name] = (...channels) =>
      set.apply(
        pdf,
        channels.map((one) => (typeof one === "number" ? (one / 255).toFixed(3) : one)),
      );
  }
}

/** Texts as wide as the browser has them, which kerns; jsPDF does not, so it spreads the difference over the letters. */
function kerned(pdf, faces) {
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  pen.textRendering = "geometricPrecision"; // else each letter is as wide as whole pixels are
  const write = pdf.text;
  pdf.text = (text, x, y, how) => {
    const face = faces.find((_, index) => pdf.getFont().postScriptName === `face${index}.ttf`);
    if (!face) return write.call(pdf, text, x, y, how);
    pen.font = `${face.style} ${face.weights} ${pdf.getFontSize()}px "${face.family}"`;
    const charSpace = (pen.measureText(text).width - pdf.getTextWidth(text)) / text.length;
    return write.call(pdf, text, x, y, { ...how, charSpace });
  };
}

/**
 * @param {string} svg a document without faces in it
 * @param {{faces: {family: string, style: string, weights: string, data: string}[], missing: {family: string, style:
 *   string,   characters: string}[]}} cut the faces as TrueType, one for each weight, and what they do not hold
 * @param {{title: string, caption: string, version: string}} about
 */
export async function pdfOf(svg, { faces, missing }, { title, caption, version }) {
  const { jsPDF, svg2pdf } = await import(VENDOR);
  const root = /** @type {any} */ (new DOMParser().parseFromString(svg, "image/svg+xml").documentElement);
  const [width, height] = ["width", "height"].map((side) => PT * Number(root.getAttribute(side)));
  const pdf = new jsPDF({
    unit: "pt",
    format: [width, height],
    orientation: width > height ? "l" : "p",
    compress: true,
  });
  pdf.setProperties({ title, subject: caption, creator: `Cutaway ${version}` });
  faces.forEach(({ family, style, weights, data }, index) => {
    pdf.addFileToVFS(`face${index}.ttf`, data);
    pdf.addFont(`face${index}.ttf`, family, style, Number(weights));
  });
  exactColours(pdf);
  kerned(pdf, faces);
  const place = document.createElement("div");
  place.style.cssText = "position:absolute;visibility:hidden;left:-99999px;text-rendering:geometricPrecision";
  place.append(root);
  document.body.append(place); // it asks the browser how long a text is
  try {
    const without = new Map(missing.map(({ family, style, characters }) => [`${family}|${style}`, characters]));
    for (const node of root.querySelectorAll("text")) {
      const face = `${first(node.getAttribute("font-family"))}|${node.getAttribute("font-style") ?? "normal"}`;
      const left = without.get(face) ?? "";
      if (node.textContent.includes(" ") || [...node.textContent].some((character) => left.includes(character))) {
        apart(node, (character) => !left.includes(character));
      }
    }
    await svg2pdf(root, pdf, { x: 0, y: 0, width, height });
  } finally {
    place.remove();
  }
  return pdf.output("blob");
}
