// What the sheet says, and what a figure says of itself.

import { toldNeuron } from "../state/neurons.js";
import { NEUTRAL } from "../state/state.js";

export const SHEET = {
  title: "Take it with you",
  close: "Close",
  part: "Which part",
  how: "How",
  captioned: "Its caption under it",
  ground: "The paper behind it",
  theme: "Theme",
  themes: { paper: "Paper", blueprint: "Blueprint" },
  picture: "Picture",
  numbers: "Its numbers",
  elsewhere: "Elsewhere",
  python: "The same numbers in Python",
  drawing: "Drawing …",
  making: (kind) => `Making the ${kind} …`,
  saved: (name, bytes) => `Saved as ${name}, ${size(bytes)}.`,
  copied: (what) => `${what}: copied.`,
  refused: (what, why) => `The ${what} could not be made: ${why}`,
  noNumbers: "This picture has no numbers beside those that stand in it.",
  preview: (name) => `The figure as it will be saved: ${name}`,
};

/** The buttons, by what they do: a face and what it means. */
export const FILES = {
  svg: ["SVG", "Save as SVG: sharp at any size, text stays text"],
  png1: ["PNG", "Save as PNG, as large as on the page"],
  png2: ["PNG 2×", "Save as PNG, twice as large"],
  png4: ["PNG 4×", "Save as PNG, four times as large"],
  pdf: ["PDF", "Save as PDF"],
  csv: ["CSV", "Save the numbers as CSV, a row each, with their labels"],
  npz: ["NPZ", "Save the numbers for NumPy, with axes and labels"],
  html: ["Page", "Save a page that opens without this server"],
  link: ["Link", "Copy the link to this very state"],
  embed: ["Embed", "Copy the code that shows this figure in a page of yours"],
  python: ["Copy", "Copy the lines of Python"],
};

export function size(bytes) {
  return bytes < 1000
    ? `${bytes} bytes`
    : bytes < 1e6
      ? `${Math.round(bytes / 1000)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** What was changed in the model, in words. */
function changed(interventions) {
  const names = Object.keys(interventions).filter((name) => name !== "by");
  if (!names.length) return null;
  const said = names.map((name) => {
    const value = interventions[name];
    if (name === "mask") return `mask ${value}`;
    if (name.startsWith("neuron.")) return toldNeuron(name, value);
    const place = name.replace(/\d+/g, (number) => String(Number(number) + 1));
    return value === "off" ? `${place} off` : `${place} ${value}`;
  });
  return `changed: ${said.join(", ")}${interventions.by ? ` (by its ${interventions.by})` : ""}`;
}

/** What was set of sampling, in words. */
function sampled(sampling) {
  const set = Object.entries(sampling).filter(([name, value]) => value !== NEUTRAL[name]);
  return set.length ? set.map(([name, value]) => `${name.replace("_", "-")} ${value}`).join(", ") : null;
}

/** The caption: what the figure shows, of which model, made of which text, and where it opens again. */
export function captionOf({ name, title, state, model, addressed, about, link }) {
  const place = [
    addressed.includes("layer") ? `layer ${state.layer + 1}` : null,
    addressed.includes("head") ? `head ${state.head + 1}` : null,
  ];
  const what = name === title ? title : `${title}: ${name}`;
  const facts = [
    `${model.family.toUpperCase()} ${state.model}${about.revision ? ` (weights ${about.revision})` : ""}`,
    ...place,
    sampled(state.sampling),
    changed(state.interventions),
  ].filter(Boolean);
  return `${what}. ${facts.join(", ")}. Text: “${state.text}”. Cutaway ${about.version}, ${link}`;
}

/** A file's name without its ending. */
export function fileName({ exhibit, name, title }) {
  const part =
    name === title
      ? ""
      : `-${name
          .normalize("NFKD")
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, "-")
          .replace(/^-|-$/g, "")}`;
  return `cutaway-${exhibit}${part}`.slice(0, 80).replace(/-$/, "");
}

/** A page of its own. */
export const PAGE = {
  needs: "This page was saved: other numbers than those that stand in it need the server.",
  saved: (version) => `Saved from Cutaway ${version}. What changes a number needs the server:`,
  live: "open it live",
};
