// The way into a lecture: the button, the key, and what of the address asks for one. What it is lies in js/lecture/, which is
// loaded when it is first asked for.
//
//     ?view=lecture            begins one, at the state of the fragment; #order=... is an order of its own
//     ?view=notes&of=...       the second window of one

import { drawAnew } from "../draw/once.js";
import { THEMES, toAddress } from "../state/state.js";
import { forgetRatio } from "./canvas.js";
import { forgetColours } from "./theme.js";

const viewOf = (address) => new URLSearchParams(address).get("view");

const HALL = THEMES.slice(2);
let script = null;

function load(shell) {
  script ??= import(new URL(shell.dataset.lecture, document.baseURI).href);
  return script;
}

/** Whether this window shows the notes of a lecture in another, and nothing else; then they are brought up. */
export function isNotes(shell) {
  if (viewOf(location.search) !== "notes") return false;
  load(shell).then(({ openNotes }) => openNotes());
  return true;
}

/** The address of this page with a view or without. */
function withView(view) {
  const asked = new URLSearchParams(location.search);
  if (view) asked.set("view", view);
  else asked.delete("view");
  const query = asked.toString();
  return `${location.pathname}${query ? `?${query}` : ""}${location.hash}`;
}

/**
 * Gives `draw()`, to be called when all else is drawn. `page` is what js/lecture/index.js takes, as far
 * as it is not made here.
 *
 * @param {HTMLElement} shell
 * @param {any} page
 */
export function mountLecture(shell, page) {
  const order = new URLSearchParams(location.hash.slice(1)).get("order"); // before the address follows the state
  let lecture = null;
  let isDressed = false;
  const { store } = page;
  const given = {
    ...page,
    shell,
    fragment: (step = store.state.step) => toAddress({ ...store.state, step }, store.exhibits[store.state.exhibit]),
    nameOf: (exhibit) => shell.querySelector(`[data-to="${exhibit}"]`)?.textContent ?? exhibit,
    redraw() {
      forgetRatio();
      drawAnew();
      store.changed();
    },
    begun: () => history.replaceState(history.state, "", withView("lecture")),
    left: () => history.replaceState(history.state, "", withView(null)),
  };

  async function open(then) {
    try {
      const { mount } = await load(shell);
      lecture ??= await mount(given);
      await then(lecture);
    } catch (error) {
      script = null;
      store.error = error.message;
      store.changed();
    }
  }

  document.addEventListener("click", (event) => {
    if (/** @type {HTMLElement} */ (event.target).closest?.("button.lecture")) open(({ showOrder }) => showOrder());
  });
  document.addEventListener("keydown", (event) => {
    if (event.code !== "KeyL" || !event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open(({ start }) => start());
  });
  if (viewOf(location.search) === "lecture") open(({ start }) => start(order));

  /** The colours for a hall come with the lecture's sheet. */
  async function dress() {
    isDressed = true;
    const { addSheet } = await load(shell);
    await addSheet();
    forgetColours();
    given.redraw();
  }

  return {
    draw() {
      if (!isDressed && HALL.includes(document.documentElement.dataset.theme)) dress();
      lecture?.draw();
    },
  };
}
