// A canvas's drawing as SVG: a context that draws as it is told, and writes down the same as shapes and text.
//
// It is a real context with notes taken, so that what is asked of it (widths of text, the transform) is answered as
// ever, and the picture on the page stays as it is.

import { MOST_CELLS } from "../draw/raster.js";
import { Path, stretch } from "./path.js";
import { attributes, channelsOf, escaped, paint, short, typeOf } from "./shapes.js";

const ANCHORS = { left: "start", start: "start", right: "end", end: "end", center: "middle" };
const FONT = /^(?:(italic|oblique) )?(?:[a-z-]+ )*?(?:(\d+|bold) )?([\d.]+)px (.+)$/;

/** A canvas's font as {style, weight, size, family}. */
function fontOf(font) {
  const [, style = "normal", weight = "400", size, family] = FONT.exec(font);
  return { style, weight: weight === "bold" ? "700" : weight, size: Number(size), family };
}

/** The picture that a canvas holds, as the address of a PNG. */
function pngOf(image) {
  const copy = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  copy.getContext("2d").drawImage(image, 0, 0);
  return copy.toDataURL("image/png");
}

/** The part of an image that is drawn, of the nine arguments that say so. */
function partOf(image, [left, top, width, height]) {
  const part = new OffscreenCanvas(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)));
  part.getContext("2d").drawImage(image, -Math.round(left), -Math.round(top));
  return part;
}

/** The pixels of a small image as shapes: a path for each colour, a rectangle for each run of it. */
function pixelShapes(image, place) {
  const { width, height } = image;
  const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(image, 0, 0);
  const pixels = new Uint32Array(copy.getImageData(0, 0, width, height).data.buffer);
  const byColour = new Map();
  for (let y = 0; y < height; y++) {
    for (let x = 0, end; x < width; x = end) {
      const colour = pixels[y * width + x];
      for (end = x + 1; end < width && pixels[y * width + end] === colour; ) end++;
      if (colour >>> 24 === 0) continue;
      const run = place(x, y, end - x);
      byColour.set(colour, (byColour.get(colour) ?? "") + run);
    }
  }
  return [...byColour]
    .map(([colour, d]) => {
      const [red, green, blue, alpha] = [0, 8, 16, 24].map((shift) => (colour >>> shift) & 255);
      return `<path${attributes({ d, ...paint("fill", `rgba(${red},${green},${blue},${alpha / 255})`) })}/>`;
    })
    .join("");
}

/** Takes notes of one canvas. `recordings` are those of others; `written`, what is written; `name()` names clips. */
export class Recording {
  constructor(context, ratio, size, { recordings, written, name }) {
    this.context = context;
    this.ratio = ratio;
    this.size = size;
    this.recordings = recordings;
    this.written = written;
    this.name = name;
    this.out = [];
    this.open = [0]; // groups to close, by depth of save()
    this.last = null; // the last path, as long as nothing came after it
    this.transform = () => {
      const { a, b, c, d, e, f } = context.getTransform();
      const own = (value) => value / ratio;
      return { a: own(a), b: own(b), c: own(c), d: own(d), e: own(e), f: own(f) };
    };
    this.path = new Path(this.transform);
  }

  /** What a painter draws with. */
  recorder() {
    const own = (name) => Object.hasOwn(Recording.prototype, `on_${String(name)}`);
    return new Proxy(this.context, {
      get: (context, name) => {
        if (name === "isVector") return true;
        const value = context[name];
        if (typeof value !== "function") return value;
        return (...given) => {
          if (own(name)) this[`on_${String(name)}`](...given);
          else if (typeof this.path[name] === "function") this.path[name](...given);
          return value.apply(context, given);
        };
      },
      set: (context, name, value) => {
        context[name] = value;
        return true;
      },
    });
  }

  markup() {
    return this.out.join("") + "</g>".repeat(this.open.reduce((sum, count) => sum + count, 0));
  }

  put(markup) {
    this.last = null;
    this.out.push(markup);
  }

  /**
   * A filled path; one of the same opaque colour as the one before is drawn with it. Round ones stand alone: dots lie
   * over one another, and LibreOffice loses parts of a path that crosses itself.
   */
  filled(d, rule = null) {
    const { fillStyle, globalAlpha } = this.context;
    const isOpaque = globalAlpha === 1 && channelsOf(fillStyle)[3] === 1;
    const key = isOpaque && rule === null && !/[AC]/.test(d) ? fillStyle : null;
    if (key !== null && this.last?.key === key) {
      this.last.d += d;
    } else {
      this.put("");
      this.last = { key, d };
    }
    this.out[this.out.length - 1] =
      `<path${attributes({ d: this.last.d, "fill-rule": rule, ...paint("fill", fillStyle, globalAlpha) })}/>`;
  }

  lined() {
    const { strokeStyle, globalAlpha, lineWidth, lineCap, lineJoin, lineDashOffset } = this.context;
    const wide = stretch(this.transform());
    return {
      ...paint("stroke", strokeStyle, globalAlpha),
      "stroke-width": short(lineWidth * wide),
      "stroke-linecap": lineCap === "butt" ? null : lineCap,
      "stroke-linejoin": lineJoin === "miter" ? null : lineJoin,
      "stroke-dasharray": this.context
        .getLineDash()
        .map((length) => short(length * wide))
        .join(" "),
      "stroke-dashoffset": lineDashOffset ? short(lineDashOffset * wide) : null,
    };
  }

  rectangle(x, y, width, height) {
    const path = new Path(this.transform);
    path.rect(x, y, width, height);
    return path.data;
  }

  on_beginPath() {
    this.path = new Path(this.transform);
  }

  on_fill(rule) {
    if (this.path.data) this.filled(this.path.data, rule === "evenodd" ? rule : null);
  }

  on_fillRect(x, y, width, height) {
    this.filled(this.rectangle(x, y, width, height));
  }

  on_stroke() {
    if (this.path.data) this.put(`<path${attributes({ d: this.path.data, fill: "none", ...this.lined() })}/>`);
  }

  on_strokeRect(x, y, width, height) {
    this.put(`<path${attributes({ d: this.rectangle(x, y, width, height), fill: "none", ...this.lined() })}/>`);
  }

  on_clearRect(x, y, width, height) {
    const isWhole = x <= 0 && y <= 0 && width >= this.size.width && height >= this.size.height;
    if (!isWhole) throw new Error("a part of a canvas is cleared, which shapes cannot show; clear it whole");
    this.put("");
    this.out.length = 0;
  }

  on_save() {
    this.open.push(0);
  }

  on_restore() {
    if (this.open.length > 1) this.put("</g>".repeat(this.open.pop()));
  }

  on_clip() {
    const id = this.name();
    const { data } = this.path;
    // A clip to nothing hides all in a browser, and nothing in a PDF.
    if (data) this.put(`<clipPath id="${id}"><path d="${data}"/></clipPath><g clip-path="url(#${id})">`);
    else this.put('<g display="none">');
    this.open[this.open.length - 1]++;
  }

  on_fillText(text, x, y) {
    this.text(text, x, y, paint("fill", this.context.fillStyle, this.context.globalAlpha));
  }

  on_strokeText(text, x, y) {
    this.text(text, x, y, { fill: "none", ...this.lined() });
  }

  text(said, x, y, painting) {
    const text = String(said);
    if (!text.trim()) return;
    const { context } = this;
    const { a, b, c, d, e, f } = this.transform();
    const { size, ...face } = fontOf(context.font);
    const { width, alphabeticBaseline } = context.measureText(text);
    const isTurned = b !== 0 || c !== 0 || a !== 1 || d !== 1;
    const baseline = y - alphabeticBaseline;
    this.written.add(text, face);
    this.put(
      `<text${attributes({
        x: isTurned ? x : x + e,
        y: isTurned ? baseline : baseline + f,
        transform: isTurned
          ? `matrix(${[a, b, c, d].map((part) => part.toFixed(4)).join(" ")} ${short(e)} ${short(f)})`
          : null,
        "text-anchor": ANCHORS[context.textAlign] === "start" ? null : ANCHORS[context.textAlign],
        textLength: Array.from(text).length > 1 ? short(width) : null,
        lengthAdjust: Array.from(text).length > 1 ? "spacingAndGlyphs" : null,
        ...typeOf(face, size),
        ...painting,
      })}>${escaped(text)}</text>`,
    );
  }

  on_drawImage(whole, /** @type {any[]} */ ...places) {
    const image = places.length > 4 ? partOf(whole, /** @type {any} */ (places)) : whole;
    const { a, b, c, d, e, f } = this.transform();
    const other = this.recordings.get(image);
    const [x, y, width = other?.size.width ?? image.width, height = other?.size.height ?? image.height] =
      places.length > 4 ? places.slice(4) : places;
    const group = (inner, across, down) => {
      const matrix = [a * across, b * across, c * down, d * down, a * x + c * y + e, b * x + d * y + f];
      const opacity = this.context.globalAlpha < 1 ? this.context.globalAlpha : null;
      this.put(`<g${attributes({ transform: `matrix(${matrix.map(fine).join(" ")})`, opacity })}>${inner}</g>`);
    };
    if (other) return group(other.markup(), width / other.size.width, height / other.size.height);
    const scale = /** @type {const} */ ([width / image.width, height / image.height]);
    const isSharp = !this.context.imageSmoothingEnabled || Math.abs(scale[0] * this.ratio - 1) < 0.01;
    const isShrunk = scale[0] * this.ratio < 1;
    if (image.width * image.height <= MOST_CELLS && (isSharp || isShrunk)) {
      const shapes = pixelShapes(image, (at, row, run) => `M${at} ${row}h${run}v1h${-run}z`);
      // Cells narrower than a pixel would leave seams between them.
      return group(isSharp ? shapes : `<g shape-rendering="crispEdges">${shapes}</g>`, ...scale);
    }
    const rendering = this.context.imageSmoothingEnabled ? null : "image-rendering:pixelated";
    const { width: wide, height: high } = image;
    const shown = { width: wide, height: high, style: rendering, "xlink:href": pngOf(image) };
    group(`<image${attributes(shown)}/>`, ...scale);
  }
}

const fine = (value) => String(Math.round(value * 1e5) / 1e5 || 0);
