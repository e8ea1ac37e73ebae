// What CSS draws of an element besides its text, as SVG: ground, gradients, borders, rounded corners.

import { Path } from "./path.js";
import { attributes, isClear, paint, short } from "./shapes.js";

const SIDES = ["top", "right", "bottom", "left"];
const still = () => ({ a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 });
const px = (value) => Number.parseFloat(value) || 0;

/** The outline of a box with its corners rounded, moved inwards by `inset`. */
function outlineOf({ x, y, width, height }, style, inset = 0) {
  const corner = (name) => {
    const given = style.getPropertyValue(`border-${name}-radius`);
    const radius = given.endsWith("%") ? (px(given) / 100) * Math.min(width, height) : px(given);
    return Math.max(0, radius - inset);
  };
  const path = new Path(still);
  const radii = ["top-left", "top-right", "bottom-right", "bottom-left"].map(corner);
  path.roundRect(x + inset, y + inset, width - 2 * inset, height - 2 * inset, radii);
  return path.data;
}

/** Splits at commas that stand in no brackets. */
export function parts(text) {
  const found = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 0) found.push("");
    else found[found.length - 1] += character;
  }
  return found.map((part) => part.trim());
}

/**
 * The stripes of a gradient that repeats, a path for each colour: an editor or a PDF may show such a gradient once only.
 * `stops` {colour, at} with hard edges, along a line from (cx, cy) into the direction (across, down).
 */
function stripes(stops, { cx, cy, across, down, length }, { width, height }) {
  const period = stops.at(-1).at - stops[0].at;
  const reach = (Math.abs(width * down) + Math.abs(height * across)) / 2;
  const drawn = stops.slice(1).map(({ colour, at }, index) => {
    const wide = at - stops[index].at;
    if (wide <= 0 || colour !== stops[index].colour || isClear(colour) || period <= 0) return "";
    let d = "";
    for (let along = at - wide / 2 - Math.ceil(at / period) * period; along - wide / 2 < length; along += period) {
      if (along + wide / 2 <= 0) continue;
      const [x, y] = [cx + across * along, cy + down * along];
      d += `M${short(x - down * reach)} ${short(y + across * reach)}`;
      d += `L${short(x + down * reach)} ${short(y - across * reach)}`;
    }
    return `<path${attributes({ d, fill: "none", ...paint("stroke", colour), "stroke-width": wide })}/>`;
  });
  return drawn.join("");
}

/** What a linear gradient of CSS paints over a box; "" for what is none. */
function gradient(image, box, style, name) {
  const { x, y, width, height } = box;
  const match = /^(repeating-)?linear-gradient\((.*)\)$/.exec(image);
  if (!match || parts(image).length > 1) return "";
  const [first, ...others] = parts(match[2]);
  const named = { "to right": 90, "to left": 270, "to top": 0, "to bottom": 180 };
  const isAngle = first.endsWith("deg") || first in named;
  const angle = ((named[first] ?? (isAngle ? px(first) : 180)) * Math.PI) / 180;
  const [across, down] = [Math.sin(angle), -Math.cos(angle)];
  const length = Math.abs(width * across) + Math.abs(height * down);
  const stops = (isAngle ? others : [first, ...others]).flatMap((stop) => {
    const [, colour, places] = /^(.*?\)|[a-z#0-9]+)((?: +[\d.]+(?:px|%))*)$/.exec(stop) ?? [null, stop, ""];
    const at = places.trim().split(/\s+/).filter(Boolean);
    const along = (place) => (place.endsWith("%") ? (px(place) / 100) * length : px(place));
    return at.length ? at.map((place) => ({ colour, at: along(place) })) : [{ colour, at: null }];
  });
  if (stops[0].at === null) stops[0].at = 0;
  if (stops.at(-1).at === null) stops.at(-1).at = length;
  stops.forEach((stop, index) => {
    if (stop.at === null) stop.at = (stops[index - 1].at + stops[index + 1].at) / 2;
  });
  const [cx, cy] = [x + width / 2 - (across * length) / 2, y + height / 2 - (down * length) / 2];
  if (match[1]) {
    const { definition, clip } = clipTo(box, style, name);
    return `${definition}<g clip-path="${clip}">${stripes(stops, { cx, cy, across, down, length }, box)}</g>`;
  }
  const id = name();
  const inner = stops
    .map(({ colour, at }) => `<stop${attributes({ offset: at / length, ...stopped(colour) })}/>`)
    .join("");
  const ends = { x1: cx, y1: cy, x2: cx + across * length, y2: cy + down * length };
  const definition = { id, ...ends, gradientUnits: "userSpaceOnUse" };
  return (
    `<linearGradient${attributes(definition)}>${inner}</linearGradient>` +
    `<path${attributes({ d: outlineOf(box, style), fill: `url(#${id})` })}/>`
  );
}

function stopped(colour) {
  const { fill, "fill-opacity": opacity } = paint("fill", colour);
  return { "stop-color": fill, "stop-opacity": opacity };
}

/** How the line of a border is drawn. */
function lined({ width, colour, kind }) {
  const dashes = { dashed: [3, 2], dotted: [1, 2] }[kind] ?? [];
  const lengths = dashes.map((times) => short(times * width)).join(" ");
  return { ...paint("stroke", colour), "stroke-width": width, "stroke-dasharray": lengths };
}

/** The borders: one outline where all sides are alike, else a line for each. */
function borders(box, style) {
  const of = (side) => ({
    width:
      style.getPropertyValue(`border-${side}-style`) === "none"
        ? 0
        : px(style.getPropertyValue(`border-${side}-width`)),
    colour: style.getPropertyValue(`border-${side}-color`),
    kind: style.getPropertyValue(`border-${side}-style`),
  });
  const sides = SIDES.map(of);
  const [top] = sides;
  if (sides.every(({ width, colour, kind }) => width === top.width && colour === top.colour && kind === top.kind)) {
    if (top.width === 0 || isClear(top.colour)) return "";
    const d = outlineOf(box, style, top.width / 2);
    return `<path${attributes({ d, fill: "none", ...lined(top) })}/>`;
  }
  const { x, y, width, height } = box;
  const lines = [
    (half) => [x, y + half, x + width, y + half],
    (half) => [x + width - half, y, x + width - half, y + height],
    (half) => [x, y + height - half, x + width, y + height - half],
    (half) => [x + half, y, x + half, y + height],
  ];
  return sides
    .map((side, index) => {
      if (side.width === 0 || isClear(side.colour)) return "";
      const [x1, y1, x2, y2] = lines[index](side.width / 2);
      return `<line${attributes({ x1, y1, x2, y2, ...lined(side) })}/>`;
    })
    .join("");
}

/** Ground and borders of a box {x, y, width, height} that is dressed in a computed style. */
export function boxShapes(box, style, name) {
  if (box.width <= 0 || box.height <= 0) return "";
  const ground = isClear(style.backgroundColor)
    ? ""
    : `<path${attributes({ d: outlineOf(box, style), ...paint("fill", style.backgroundColor) })}/>`;
  const shading = style.backgroundImage === "none" ? "" : gradient(style.backgroundImage, box, style, name);
  return ground + shading + borders(box, style);
}

/** A clip to a box, {definition, clip}. */
export function clipTo(box, style, name) {
  const id = name();
  return { definition: `<clipPath id="${id}"><path d="${outlineOf(box, style)}"/></clipPath>`, clip: `url(#${id})` };
}
