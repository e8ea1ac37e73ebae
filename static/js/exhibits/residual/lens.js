// The logit lens: one row a depth, with what the model would say if it stopped there, and the course of the chosen
// token's probability and rank beside the rows.

import { spoken, visible } from "../../page/chips.js";
import { colours } from "../../page/theme.js";
import { fit, widthOf } from "../../page/canvas.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { count, percent } from "../../format.js";
import { setTerms } from "../../page/terms.js";
import { once } from "../../draw/once.js";
import { paint, rowHeight } from "./course.js";
import { pressable } from "./grid.js";
import { courseLegend, halfName, lensHint, shortPercent, tokenAtDepth } from "./words.js";

const CELLS = 5;

/** The label in front of a row: the layer's number once, and the half. */
export function depthLabel() {
  return element("span", "depth", element("b"), element("span"));
}

export function fillLabel(label, { layer, after }) {
  setText(label.firstChild, after === "attention" ? String(layer + 1) : "");
  setTerms(label.lastChild, halfName(after));
  setAttribute(label, "data-after", after);
}

function cell(index) {
  const node = element("span", "said", element("i", "bar-fill"), element("bdi"), element("b"));
  node.setAttribute("role", "gridcell");
  node.dataset.press = index;
  node.tabIndex = -1;
  return node;
}

function row() {
  const cells = Array.from({ length: CELLS }, (_, index) => cell(index));
  const figure = (name) => {
    const node = element("b", name);
    node.setAttribute("role", "gridcell");
    return node;
  };
  const label = depthLabel();
  label.setAttribute("role", "rowheader");
  const node = element("div", "depth-row", label, ...cells, element("span", "course-gap"), figure("p"), figure("rank"));
  node.setAttribute("role", "row");
  return node;
}

/** `choose(id)` is called with the entry that a person picks. */
export function mountLens(figure, choose) {
  const find = (selector) => figure.querySelector(selector);
  const [grid, canvas, gap, legend] = [".depths", ".course", ".depth-head .course-gap", ".course-words"].map(find);
  const [hint, heading] = [find("figcaption p"), find(".of-target bdi")];
  const take = pool(grid, row);
  let shown = null;
  new ResizeObserver(() => (canvas.style.left = `${gap.offsetLeft}px`)).observe(gap);

  const entryOf = (node) => {
    const at = [...grid.children].indexOf(node.parentElement);
    return { place: shown.depths[at], entry: shown.depths[at].top[Number(node.dataset.press)] };
  };
  const look = (node) => {
    if (!shown) return;
    if (!node) return setText(hint, shown.hint);
    const { place, entry } = entryOf(node);
    setText(hint, tokenAtDepth(place, entry));
  };
  const begin = pressable(grid, (node) => choose(entryOf(node).entry.id), look);

  /** `former` is what the pinned state has in the place of `frame.residual`, or null. */
  function draw(frame, former) {
    const { residual } = frame;
    if (shown?.residual !== residual) {
      shown = { residual, depths: residual.depths, hint: lensHint(frame) };
      fill(residual);
      setText(hint, shown.hint);
      begin(grid.lastElementChild.children[1]);
    }
    drawCourse(frame, former, widthOf(gap), colours());
  }

  const drawCourse = once(({ residual: { depths, target }, next }, former, width, tint) => {
    paint(fit(canvas, width, rowHeight() * depths.length), width, depths, next.d_vocab, former?.depths ?? null, tint);
    setText(legend, courseLegend(target, former !== null));
  });

  function fill({ depths, target }) {
    const nodes = take(depths.length);
    depths.forEach((place, index) => {
      const [label, ...rest] = nodes[index].children;
      const [p, rank] = rest.slice(-2);
      fillLabel(label, place);
      setAttribute(nodes[index], "data-after", place.after);
      place.top.forEach((entry, i) => fillCell(rest[i], entry, entry.id === target.id));
      setText(p, percent(place.probability));
      setText(rank, count(place.rank));
    });
    setText(heading, visible(target, true));
  }

  function fillCell(node, entry, chosen) {
    const [bar, token, number] = node.children;
    bar.style.transform = `scaleX(${entry.probability.toFixed(4)})`;
    setText(token, visible(entry, true));
    setText(number, shortPercent(entry.probability));
    setAttribute(node, "aria-selected", chosen);
    setAttribute(node, "aria-label", `${spoken(entry, true)}, ${percent(entry.probability)}`);
  }

  return draw;
}
