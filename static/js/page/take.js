// "Take it with you": the button in an exhibit's head and one beside each of its figures. What they open lies in
// js/figures/, which is loaded when a person first asks for it.

import { element, setAttribute } from "../dom.js";
import { drawAnew } from "../draw/once.js";
import { copy } from "./bar.js";
import { recorded } from "./canvas.js";
import { embedCode, linkTo } from "./sharing.js";
import { takeLabel } from "./words.js";

const FIGURES = ".picture :is(figure, section)";

let script = null;

/**
 * A server that remembers the last answer of each name, for a page that is saved: {request, answer} by name, or by name
 * and part where several make one picture.
 */
export function remembering(server, answers) {
  const call = (name) => async (request, part) => {
    const answer = await server[name](request);
    if (answer && !answer.error) answers.set(part ? `${name} ${part}` : name, { request, answer });
    return answer;
  };
  return new Proxy(server, { get: (_, name) => call(name) });
}

/** What can be seen of a node's text. */
function seen(node) {
  const copy = node.cloneNode(true);
  for (const hidden of copy.querySelectorAll(".visually-hidden")) hidden.textContent = " ";
  return copy.textContent;
}

/** The name of a part of the page: what its heading says, or what a screen reader hears. */
function nameOf(node) {
  const heading = node.querySelector("h2, h3") ?? node.querySelector("figcaption");
  const named = heading?.checkVisibility() ? seen(heading) : "";
  const label = node.getAttribute("aria-label") ?? node.querySelector("[aria-label]")?.getAttribute("aria-label") ?? "";
  return (named.trim() || label).replace(/\s+/g, " ").trim();
}

/** The figures of an exhibit: what has a heading, and what stands in nothing that has one. */
function figuresOf(root) {
  const around = (node) => node.parentElement.closest("section:not(.exhibit), figure");
  return [...root.querySelectorAll(FIGURES)].filter((node) => node.querySelector("h2, h3") || !around(node));
}

/**
 * `redraw()` draws the open exhibit.
 *
 * @param {HTMLElement} shell
 * @param {Record<string, HTMLElement>} roots
 * @param {Store} store
 * @param {() => void} redraw
 * @param {Map<string, {request: object, answer: object}>} answers the last of the server, by name and part
 */
export function mountTake(shell, roots, store, redraw, answers) {
  const { documentElement: html } = document;

  /** What the figures' script is given of the page: it imports nothing that has a state. */
  const page = {
    store,
    answers,
    link: () => linkTo(store.address()),
    code: (figure) => embedCode(store.address(), figure),
    copy,
    /** The parts of the open exhibit that can be seen, {name, node}; the first is all of it. */
    parts() {
      const root = roots[store.state.exhibit];
      const inner = figuresOf(root)
        .filter((node) => node.checkVisibility() && node.querySelector("canvas, svg, table, ol") && nameOf(node))
        .map((node) => ({ name: nameOf(node), node }));
      const whole = { name: root.querySelector("h1").textContent, node: root.querySelector(".picture") };
      return [whole, ...inner];
    },
    /** Draws the exhibit into what `record` gives for a context, in a theme, and does `then` while it is so. */
    record(theme, record, then) {
      const before = html.dataset.theme;
      html.dataset.theme = theme;
      try {
        recorded(record, () => {
          drawAnew();
          redraw();
        });
        return then();
      } finally {
        html.dataset.theme = before;
        if (theme !== before) redraw();
      }
    },
  };

  async function open(button, node) {
    script ??= import(new URL(shell.dataset.figures, document.baseURI).href);
    setAttribute(button, "aria-busy", true);
    try {
      const { openSheet } = await script;
      openSheet(shell, page, node);
    } catch (error) {
      script = null;
      store.error = error.message;
      store.changed();
    } finally {
      setAttribute(button, "aria-busy", null);
    }
  }

  for (const root of Object.values(roots)) {
    for (const node of figuresOf(root)) {
      const button = element("button", "plain take", "Take");
      button.type = "button";
      setAttribute(button, "aria-haspopup", "dialog");
      node.append(button);
    }
    root.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button.take");
      if (button) open(button, button.closest("figure, section:not(.exhibit)") ?? root.querySelector(".picture"));
    });
  }

  function draw({ state, frame }) {
    if (!frame) return;
    for (const node of roots[state.exhibit].querySelectorAll(".picture button.take")) {
      const button = /** @type {HTMLElement} */ (node);
      const name = nameOf(button.parentElement);
      button.hidden = !name;
      if (name) setAttribute(button, "aria-label", takeLabel(name));
    }
  }

  return { draw, page };
}
