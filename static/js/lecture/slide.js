// The slide: the parts of one exhibit that a step is about, and nothing else.
//
// It is a page of 960 x 540 px, enlarged to the window, so that what is 11 px high there, the least there is, is 22 px on
// a projector of 1920 x 1080.

import { mountFit } from "./fit.js";
import { answerAll, askAgain } from "./media.js";
import { restore } from "./rows.js";

export const SLIDE = { width: 960, height: 540 };
const STEP = 180; // px that one press scrolls what is higher than the slide
const FADE = 36; // px at either end of what goes on there: css/lecture.css
const BLOCK = "figure, section:not(.exhibit), aside";
const LAYOUT = ["around", "shown", "several", "alike", "last"].map((name) => `data-${name}`);
const IN_PLACE = ["block", "flow-root", "grid", "flex", "list-item", "table"]; // what can stand without what is around it
const MORE = ["data-more", "data-before"];

const { documentElement: html } = document;

/**
 * What is shown of a step that is about a node: the figure around it, or the part of the picture that holds it; the node
 * itself where markup says `data-alone` of it, as what stands around it has nothing to show then.
 */
function blockOf(node, picture) {
  if (!picture.contains(node)) return node.closest(BLOCK);
  if (node.hasAttribute("data-alone")) return node;
  let block = node.closest(BLOCK);
  if (!block || !picture.contains(block)) block = node;
  while (block.parentElement !== picture && block.parentElement.parentElement !== picture && !block.matches(BLOCK)) {
    block = block.parentElement;
  }
  return block;
}

/** Whether a node may be shown without the block that it stands in. */
function standsAlone(node, picture) {
  const { display, position } = getComputedStyle(node);
  return picture.contains(node) && position !== "absolute" && IN_PLACE.includes(display);
}

/**
 * What may be shown of a step, as sets of nodes, the next one less than the one before: the blocks around all that it is
 * about; the very parts that it is about, where they can stand alone; and so with the first of its groups only.
 */
function scopesOf(foci, picture) {
  const whole = (groups) => groups.flat().flatMap((node) => blockOf(node, picture) ?? []);
  const near = (groups) =>
    groups.flatMap((nodes) => (nodes.length === 1 && standsAlone(nodes[0], picture) ? nodes : whole([nodes])));
  const first = foci.slice(0, 1);
  const scopes = [];
  for (const nodes of [whole(foci), near(foci), whole(first), near(first)].map((of) => new Set(of))) {
    if (!scopes.some((other) => other.size === nodes.size && nodes.isSubsetOf(other))) scopes.push(nodes);
  }
  return scopes;
}

function unmark(names) {
  for (const name of names) for (const node of document.querySelectorAll(`[${name}]`)) node.removeAttribute(name);
}

/** Marks what is shown, what stands around it, and where several stand beside one another. */
function mark(blocks) {
  unmark(LAYOUT);
  for (const block of blocks) {
    block.setAttribute("data-shown", "");
    for (let at = block.parentElement; at && at !== document.body; at = at.parentElement) at.dataset.around = "";
  }
  for (const around of document.querySelectorAll(".picture[data-around], .picture [data-around]")) {
    const within = [...around.children].filter((node) => node.matches("[data-shown], [data-around]"));
    if (within.length < 2) continue;
    around.setAttribute("data-several", "");
    within.at(-1).setAttribute("data-last", "");
    const isAlike = within.every((node) => node.classList[0] === within[0].classList[0]);
    around.toggleAttribute("data-alike", isAlike);
  }
}

/** `page` is that of index.js. */
export function mountSlide(page) {
  const { fit, stop, hasOutgrown } = mountFit(page.redraw);
  let picture = null;

  /** By how much the slide is enlarged in this window. */
  const enlarged = () => Math.min(innerWidth / SLIDE.width, innerHeight / SLIDE.height);
  const size = () => html.style.setProperty("--slide", enlarged().toFixed(4));

  function clear() {
    stop();
    unmark([...LAYOUT, "data-about"]);
    if (picture) restore(picture);
    for (const name of MORE) picture?.parentElement.removeAttribute(name);
  }

  /** Says whether there is more below, or above. */
  function follow() {
    const place = picture.parentElement;
    place.scrollLeft = 0;
    place.toggleAttribute("data-more", place.scrollTop + place.clientHeight < place.scrollHeight - 2);
    place.toggleAttribute("data-before", place.scrollTop > 2);
  }

  /** Of a picture that is higher than the slide: the middle of what the step is about, or its top where that is higher too. */
  function look(foci) {
    const place = picture.parentElement;
    const zoom = place.currentCSSZoom ?? 1;
    const box = place.getBoundingClientRect();
    const nodes = foci.flat().filter((node) => picture.contains(node) && node.checkVisibility());
    const boxes = nodes.map((node) => node.getBoundingClientRect());
    const top = Math.min(...boxes.map((one) => one.top));
    const height = Math.max(...boxes.map((one) => one.bottom)) - top;
    const above = Math.max(FADE * zoom, (box.height - height) / 2);
    if (boxes.length) place.scrollTop += (top - box.top - above) / zoom;
  }

  return {
    size,
    clear,
    open() {
      size();
      html.dataset.lecture = "";
      answerAll(SLIDE);
      page.redraw();
    },
    close() {
      clear();
      for (const name of ["data-lecture", "data-fitting", "data-beside", "data-tight"]) html.removeAttribute(name);
      for (const name of ["--slide", "--slide-part", "--slide-by", "--slide-ratio"]) html.style.removeProperty(name);
      askAgain();
    },
    /** Shows the parts of a picture that groups of nodes stand in; gives whether nothing newer came between. */
    async show(of, foci, key) {
      picture = of;
      html.dataset.fitting = "";
      answerAll(SLIDE);
      for (const node of foci.flat()) node.setAttribute("data-about", "");
      const scopes = scopesOf(foci, picture);
      const shows = scopes.map((nodes) => () => mark(nodes));
      if (!(await fit(picture, key, shows, scopes[0]))) return false;
      html.removeAttribute("data-fitting");
      picture.parentElement.scrollTop = 0;
      if (picture.parentElement.scrollHeight > picture.parentElement.clientHeight) look(foci);
      follow();
      return true;
    },
    /** Whether what it shows has outgrown it: something has come that was on its way; `key` as for `show`. */
    hasOutgrown: (key) => picture !== null && !("fitting" in html.dataset) && hasOutgrown(picture, key),
    scroll(by) {
      picture?.parentElement.scrollBy({ top: by * STEP });
      follow();
    },
  };
}
