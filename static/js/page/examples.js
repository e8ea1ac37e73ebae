// Sentences to begin with, each chosen so that it shows something, and where to see it. A quiet list below the text box:
// one button opens it, arrow keys walk it, Escape closes it.

import { element, setAttribute, setText } from "../dom.js";
import { NONE } from "../state/interventions.js";
import { ask } from "../state/settings.js";

const STORY =
  "Once upon a time there was a little dog who lived in a big house near the park. Every day the dog ran to the door " +
  "and waited for his friend Tom. Tom was a kind boy, and he liked to play with the dog after school. One day it was " +
  "raining, and they could not go outside. The dog was sad. He looked at the rain and did not want to eat. ";

/** What stands in the list: the text, what it shows, the family that reads it, the exhibit that shows it best. */
const EXAMPLES = [
  {
    text: "Tom saw a red fox. Tom saw a red",
    shows: "Said twice: one head looks back at what followed the first time",
    family: "gpt",
    exhibit: "attention",
    find: "following",
  },
  {
    text: "Tom and Anna went to the park. Tom gave the ball to",
    shows: "Who gets it? The heads that decide between two names",
    family: "gpt",
    exhibit: "residual",
    set: { of: "difference" },
  },
  {
    text: "The dog was very [MASK] because it had no food.",
    shows: "A gap in the middle: only BERT and T5 can use what comes after it",
    family: "bert",
    exhibit: "trio",
    set: { task: "fill" },
  },
  {
    text: "Tom saw a <extra_id_0> in the park.",
    shows: "The same gap in T5's spelling: it writes what is missing",
    family: "t5",
    exhibit: "trio",
    set: { task: "fill" },
  },
  {
    text: "A man is walking with his dog in the park.",
    shows: "Into French: which word was read while each was written",
    family: "t5",
    exhibit: "trio",
    set: { task: "translate" },
  },
  {
    text: "translate English to French: A little girl is playing in the park.",
    shows: "The task is a few words in front of the text; cross-attention reads them too",
    family: "t5",
    exhibit: "attention",
    find: "decided",
  },
  {
    text: "a warm and funny film with a great heart",
    shows: "A judgement, written as a word",
    family: "t5",
    exhibit: "trio",
    set: { task: "sentiment" },
  },
  {
    text: "I ❤️ 你好 👨‍👩‍👧 and naïve cafés",
    shows: "What looks like one sign is many bytes; some vocabularies have no entry for it",
    family: "gpt",
    exhibit: "tokens",
  },
  {
    text: "def area(r):\n\tif r < 0:\n\t\treturn None\n\treturn 3.14159 * r ** 2",
    shows: "Code: tabs, line ends and numbers, and who spends how many tokens on them",
    family: "gpt",
    exhibit: "tokens",
  },
  {
    text: STORY.repeat(3).trimEnd(),
    title: "Once upon a time … three times over",
    shows: "Longer than the window: what the model no longer reads, and says so",
    family: "gpt",
    exhibit: "cache",
  },
];

export function mountExamples(shell, store) {
  const [button, menu] = [".examples-button", ".examples"].map((selector) => shell.querySelector(selector));
  const families = (family) => Object.entries(store.catalog.models).filter(([, model]) => model.family === family);
  const there = EXAMPLES.filter(({ family }) => families(family).length > 0);
  const items = there.map(({ text, title, shows, family, exhibit }) => {
    const node = element("button", "example", element("q"), element("span", "shows"), element("span", "where"));
    const [sentence, says, where] = node.children;
    setText(sentence, title ?? text.replaceAll("\n", "↵").replaceAll("\t", "⇥"));
    setText(says, shows);
    setText(where, `${family.toUpperCase()} · ${exhibit}`);
    node.type = "button";
    node.setAttribute("role", "menuitem");
    node.tabIndex = -1;
    return node;
  });
  menu.append(...items);

  function toggle(open) {
    menu.hidden = !open;
    setAttribute(button, "aria-expanded", open);
    if (open) items[0].focus();
  }

  /** Sets the page up: the model as it was trained, nothing chosen by hand. */
  function take({ text, family, exhibit, set, find }) {
    const names = families(family).map(([name]) => name);
    const model = [store.state.model, family].find((name) => names.includes(name)) ?? names[0];
    const unchosen = { query: null, key: null, written: null, target: null, against: null, draws: 0 };
    store.wanted = null;
    store.set({ ...unchosen, interventions: NONE, text, model, ...set });
    store.open(exhibit);
    if (find) ask(store, find, text);
  }

  button.addEventListener("click", () => toggle(menu.hidden));
  menu.addEventListener("click", (event) => {
    const index = items.indexOf(event.target.closest(".example"));
    if (index < 0) return;
    toggle(false);
    button.focus();
    take(there[index]);
  });
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    const last = items.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") {
      toggle(false);
      button.focus();
    } else if (to !== undefined) items[(to + items.length) % items.length].focus();
    else return;
    event.preventDefault();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (!menu.hidden && relatedTarget !== button && !menu.contains(relatedTarget)) toggle(false);
  });

  return { draw: () => {} };
}
