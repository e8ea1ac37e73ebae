// The relatives exhibit: the first transformer and a published model side by side, where the parameters of the latter
// lie, what the text in the box costs it, and the table to choose from.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { indexAfter } from "../../draw/gridkeys.js";
import { once } from "../../draw/once.js";
import { setTerms } from "../../page/terms.js";
import { oneOf } from "../../state/fields.js";
import { resting } from "../../state/resting.js";
import { mountCosts } from "./costs.js";
import { drawing } from "./drawing.js";
import { CHOSEN, IDS } from "./ids.js";
import { mountWeights } from "./weights.js";
import * as words from "./words.js";

const PAUSE_MS = 250;

export const asks = ["relative"];
export const fields = { relative: oneOf(CHOSEN, IDS) };
export const ribbon = false;
export const roleOfText = () => null;
export const enlarges = ["layer"];

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [title, about, closed] = [".beside h2 span", ".beside .told", ".beside .closed"].map(find);
  const figures = [find(".drawn.first"), find(".drawn.now")];
  const takenApart = [".drawings", ".marks", ".changes", ".weights", ".sources"].map(find);
  const drawWeights = mountWeights(find(".weights"));
  const drawCosts = mountCosts(find(".costs"));
  const takeChanges = pool(find(".changes tbody"), () => {
    const cells = Array.from({ length: 3 }, () => element("td", "", element("b"), element("span")));
    const name = element("th");
    name.scope = "row";
    return element("tr", "", name, ...cells);
  });
  const takeSources = pool(find(".sources ul"), () => element("li", "", element("b"), element("span"), element("i")));
  const table = find(".published-models table");
  let read = null; // the last answer of the model's own vocabulary

  const asking = resting(
    ({ relative }) => store.call("relative_reading", { relative }),
    (answer) => {
      if (!answer) return;
      read = answer;
      store.changed();
    },
    PAUSE_MS,
  );

  table.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("[data-relative]");
    if (!button) return;
    store.set({ relative: /** @type {HTMLElement} */ (button).dataset.relative });
    find(".beside").scrollIntoView({ block: "nearest" });
  });

  table.addEventListener("keydown", (event) => {
    const names = [...table.querySelectorAll("[data-relative]")];
    const to = names[indexAfter(event.key, names.indexOf(event.target), names.length)];
    if (!to) return;
    event.preventDefault();
    to.focus();
  });

  const mark = once((id) => {
    for (const row of table.querySelectorAll("tr[data-id]")) {
      row.classList.toggle("chosen", row.dataset.id === id);
      const button = row.querySelector("button");
      if (!button) continue;
      setAttribute(button, "aria-pressed", row.dataset.id === id);
      setAttribute(button, "tabindex", row.dataset.id === id ? 0 : -1);
    }
  });

  const showModel = once((id, told) => {
    const isOpen = told.undisclosed === null;
    setText(title, words.besides(told));
    setText(about, words.about(told));
    closed.hidden = isOpen;
    setText(closed, told.undisclosed ?? "");
    for (const part of takenApart) part.hidden = !isOpen;
    mark(id);
    if (!isOpen) return;
    told.drawings.forEach((model, at) => {
      const name = at === 0 ? told.first.name : told.name;
      const year = at === 0 ? 2017 : told.year;
      figures[at].replaceChildren(...drawing(model, words.figureTitle(name, year)));
      setAttribute(figures[at], "aria-label", words.drawingSaid(name, model));
    });
    showChanges(told);
    drawWeights(told);
    const nodes = takeSources(told.numbers.length);
    told.numbers.forEach(({ name, value, source }, index) => {
      const [number, meaning, where] = nodes[index].children;
      setText(number, words.count(value));
      setText(meaning, words.numberName(name));
      setText(where, source);
    });
  });

  function showChanges({ name, rows }) {
    setText(find(".changes .of-now"), name);
    const nodes = takeChanges(rows.length);
    rows.forEach(({ part, then, now, changed, why }, index) => {
      const [head, before, after, reason] = nodes[index].children;
      setTerms(head, part);
      for (const [cell, had] of [
        [before, then],
        [after, now],
      ]) {
        setTerms(cell.firstChild, had.kind);
        setText(cell.lastChild, had.size);
      }
      setTerms(reason.lastChild, why || words.unchanged(then, now));
      nodes[index].classList.toggle("changed", changed);
    });
  }

  /** What the text costs: of the frame, or of the answer that its own vocabulary gave to the same text. */
  function readingOf(frame) {
    const { id, reading } = frame.relatives;
    if (reading.here || !reading.vocabulary) return reading;
    return read?.id === id && read.text === frame.text ? read.reading : reading;
  }

  function draw({ state, frame }) {
    const told = frame.relatives;
    if (!told) return;
    showModel(told.id, told);
    const reading = readingOf(frame);
    if (!reading.here && reading.vocabulary)
      asking.question([told.id, frame.text].join("\n"), { relative: state.relative });
    drawCosts(told, reading);
  }

  return { draw };
}
