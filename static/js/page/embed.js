// One figure alone, for slides, blogs and courses: `?embed=1`, with
//
//     part     the class of the figure; without one, the exhibit's whole picture
//     hide     classes within it that are not shown, with commas between
//     ground   "clear": no paper behind it
//
// before the fragment. How high it is, the page around is told by a message: {cutaway: {height}}, in px.

import { element, setAttribute } from "../dom.js";
import { OPEN_WHOLE } from "./words.js";
import { linkTo } from "./sharing.js";

const CLASS = /^[a-z][\w-]*$/i;

/**
 * Gives `draw(store)`, to be called when all else is drawn; null where the address asks for no embed.
 *
 * @param {Record<string, HTMLElement>} roots
 */
export function mountEmbed(roots) {
  const asked = new URLSearchParams(location.search);
  if (asked.get("embed") !== "1") return null;
  const classes = (name) => (asked.get(name) ?? "").split(",").filter((one) => CLASS.test(one));
  const [part] = classes("part");
  const page = document.documentElement;
  page.dataset.embed = asked.get("ground") === "clear" ? "clear" : "paper";
  const whole = Object.assign(element("a"), { target: "_blank", rel: "noopener", textContent: OPEN_WHOLE });
  const foot = element("p", "embed-foot", whole);
  document.querySelector(".gradio-container").append(foot);
  let shown = null;
  let told = 0;

  const tell = () => {
    const height = Math.ceil(foot.getBoundingClientRect().bottom + scrollY);
    if (height === told || !shown) return;
    told = height;
    window.parent.postMessage({ cutaway: { height } }, "*");
  };
  const watch = new ResizeObserver(tell);

  function choose(node) {
    for (const old of document.querySelectorAll("[data-around]")) old.removeAttribute("data-around");
    shown?.removeAttribute("data-embedded");
    shown = node;
    node.dataset.embedded = "";
    for (let at = node.parentElement; at !== document.body; at = at.parentElement) at.dataset.around = "";
    for (const name of classes("hide")) for (const one of node.querySelectorAll(`.${name}`)) one.dataset.unseen = "";
    watch.disconnect();
    watch.observe(node);
  }

  return {
    draw(store) {
      const root = roots[store.state.exhibit];
      const node = (part && root.querySelector(`.picture .${part}`)) || root.querySelector(".picture");
      if (node !== shown) choose(node);
      setAttribute(whole, "href", linkTo(store.address()));
      tell();
    },
  };
}
