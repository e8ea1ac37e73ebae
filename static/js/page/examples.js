// Sentences to begin with, each chosen so that it shows something, and where to see it. A quiet list below the text box:
// one button opens it, arrow keys walk it, Escape closes it.
//
// An exhibit's `examples` are of the form {place, text, title, shows, family, model, set, find}: where in the list it stands,
// the text and, if it is too long for the list, what stands there for it; what it shows; the family that reads it; and,
// where needed, the one model of it that the claim holds for, the state that shows it best, and what is to be found
// (state/settings.js). What an example shows stands beside the box until the text is another.

import { element, setAttribute, setText } from "../dom.js";
import { NONE } from "../state/interventions.js";
import { allFields } from "../state/registry.js";
import { ask } from "../state/settings.js";
import { nothingChosen } from "../state/state.js";

export function mountExamples(shell, store) {
  const [button, menu] = [".examples-button", ".examples"].map((selector) => shell.querySelector(selector));
  const families = (family) => Object.entries(store.catalog.models).filter(([, model]) => model.family === family);
  const there = Object.entries(store.exhibits)
    .flatMap(([exhibit, { examples }]) => examples.map((example) => ({ ...example, exhibit })))
    .filter(({ family }) => families(family).length > 0)
    .sort((one, other) => one.place - other.place);
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
  function take(example) {
    const { text, family, exhibit, set, find } = example;
    const names = families(family).map(([name]) => name);
    const model = [example.model, store.state.model, family].find((name) => names.includes(name)) ?? names[0];
    store.wanted = null;
    store.example = example;
    store.set({ ...nothingChosen(allFields(store.exhibits)), draws: 0, interventions: NONE, text, model, ...set });
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
    const at = items.indexOf(/** @type {any} */ (document.activeElement));
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
