// The colours of the theme that is on, as the style sheet has them, for what is drawn on canvas: the one place where a
// drawing's colours are read from the page, once for each theme.

import { colourOf, diverging, sequential } from "../draw/ramp.js";

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

const known = new Map(); // by theme

function read() {
  const probe = document.createElement("span");
  probe.className = "probe";
  document.querySelector(".shell").append(probe);
  const resolve = (role) => {
    probe.style.color = `var(--${role})`;
    return getComputedStyle(probe).color;
  };
  const roles = Object.fromEntries(ROLES.map((role) => [role, resolve(role)]));
  const experts = EXPERTS.map(resolve);
  const deepest = resolve("attention-deep");
  probe.remove();
  const signed = diverging(roles.card, roles.negative, roles.positive);
  return {
    ...roles,
    experts,
    sequential: sequential(roles.card, deepest),
    diverging: signed,
    signed: (value) => colourOf(signed, value),
  };
}

/**
 * A CSS colour by role; `sequential`, the ramp from the card to the deepest violet, `diverging`, that of signed values,
 * and `signed(value)`, its colour for -1 to 1. The same object as long as the theme and the
 * faces stay.
 */
export function colours() {
  const { theme } = document.documentElement.dataset;
  if (!known.has(theme)) known.set(theme, read());
  return known.get(theme);
}

/** Has the colours be other objects from now on, so that all that was drawn in them is drawn again. */
export function forgetColours() {
  known.clear();
}

let queries = null;
const asked = () =>
  (queries ??= ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"].map((one) =>
    matchMedia(one),
  ));

/** The theme that is on: the one that was chosen, else as the system says; where that forces colours, it alone decides. */
export function themeOf(chosen, isPrinted) {
  const [dark, forced] = asked();
  const own = dark.matches ? "blueprint" : "paper";
  if (isPrinted) return "paper";
  return forced.matches ? own : (chosen ?? own);
}

/** Calls `listener` when the system says otherwise. */
export function onTheme(listener) {
  for (const query of asked()) {
    query.addEventListener("change", () => {
      forgetColours();
      listener();
    });
  }
}
