// The bar: the text box, the token count, the message beside the box, theme and share.
//
// The box has one row. With the focus it wraps and grows with its text, and what is below moves: the style sheet does
// that, and nothing is measured on a key. At rest a text with line ends shows them as marks.

import { setAttribute, setText } from "../dom.js";
import { linkTo } from "./sharing.js";
import { SHARE, errorBeside, otherTheme, switchTheme, tokensOf } from "./words.js";

const SAID_MS = 1800;
const CLICK_MS = 250; // a click that takes the focus from the box ends where it began before anything moves
const RELEASES = ["pointerup", "pointercancel"];

/** Copies a text, also where the page was not served over https and has no clipboard of its own. */
export async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const carrier = document.createElement("textarea");
  carrier.value = text;
  carrier.className = "visually-hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(carrier); // nothing outside an open dialog can be chosen
  carrier.select();
  const copied = document.execCommand("copy");
  carrier.remove();
  if (!copied) throw new Error("the browser did not allow it");
}

/**
 * What stands beside the box: an error; or else what was amiss with the link, as long as what it opened is there, notices,
 * and what the text shows while it is an example's.
 */
export function message({ error, frame, example, state, amiss = null }) {
  if (error) return errorBeside(error, frame !== null);
  const shows = example?.text === state.text ? `${example.shows}.` : "";
  const isSame = amiss?.text === state.text && amiss.exhibit === state.exhibit;
  return [isSame ? amiss.said : null, frame?.notice, shows].filter(Boolean).join(" ");
}

export function mountBar(shell, store) {
  const find = (selector) => shell.querySelector(selector);
  const [box, resting, theme, share, notice] = [".text", ".resting", ".theme", ".share", ".notice"].map(find);

  const typed = () => {
    store.typedAt = performance.now();
    store.type(box.value.toWellFormed());
  };
  /** Opens the box while one types in it; at rest it is one row, with a mark for each line end. */
  const settle = () => {
    const isOpen = document.activeElement === box;
    const isResting = !isOpen && box.value.includes("\n");
    box.toggleAttribute("data-open", isOpen);
    box.toggleAttribute("data-resting", isResting);
    resting.hidden = !isResting;
    setText(resting, isResting ? box.value.replaceAll("\n", " ↵ ") : "");
    if (isResting) resting.scrollLeft = resting.scrollWidth;
  };
  box.addEventListener("input", typed);
  if (box.value) typed(); // before this script was there
  box.addEventListener("focus", settle);
  // What took the focus from it may be dragged: it comes to rest once that is let go.
  let isPressed = false;
  const rest = () => setTimeout(() => isPressed || settle(), CLICK_MS);
  addEventListener("pointerdown", () => (isPressed = true), { capture: true });
  for (const release of RELEASES) {
    addEventListener(
      release,
      () => {
        isPressed = false;
        rest();
      },
      { capture: true },
    );
  }
  box.addEventListener("blur", rest);
  // The end of the text stays in sight where the caret is there, whatever beside the box has taken room or given it back.
  const follow = () => {
    if (box.selectionEnd === box.value.length) box.scrollLeft = box.scrollWidth;
    if (!resting.hidden) resting.scrollLeft = resting.scrollWidth;
  };
  new ResizeObserver(follow).observe(box);
  // Where there is a keyboard, one may type at once; elsewhere the focus would raise one over the picture.
  if (matchMedia("(pointer: fine)").matches) box.focus({ preventScroll: true });
  theme.addEventListener("click", () => {
    store.set({ theme: document.documentElement.dataset.theme === "paper" ? "blueprint" : "paper" });
  });
  share.addEventListener("click", async () => {
    history.replaceState(history.state, "", store.address());
    const said = await copy(linkTo(store.address())).then(
      () => SHARE.done,
      () => SHARE.refused,
    );
    setText(share, said);
    setTimeout(() => setText(share, SHARE.offer), SAID_MS);
  });
  function draw({ state, frame, error, catalog }) {
    // Writing the value would move the caret and break a composition: only where the text came from elsewhere.
    if (box.value.toWellFormed() !== state.text) {
      box.value = state.text;
      settle();
      follow();
    }
    const isOn = document.documentElement.dataset.theme;
    setText(theme, otherTheme(isOn));
    setAttribute(theme, "aria-label", switchTheme(isOn));
    setText(notice, message(store));
    setAttribute(notice, "data-kind", error ? "error" : "notice");
    if (frame) setText(find(".count"), tokensOf(frame.tokens, catalog.models[state.model].n_ctx));
  }

  return { draw };
}
