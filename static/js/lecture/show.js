// The lecture as it runs: the slide with its head and its sentence, and what the keys do.

import { element, setAttribute, setText } from "../dom.js";
import { Channel } from "./channel.js";
import { Course } from "./course.js";
import { bindKeys } from "./keys.js";
import { mountSlide } from "./slide.js";
import { CLOSE, KEYS, NO_WINDOW, PINNED, THEMES, THEME_SAID, placeSaid } from "./words.js";

const SAID_MS = 6000;
const REFIT_MS = 350;
const { documentElement: html } = document;

/** A sentence in which no line ends within a word: "feed-forward". */
const whole = (/** @type {string} */ sentence) => sentence.replaceAll(/(\p{L})-(?=\p{L})/gu, "$1-\u2060");

/** A panel over the slide with the keys. */
function keysPanel() {
  const rows = KEYS.rows.flatMap(([key, does]) => [element("dt", "", key), element("dd", "", does)]);
  const close = Object.assign(element("button", "", CLOSE), { type: "button" });
  const panel = element("dialog", "slide-keys", element("h2", "", KEYS.title), element("dl", "", ...rows), close);
  close.addEventListener("click", () => panel.close());
  setAttribute(panel, "aria-label", KEYS.title);
  return panel;
}

/**
 * Begins; `page` is that of index.js, `order` that of panel.js, and `ended()` is called when it has been left.
 *
 * @param {any} page
 * @param {ReturnType<import("./panel.js").mountOrder>} order
 * @param {() => void} ended
 */
export function begin(page, order, ended) {
  const { shell, store, roots } = page;
  const slide = mountSlide(page);
  const course = new Course(page);
  const [title, text, pin, place] = ["title", "text", "pin", "place"].map((name) => element("span", `slide-${name}`));
  const head = element("header", "slide-head", title, text, pin, place);
  const says = Object.assign(element("p", "slide-says"), { role: "status" });
  const notice = Object.assign(element("p", "slide-notice"), { role: "status" });
  const keys = keysPanel();
  const parts = [head, says, notice, element("div", "slide-blank"), keys];
  const box = shell.querySelector(".text");
  const channel = new Channel({ move, hello });
  let moving = null; // the stop that is on its way
  let laidOut = ""; // what the slide was last laid out for
  let told = ""; // to the second window
  let timer;
  let quiet;

  /** The second window is there. */
  function hello() {
    told = "";
    tell();
  }

  function say(sentence) {
    setText(notice, sentence);
    clearTimeout(quiet);
    quiet = setTimeout(() => setText(notice, ""), SAID_MS);
  }

  function tell() {
    course.keep(order.items);
    const news = course.told(order.items, says.textContent);
    if (JSON.stringify(news) === told) return;
    told = JSON.stringify(news);
    channel.tell(news);
  }

  /** Goes to a stop of the course, if there is one. */
  async function go(to) {
    course.keep(order.items);
    const stop = course.stops(order.items)[to];
    html.removeAttribute("data-blank");
    if (!stop) return;
    moving = stop;
    course.at = to;
    slide.clear();
    if (stop.link) page.follow(`#${stop.link}`);
    else if (store.state.exhibit !== stop.exhibit) page.open(stop.exhibit);
    if (stop.step !== null && page.steps().length) await page.toStep(stop.step);
    else await course.settled();
    if (moving !== stop) return;
    await lay();
    if (moving === stop) moving = null;
  }

  /** Goes on, or back. */
  function move(/** @type {number} */ by) {
    course.keep(order.items);
    go(course.at + by);
  }

  /** What the slide's layout hangs on. */
  const stamp = () =>
    [
      store.state.exhibit,
      store.state.step,
      store.state.model,
      store.frame?.tokens.length,
      innerWidth,
      innerHeight,
    ].join();

  /** Lays the slide out for what is there now. */
  async function lay() {
    laidOut = stamp();
    slide.clear();
    const { exhibit, step } = store.state;
    const foci = page.about(step ?? 0);
    write();
    html.removeAttribute("data-slide");
    if (!(await slide.show(roots[exhibit].querySelector(".picture"), foci, laidOut))) return;
    page.relight();
    html.dataset.slide = `${exhibit} ${step}`;
  }

  function write() {
    const { state } = store;
    course.keep(order.items);
    setText(title, page.nameOf(state.exhibit));
    setText(text, state.text.replaceAll("\n", " ↵ "));
    setText(place, placeSaid(course.at, course.stops(order.items).length));
    setText(pin, state.pin ? PINNED(document.querySelector(".pinned-words").textContent) : "");
    setText(says, state.step === null ? "" : whole(shell.querySelector(".guide-says").textContent));
    tell();
  }

  const does = {
    on: () => move(1),
    back: () => move(-1),
    first: () => go(0),
    last: () => go(course.stops(order.items).length - 1),
    scroll: (by) => slide.scroll(by),
    text() {
      html.setAttribute("data-writing", "");
      box.focus({ preventScroll: true });
    },
    pin: () => /** @type {HTMLElement} */ (document.querySelector(".pinned > button")).click(),
    blank: () => html.toggleAttribute("data-blank"),
    colours() {
      const names = Object.keys(THEMES);
      const theme = names[(names.indexOf(html.dataset.theme) + 1) % names.length];
      store.set({ theme });
      say(THEME_SAID(theme));
    },
    order: () => order.show(order.items.length && course.at >= 0 ? course.at : null),
    notes: () => channel.open() || say(NO_WINDOW),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : html.requestFullscreen()).catch(() => {}),
    keys: () => keys.showModal(),
    escape() {
      if (html.hasAttribute("data-writing")) {
        html.removeAttribute("data-writing");
        box.blur();
      } else if (html.hasAttribute("data-blank")) html.removeAttribute("data-blank");
      else end();
    },
  };
  const unbind = bindKeys(does);

  function end() {
    moving = null;
    unbind();
    channel.close();
    clearTimeout(timer);
    removeEventListener("resize", resized);
    for (const part of parts) part.remove();
    for (const name of ["data-writing", "data-blank", "data-slide"]) html.removeAttribute(name);
    slide.close();
    page.redraw();
    ended();
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(lay, REFIT_MS);
  }

  function resized() {
    slide.size();
    later();
  }

  document.querySelector(".gradio-container").append(...parts);
  slide.open();
  addEventListener("resize", resized);
  course.items = order.items;
  course.settled().then(() => go(order.items.length ? 0 : course.here()));

  return {
    say,
    go,
    /** Called with every picture. */
    draw() {
      if (moving) return;
      if (!order.items.length && store.state.step !== null) course.at = course.here();
      write();
      if (store.state.step === null && !order.items.length && page.steps().length) {
        go(course.here()); // a link in the picture has led to another exhibit
      } else if (stamp() !== laidOut || slide.hasOutgrown(laidOut)) {
        laidOut = stamp();
        later();
      }
    },
  };
}
