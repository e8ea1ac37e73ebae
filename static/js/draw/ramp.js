// Ramps: from a number to a colour. A ramp is {css, packed, zero}: its steps as CSS colours and as the packed pixels of an
// image, and which step stands for 0.

const SEQUENTIAL = { steps: 256, power: 0.62, floor: 0.045 }; // small values stay visible; zero differs from the ground
const DIVERGING = { steps: 511, power: 0.8 };

/** [red, green, blue] of a computed colour, "rgb(1, 2, 3)". */
export function channels(colour) {
  return colour
    .match(/[\d.]+/g)
    .slice(0, 3)
    .map(Number);
}

function mix(from, to, part) {
  return from.map((channel, i) => Math.round(channel + (to[i] - channel) * part));
}

function rampOf(steps, zero) {
  return {
    css: steps.map(([r, g, b, alpha = 1]) => (alpha === 1 ? `rgb(${r},${g},${b})` : `rgba(${r},${g},${b},${alpha})`)),
    packed: Uint32Array.from(
      steps,
      ([r, g, b, alpha = 1]) => ((Math.round(255 * alpha) << 24) | (b << 16) | (g << 8) | r) >>> 0,
    ),
    zero,
  };
}

/** From the ground's colour for 0 to the deepest for 1. */
export function sequential(ground, deepest) {
  const { steps, power, floor } = SEQUENTIAL;
  const [from, to] = [ground, deepest].map(channels);
  const part = (step) => floor + (1 - floor) * (step / (steps - 1)) ** power;
  return rampOf(
    Array.from({ length: steps }, (_, step) => mix(from, to, part(step))),
    0,
  );
}

/** From one colour for -1 over the ground's for 0 to the other for 1. */
export function diverging(ground, below, above) {
  const { steps, power } = DIVERGING;
  const [middle, ...ends] = [ground, below, above].map(channels);
  const half = (steps - 1) / 2;
  const at = (value) => mix(middle, value < 0 ? ends[0] : ends[1], Math.abs(value) ** power);
  return rampOf(
    Array.from({ length: steps }, (_, step) => at(step / half - 1)),
    half,
  );
}

/** The half of a diverging ramp that stands for what is not above zero. */
export function belowZero({ css, packed, zero }) {
  return { css: css.slice(0, zero + 1), packed: packed.slice(0, zero + 1), zero };
}

/** One colour over whatever lies below, from the palest opacity for 0 to the deepest for 1. */
export function fading(colour, palest, deepest = 1) {
  const { steps, power } = SEQUENTIAL;
  const opacity = (step) => palest + (deepest - palest) * (step / (steps - 1)) ** power;
  return rampOf(
    Array.from({ length: steps }, (_, step) => [...channels(colour), opacity(step)]),
    0,
  );
}

/** The CSS colour of a value from -1 or 0 to 1; beyond, the last one. */
export function colourOf({ css, zero }, value) {
  const span = css.length - 1 - zero;
  return css[zero + Math.round(span * Math.max(zero ? -1 : 0, Math.min(1, value)))];
}

/** How many steps of a ramp one unit is, where `largest` gets the last. */
export function gainOf({ css, zero }, largest) {
  return (css.length - 1 - zero) / (largest || 1);
}

/** The ramp itself, from its first step to its last, in strokes of `stroke` px; between whole pixels they overlap. */
export function paintRamp(context, { css }, x, y, width, height, stroke = 1) {
  for (let at = 0; at < width; at++) {
    context.fillStyle = css[Math.round(((css.length - 1) * at) / (width - 1))];
    context.fillRect(x + at, y, stroke, height);
  }
}
