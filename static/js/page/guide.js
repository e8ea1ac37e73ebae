// The guide: it walks through steps (state/steps.js) on the text that stands in the box. A panel says each step in a
// sentence, a veil dims all that it is not about, and what was changed on the way is given back when it is closed.
//
// Where it stands in an exhibit's own steps is part of the state, `step`, and so of the address: a link opens the exhibit
// there. `page` is for whoever drives the page from outside:
//
//     steps()    the sentences of the open exhibit's steps, in order, as they stand for the model
//     toStep(n)  goes to one of them, from 0 on; gives {at, of, says, foci}, the groups of nodes that it is about, once
//                the picture of it is there
//     relight()  puts the veil where the parts stand now
//     about(n)   the groups of nodes that one of them is about, as far as they can be seen now
//
// While it is closed it costs nothing; while it is open it measures where its focus stands after a picture, when the layout
// has been done.

import { setAttribute, setText } from "../dom.js";
import { Walk, FOLLOW, stepsOf } from "../state/steps.js";
import { findNamed } from "../state/settings.js";
import { setTerms } from "./terms.js";
import { lit } from "./tokenrow.js";
import { onButton, placeOfStep, stepSaid } from "./words.js";
import { around, windowed } from "./veil.js";

const KNOWN = "cutaway-guided"; // in the browser's own storage: a person has seen the guide

/** The browser's storage, where it lets the page have one; a page in a frame may have none. */
function stored(use) {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}

export function mountGuide(shell, roots, store) {
  const find = (selector) => shell.querySelector(selector);
  const [panel, veil, place, says] = [".guide", ".veil", ".guide-place", ".guide-says"].map(find);
  const [back, on] = ["-1", "1"].map((by) => panel.querySelector(`[data-by="${by}"]`));
  const { documentElement: page } = document;
  const offers = Object.values(roots).flatMap((root) => [...root.querySelectorAll("[data-guide]")]);
  /** @type {Walk | null} */
  let walk = null;
  let name = ""; // of the walk
  let opener = null; // what had the focus
  let from = 0; // how far the page was scrolled
  let seen = false; // the focus of this step has been brought into sight
  let timer;
  /** @type {((reached: object) => void)[]} */
  const waiting = []; // for the step to be there
  let offered = ""; // the model and exhibit whose offers are shown

  const watch = new ResizeObserver(() => later());

  function open(which, button, at = 0) {
    const steps = stepsOf(store.catalog, which, store.state.model);
    if (!steps.length) return store.set({ step: null });
    if (!walk) [opener, from] = [button, scrollY];
    else store.set(walk.back(store.state));
    stored((storage) => storage.setItem(KNOWN, "yes"));
    page.removeAttribute("data-first");
    [walk, name] = [new Walk(steps, store.state), which];
    panel.hidden = veil.hidden = false;
    page.toggleAttribute("data-guided", true);
    go(Math.min(at, steps.length - 1));
    panel.focus({ preventScroll: true });
  }

  function go(at) {
    seen = false;
    delete veil.dataset.step;
    store.wanted = null;
    watch.disconnect();
    store.set({ ...walk.to(at, store.state), step: name === FOLLOW ? null : at });
    const found = walk.step.state.find && findNamed(store, walk.step.state.find);
    if (found) {
      const own = walk;
      store.wanted = {
        ...found,
        text: null,
        find: (frame, model) => {
          const patch = found.find(frame, model);
          if (own === walk) own.found(patch);
          return patch;
        },
      };
    }
    store.changed();
  }

  /** Closes it and gives back what it has changed, all but which exhibit is open; gives which it was opened in. */
  function leave() {
    if (!walk) return null;
    const { exhibit, ...rest } = walk.back(store.state);
    walk = null;
    store.wanted = null;
    watch.disconnect();
    panel.hidden = veil.hidden = true;
    page.removeAttribute("data-guided");
    store.set({ ...rest, step: null });
    return exhibit;
  }

  /** Closes it; where the page has gone elsewhere meanwhile, it stays there. */
  function close(isLeft = false) {
    const exhibit = leave();
    if (exhibit && !isLeft) store.set({ exhibit, hover: null });
    store.changed();
    if (isLeft) return;
    const there = opener?.isConnected && opener.checkVisibility() ? opener : find(".text");
    requestAnimationFrame(() => {
      scrollTo({ top: from, behavior: "instant" });
      there.focus({ preventScroll: true });
    });
  }

  const step = (by) => {
    const to = walk.at + by;
    if (to >= walk.steps.length) close();
    else if (to >= 0) go(to);
  };

  panel.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (!button) return;
    if (button.dataset.by) step(Number(button.dataset.by));
    else close();
  });
  document.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest?.("[data-guide]");
    if (button) open(/** @type {HTMLElement} */ (button).dataset.guide, button);
  });
  document.addEventListener("keydown", (event) => {
    if (!walk || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const writes = /** @type {HTMLElement} */ (event.target).matches("input, textarea, select");
    if (event.key === "Escape") close();
    else if (by && !writes) step(by);
    else return;
    event.preventDefault();
  });

  /** What a step is about, as far as it can be seen: a group of nodes for each patch of light. */
  function seenOf({ focus, exhibit }) {
    return focus
      .split(",")
      .map((one) =>
        [roots[exhibit], shell]
          .flatMap((root) => [...root.querySelectorAll(one)])
          .filter((node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length),
      )
      .filter((nodes) => nodes.length);
  }

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(settle);
  };

  /** Puts the veil around the focus, and brings it into sight once. */
  function settle() {
    if (!walk) return;
    const isThere = store.frame?.exhibit === walk.step.exhibit && !store.inFlight;
    const foci = seenOf(walk.step);
    if (isThere && !seen && foci.length) {
      seen = true;
      veil.dataset.step = walk.at;
      for (const [node] of foci.toReversed()) node.scrollIntoView({ block: windowed(node), inline: "nearest" });
      for (const nodes of foci) watch.observe(nodes[0]);
      watch.observe(roots[walk.step.exhibit]);
    }
    veil.style.clipPath = around(veil, foci, [roots[walk.step.exhibit], document.querySelector(".next")]);
    if (!isThere || !seen || store.wanted || store.state.step !== walk.at) return; // another step is on its way
    for (const told of waiting.splice(0)) {
      told({ at: walk.at, of: walk.steps.length, says: says.textContent, foci });
    }
  }

  const driven = {
    steps: () => stepsOf(store.catalog, store.state.exhibit, store.state.model).map(({ says }) => says),
    toStep(at) {
      if (!driven.steps().length) throw new Error(`${store.state.exhibit} has no steps for ${store.state.model}`);
      if (name === FOLLOW || walk?.step.exhibit !== store.state.exhibit) leave();
      store.set({ step: Math.max(0, at) });
      later();
      return new Promise((told) => waiting.push(told));
    },
    relight: later,
    about: (at) =>
      stepsOf(store.catalog, store.state.exhibit, store.state.model)
        .slice(at, at + 1)
        .flatMap(seenOf),
  };

  /** Goes where a link has set the step. */
  function follow({ step, exhibit }) {
    if (step === null) return;
    if (!walk) open(exhibit, null, step);
    else if (step !== walk.at && exhibit === walk.step.exhibit) go(Math.min(step, walk.steps.length - 1));
  }

  function draw({ state, frame, catalog }) {
    const shown = `${state.model} ${state.exhibit}`;
    if (shown !== offered) {
      offered = shown;
      for (const node of offers) node.hidden = !stepsOf(catalog, node.dataset.guide, state.model).length;
    }
    follow(state);
    if (!walk) return;
    if (state.exhibit !== walk.step.exhibit || state.model !== walk.before.model) return close(true);
    if (frame) {
      const token = frame.tokens[lit({ state, frame }).selected] ?? frame.tokens.at(-1);
      setTerms(says, stepSaid(walk.step.says, { token, likeliest: frame.next?.top[0] }));
    }
    const { at, steps } = walk;
    const stop = find(`[data-to="${state.exhibit}"]`).textContent;
    setText(place, placeOfStep({ isFollow: name === FOLLOW, stop, at, of: steps.length }));
    setText(on, onButton(at === steps.length - 1));
    setAttribute(back, "disabled", at === 0 ? "" : null);
    later();
  }

  if (stored((storage) => storage.getItem(KNOWN)) === null) page.toggleAttribute("data-first", true);
  return { draw, leave, page: driven };
}
