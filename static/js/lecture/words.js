// What the lecture says: its keys, its order, its second window, and what is wrong with an order that cannot be read.

/** Of an order that somebody gave: one sentence, which ends with what becomes of it. */
const KEPT = "Nothing of what was here has changed.";
export const DAMAGED = {
  noJson: `This file holds no order: it is no JSON. ${KEPT}`,
  noOrder: `This file holds no order of a lecture. ${KEPT}`,
  newer: `This order was made by a newer Cutaway, and cannot be read here. ${KEPT}`,
  cutOff: `The order in this link is damaged or cut off. ${KEPT}`,
  long: (n, most) => `This order has ${n} items; at most ${most} are read. ${KEPT}`,
  noLink: (at) => `Item ${at} of this order has no link to an exhibit. ${KEPT}`,
  longLink: (at, most) => `The link of item ${at} is longer than ${most} characters. ${KEPT}`,
  longNote: (at, most) => `The note of item ${at} is no text of at most ${most} characters. ${KEPT}`,
};

export const KEYS = {
  title: "Keys",
  rows: [
    ["→ · Page down · Space", "on"],
    ["← · Page up", "back"],
    ["Home · End", "first, last"],
    ["↑ · ↓", "what lies above or below"],
    ["T", "write in the text; Escape ends it"],
    ["P", "pin the state, or release it"],
    ["B", "blank"],
    ["C", "colours"],
    ["O", "the order"],
    ["N", "notes, in a second window"],
    ["F", "full screen"],
    ["Escape", "leave"],
  ],
};

export const CLOSE = "Close";

export const THEMES = {
  paper: "Paper",
  blueprint: "Blueprint",
  projector: "Projector",
  "colour-blind": "Colour-blind",
};

export const ORDER = {
  title: "Lecture",
  empty: "Without an order, a lecture goes through every step of every exhibit, on the text in the box.",
  lead: "A lecture goes from item to item. Each is a state of the page; its note stands in the second window.",
  start: "Start",
  resume: "Go on",
  add: "Add this state",
  addSteps: "Add these steps",
  link: "Copy link",
  save: "Save file",
  open: "Open file",
  former: "Order before",
  note: (at) => `Note to item ${at}`,
  placeholder: "A note for yourself",
  go: "Show",
  up: "Up",
  down: "Down",
  remove: "Remove",
  name: "cutaway-lecture.json",
  copied: "The link is copied; it holds the whole order.",
  refused: (link) => `The browser did not let it be copied: ${link}`,
  opened: (n) => `Opened: ${n} ${n === 1 ? "item" : "items"}.`,
  added: (n) => `Added: ${n} ${n === 1 ? "item" : "items"}.`,
  full: (most) => `An order holds at most ${most} items; nothing was added.`,
  long: (most) => `The link to this state is longer than ${most} characters and was not added.`,
};

/** An item in short: "Attention, step 3 · bert · “The dog …”". */
export function itemSaid({ stop, step, model, text }) {
  const short = text.length > 44 ? `${text.slice(0, 43)}…` : text;
  return `${stop}${step === null ? "" : `, step ${step + 1}`} · ${model}${short ? ` · “${short}”` : ""}`;
}

/** Where one is: "3 of 7". */
export const placeSaid = (at, of) => (at < 0 ? "" : `${at + 1} of ${of}`);

export const PINNED = (said) => `pinned: ${said}`;
export const NO_WINDOW = "The browser did not open a second window; let this page open one, and press N again.";
export const THEME_SAID = (theme) => `Colours: ${THEMES[theme]}`;

export const NOTES = {
  title: "Notes · Cutaway",
  waits: "Waiting for the lecture: it is found when its window is open and shows a step.",
  now: "Now",
  next: "Next",
  last: "This is the last.",
  none: "No note.",
  back: "‹ Back",
  on: "On ›",
  since: (minutes, seconds) => `${minutes}:${String(seconds).padStart(2, "0")}`,
  gone: "The lecture's window is closed.",
};

/** Of a list that is too long for a slide. */
export const leftOut = (n) => `… and ${n} more`;
