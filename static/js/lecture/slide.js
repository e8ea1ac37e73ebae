// The slide: the parts of one exhibit that a step is about, and nothing else.
//
// It is a page of 960 x 540 px, enlarged to the window, so that what is 11 px high there, the least there is, is 22 px on
// a projector of 1920 x 1080.

import { windowed } from "../page/veil.js";
import { mountFit } from "./fit.js";
import { answerAll, askAgain } from "./media.js";

export const SLIDE = { width: 960, height: 540 };
const STEP = 180; // px that one press scrolls what is higher than the slide
const BLOCK = "figure, section:not(.exhibit), aside";
const MARKS = ["around", "shown", "about", "several", "alike", "last"].map((name) => `data-${name}`);

const { documentElement: html } = document;

/** What is shown of a step that is about a node: the figure around it, or the part of the picture that holds it. */
function blockOf(node, picture) {
  if (!picture.contains(node)) return node.closest(BLOCK);
  let block = node.closest(BLOCK);
  if (!block || !picture.contains(block)) block = node;
  while (block.parentElement !== picture && block.parentElement.parentElement !== picture && !block.matches(BLOCK)) {
    block = block.parentElement;
  }
  return block;
}

/** Marks what is shown, what stands around it, and where several stand beside one another. */
function mark(blocks) {
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
  const { fit, stop } = mountFit(page.redraw);
  let picture = null;

  /** By how much the slide is enlarged in this window. */
  const enlarged = () => Math.min(innerWidth / SLIDE.width, innerHeight / SLIDE.height);
  const size = () => html.style.setProperty("--slide", enlarged().toFixed(4));

  function clear() {
    stop();
    for (const name of MARKS) for (const node of document.querySelectorAll(`[${name}]`)) node.removeAttribute(name);
    picture?.parentElement.removeAttribute("data-more");
  }

  /** Says whether there is more below. */
  function follow() {
    const place = picture.parentElement;
    place.scrollLeft = 0;
    place.toggleAttribute("data-more", place.scrollTop + place.clientHeight < place.scrollHeight - 2);
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
      for (const name of ["data-lecture", "data-fitting", "data-beside"]) html.removeAttribute(name);
      for (const name of ["--slide", "--slide-part", "--slide-by"]) html.style.removeProperty(name);
      askAgain();
    },
    /** Shows the parts of a picture that groups of nodes stand in; gives whether nothing newer came between. */
    async show(of, foci, key) {
      picture = of;
      html.dataset.fitting = "";
      answerAll(SLIDE);
      for (const node of foci.flat()) node.setAttribute("data-about", "");
      mark(new Set(foci.flat().flatMap((node) => blockOf(node, picture) ?? [])));
      if (!(await fit(picture, key))) return false;
      html.removeAttribute("data-fitting");
      picture.parentElement.scrollTop = 0;
      if (picture.scrollHeight > picture.parentElement.clientHeight) {
        for (const [node] of foci.toReversed()) node.scrollIntoView({ block: windowed(node), inline: "nearest" });
      }
      follow();
      return true;
    },
    scroll(by) {
      picture?.parentElement.scrollBy({ top: by * STEP });
      follow();
    },
  };
}
