// The roles' colours, as the style sheet has them, for what is drawn on canvas; and the ramps made of them.

const ROLES = [
  "paper",
  "card",
  "ink",
  "quiet",
  "hairline",
  "masked",
  "query",
  "query-ink",
  "key",
  "key-ink",
  "value",
  "value-ink",
  "attention",
  "attention-ink",
  "residual",
  "gold",
  "gold-ink",
  "gold-ground",
  "on-gold",
  "negative",
  "positive",
];
const EXPERTS = Array.from({ length: 8 }, (_, index) => `expert-${index + 1}`);
const RAMP_POWER = 0.62; // small probabilities stay visible; the scale beside each picture shows the ramp as it is
const RAMP_FLOOR = 0.045; // an allowed cell of probability zero still differs from the ground

const cache = new Map();

/** [red, green, blue] of a computed colour, "rgb(1, 2, 3)". */
function channels(text) {
  return text
    .match(/[\d.]+/g)
    .slice(0, 3)
    .map(Number);
}

function mix(from, to, part) {
  return from.map((channel, i) => Math.round(channel + (to[i] - channel) * part));
}

/** Colours as CSS and as packed pixels; `zero` is the one that stands for 0. */
function ramp(steps, zero) {
  return {
    css: steps.map(([r, g, b]) => `rgb(${r},${g},${b})`),
    packed: Uint32Array.from(steps, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0),
    zero,
  };
}

/**
 * The colours of the theme that is on: a CSS colour by role, `ramp` (256 steps from the card to the deepest violet),
 * `signed(v)` for v in -1..1, and `changes`, the same colours as a ramp.
 */
export function colours() {
  const theme = document.documentElement.dataset.theme;
  if (cache.has(theme)) return cache.get(theme);
  const probe = document.createElement("span");
  document.querySelector(".shell").append(probe);
  const resolve = (role) => {
    probe.style.color = `var(--${role})`;
    return getComputedStyle(probe).color;
  };
  const roles = Object.fromEntries(ROLES.map((role) => [role, resolve(role)]));
  const experts = EXPERTS.map(resolve);
  const deepest = resolve("attention-deep");
  probe.remove();
  const [card, negative, positive] = [roles.card, roles.negative, roles.positive].map(channels);
  const violets = Array.from({ length: 256 }, (_, i) =>
    mix(card, channels(deepest), RAMP_FLOOR + (1 - RAMP_FLOOR) * (i / 255) ** RAMP_POWER),
  );
  const between = (value) => mix(card, value < 0 ? negative : positive, Math.min(1, Math.abs(value)) ** 0.8);
  const result = {
    ...roles,
    experts,
    ramp: ramp(violets, 0),
    signed: (value) => `rgb(${between(value).join(",")})`,
    changes: ramp(
      Array.from({ length: 511 }, (_, i) => between(i / 255 - 1)),
      255,
    ),
  };
  cache.set(theme, result);
  return result;
}

/** Thin diagonal lines to fill with, `pitch` px apart. */
export function hatching(context, colour, pitch = 7) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = pitch;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.beginPath();
  pen.moveTo(-1, pitch + 1);
  pen.lineTo(pitch + 1, -1);
  pen.stroke();
  return context.createPattern(tile, "repeat");
}
