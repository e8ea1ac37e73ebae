// Where the parameters of a model lie: a strip as long as they are many, piece by piece, the first transformer's beside
// it to the same scale, and each part with the product that gives it.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { percent } from "../../format.js";
import { setTerms } from "../../page/terms.js";
import * as words from "./words.js";

const LEGIBLE = 0.09; // of the strip: a shorter piece has no name in it

function piece() {
  return element("span", "piece", element("i"), element("b"));
}

function row() {
  const name = element("th", "", element("i", "swatch"), element("span"));
  name.scope = "row";
  const cells = ["n", "share", "product"].map((of) => element("td", of));
  return element("tr", "", name, ...cells);
}

export function mountWeights(section) {
  const [total, remark] = [".total", ".remark"].map((part) => section.querySelector(part));
  const [now, first] = [".strip.now", ".strip.first"].map((part) => section.querySelector(part));
  const takeNow = pool(now.lastElementChild, piece);
  const takeFirst = pool(first.lastElementChild, piece);
  const takeRows = pool(section.querySelector("tbody"), row);

  function fill(take, parts, whole) {
    const there = parts.filter(({ n }) => n > 0);
    const nodes = take(there.length);
    there.forEach(({ name, n, active }, index) => {
      const [used, label] = nodes[index].children;
      nodes[index].className = `piece of-${name}`;
      nodes[index].style.width = `${((100 * n) / whole).toFixed(4)}%`;
      used.style.width = `${((100 * active) / n).toFixed(2)}%`;
      setText(label, n / whole > LEGIBLE ? words.partName(name) : "");
    });
  }

  return function draw(told) {
    setText(total, words.totalOf(told));
    fill(takeNow, told.parts, told.total);
    fill(takeFirst, told.first.parts, told.total);
    first.hidden = told.name === told.first.name;
    setText(now.firstElementChild, words.stripOf(told.name, told.total));
    setText(first.firstElementChild, words.stripBeside(told.first, told.total));
    setAttribute(now.lastElementChild, "aria-label", words.stripSaid(told.parts, told.total));
    setAttribute(first.lastElementChild, "aria-label", words.stripBeside(told.first, told.total));
    const nodes = takeRows(told.parts.length);
    told.parts.forEach(({ name, n, formula }, index) => {
      const [head, count, share, product] = nodes[index].children;
      head.firstChild.className = `swatch of-${name}`;
      setTerms(head.lastChild, words.partName(name));
      setText(count, words.count(n));
      setText(share, percent(n / told.total));
      setText(product, formula || words.TIED);
    });
    setText(remark, words.stated(told));
  };
}
