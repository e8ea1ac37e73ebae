// What the loss pulls at: the target's logit, those of the likeliest others, and all the rest; and what a number of 16
// bits keeps of it.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { percent } from "../../format.js";
import { fit, widthOf } from "../../page/canvas.js";
import { visible } from "../../page/chips.js";
import { setTerms } from "../../page/terms.js";
import { BINS_HEIGHT, paintBins } from "./losses.js";
import * as words from "./words.js";

const FLOAT16 = -25 * Math.log10(2); // half of the smallest number: what is smaller is rounded to zero
const FORMATS = ["float16", "scaled", "bfloat16"];

function entryRow() {
  const name = element("th", "", element("bdi"));
  name.scope = "row";
  const slope = element("td", "slope", element("b"), element("span", "way", element("i")));
  return element("tr", "", name, element("td"), element("td"), slope);
}

function formatRow() {
  const name = element("th");
  name.scope = "row";
  return element("tr", "", name, element("td"), element("td"));
}

/** What label smoothing leaves of the target, and gives every entry. */
function wantedOf(index, isRest, share, d_vocab, n) {
  if (isRest) return (share * n) / d_vocab;
  return (index === 0 ? 1 - share : 0) + share / d_vocab;
}

export function mountPulled(section) {
  const [token, mean] = ["bdi", "span"].map((part) => section.querySelector(`.pulled-words ${part}`));
  const take = pool(section.querySelector("tbody"), entryRow);

  return once((training, smoothing, d_vocab) => {
    const { gradient, targets, chosen } = training;
    section.hidden = gradient === null;
    if (!gradient) return;
    setText(token, visible(targets[chosen], true));
    setText(mean, words.meanOf(targets.length));
    const told = [...gradient.rows, { ...gradient.rest, isRest: true }];
    const most = Math.max(...told.map(({ slope }) => Math.abs(slope)));
    const nodes = take(told.length);
    told.forEach((row, index) => {
      const [name, probability, wanted, slope] = nodes[index].children;
      setText(name.firstChild, row.isRest ? words.others(row.n) : visible(row, true));
      setText(probability, percent(row.probability));
      setText(wanted, percent(wantedOf(index, row.isRest, smoothing / 100, d_vocab, row.n)));
      setText(slope.firstChild, words.slope(row.slope));
      const way = /** @type {HTMLElement} */ (slope.lastChild);
      way.classList.toggle("up", row.slope < 0);
      const bar = /** @type {HTMLElement} */ (way.firstChild);
      bar.style.transform = `scaleX(${(Math.abs(row.slope) / (most || 1)).toFixed(4)})`;
      nodes[index].classList.toggle("target", index === 0);
    });
  });
}

export function mountShort(section) {
  const canvas = section.querySelector("canvas");
  const take = pool(section.querySelector("tbody"), formatRow);

  const fill = once(({ gradient, loss_scale: scale }) => {
    const nodes = take(FORMATS.length);
    FORMATS.forEach((format, index) => {
      const [name, entries, size] = nodes[index].children;
      setTerms(name, words.format(format, scale));
      setText(entries, percent(gradient.kept[format].entries));
      setText(size, percent(gradient.kept[format].size));
    });
    setAttribute(canvas, "aria-label", words.shortSaid(gradient.kept));
  });

  const paint = once(({ lowest, loss_scale: scale }, bins, width, tint) => {
    const floors = [
      { at: FLOAT16, said: words.FLOOR, colour: "key", up: false },
      { at: FLOAT16 - Math.log10(scale), said: words.FLOOR_SCALED, colour: "query", up: true },
    ];
    paintBins(fit(canvas, width, BINS_HEIGHT), tint, width, bins, { lowest, floors });
  });

  return function draw(training, bins, tint) {
    section.hidden = training.gradient === null;
    if (!training.gradient) return;
    fill(training);
    paint(training, bins, widthOf(section), tint);
  };
}
