// The three columns below the score: what each family sees, what it says and how sure it is, and whom the lit word
// reads, in numbers.

import { largestIn, mountImages, paint } from "./sees.js";
import { tokensOf } from "./axis.js";
import { layersAt } from "./depth.js";
import { mountScale } from "../../page/scale.js";
import { once } from "../../draw/once.js";
import { mountOffers, offers } from "../../page/offers.js";
import { fit, pixelRatio, widthOf } from "../../page/canvas.js";
import { colours } from "../../page/theme.js";
import { visible } from "../../page/chips.js";
import { element, fillTrack, pool, setAttribute, setText } from "../../dom.js";
import { percent } from "../../format.js";
import { setTerms } from "../../page/terms.js";
import { adding, apart, fills } from "./offers.js";
import {
  OF_A_ROW,
  basis,
  changed,
  modelName,
  question,
  readsMost,
  silence,
  squareSaid,
  verdict,
  wordReads,
} from "./words.js";

const LISTED = 3;
const SQUARE = 160;
/** The tokens that the lit word reads most: "park 22.3 %, …". */
export function readers(family, { trio, place, tables, lit }) {
  if (lit.word === null) return "";
  const stave = place.staves[family];
  const queries = tokensOf(stave, trio.words[lit.word]);
  if (queries.length === 0) return readsMost(null);
  const reads = tables[family === "t5" ? "encoder" : family].mean(queries);
  const most = [...reads.keys()].sort((a, b) => reads[b] - reads[a]).slice(0, LISTED);
  return readsMost(most.map((key) => ({ token: stave.tokens[key], share: reads[key] })));
}

export function mountColumn(root, family, store) {
  const find = (selector) => root.querySelector(selector);
  const [name, missing, body, asks, own, since, reads, canvas, scale, output] = [
    "h2 span",
    ".missing",
    ".trio-body",
    "h3",
    ".own",
    ".since",
    ".reads",
    ".sees canvas",
    ".scale",
    ".output",
  ].map(find);
  const drawScale = mountScale(scale);
  const take = pool(find("ol"), (index) => {
    const bar = element("span", "bar-track", element("span", "bar-fill"), element("i", "then"));
    const node = element("li", "candidate", element("bdi", "candidate-token"), bar, offers(), element("b"));
    node.tabIndex = index === 0 ? 0 : -1;
    return node;
  });
  const offer = mountOffers(find("ol"), store, {
    listed: () => store.frame.trio[family].next.top,
    adds: (candidate) => adding(store, family, candidate),
    apart: (candidate) => apart(store, family, candidate),
  });
  const imageOf = mountImages();
  let told = {};

  function draw(view) {
    const { trio, catalog, picked } = view;
    const model = trio[family];
    root.classList.toggle("picked", family === picked);
    setAttribute(missing, "hidden", model.missing ? null : "");
    setAttribute(body, "hidden", model.missing ? "" : null);
    if (model.missing) {
      setText(missing, model.missing);
      setText(name, "");
      return;
    }
    const about = catalog.models[model.model];
    setTerms(name, modelName(about));
    const learned = about.positions === "t5" ? "t5" : "other"; // of a BART or a Marian, which are of T5's family
    for (const said of root.querySelectorAll("[data-learned]")) said.hidden = said.dataset.learned !== learned;
    setText(asks, question(family, view));
    setAttribute(asks, "title", asks.textContent);
    list(model, view);
    setText(reads, view.word ? wordReads(view.word, readers(family, view)) : "");
    setAttribute(reads, "title", reads.textContent);
    const side = Math.min(SQUARE, widthOf(canvas.parentElement) || SQUARE);
    const queries = view.lit.word === null ? [] : tokensOf(view.place.staves[family], trio.words[view.lit.word]);
    drawSquare(model, view.tables, queries[0], queries.at(-1), side, pixelRatio(), colours());
  }

  /** `first` and `last` are the lit word's tokens, undefined where it has none. */
  const drawSquare = once((model, tables, first, last, side, _, tint) => {
    const lit = first === undefined ? null : { from: first, to: last + 1 };
    paint(fit(canvas, side, side), side, family, tables, lit, imageOf, tint);
    setAttribute(canvas, "aria-label", squareSaid(family, model));
    drawScale(largestIn(family, tables), OF_A_ROW, tint.sequential);
  });

  function list(model, view) {
    const former = view.since?.[family] ?? null;
    setAttribute(since, "hidden", view.pinned ? null : "");
    if (told.model === model && told.former === former) return;
    told = { model, former };
    const top = model.next?.top ?? [];
    const rows = take(top.length);
    const before = former?.before ?? [];
    top.forEach((entry, index) => {
      const [token, track, , number] = rows[index].children;
      offer(rows[index], entry, fills(family, view.frame));
      setText(token, visible(entry, true));
      fillTrack(track, entry.probability, before[index] ?? null);
      setText(number, percent(entry.probability));
    });
    setText(since, former ? changed(former) : "");
    setText(own, model.next ? verdict(model.own) : silence(family, view));
    setText(output, basis(family, model));
    setAttribute(output, "title", output.textContent);
  }

  return draw;
}

/** The layer of each family at a depth, as its words need it; null for the mean of all. */
export function layersOf(depth, { trio, catalog }) {
  if (depth === "mean") return null;
  const there = ["gpt", "bert", "t5"].filter((family) => !trio[family].missing);
  return there.map((family) => {
    const { n_layers: layers } = catalog.models[trio[family].model];
    return { family, layer: layersAt(depth, layers)[0], layers };
  });
}
