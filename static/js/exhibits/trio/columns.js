// The three columns below the score: what each family sees, what it says and how sure it is, and whom the lit word
// reads, in numbers.

import { largestIn, paint } from "./sees.js";
import { tokensOf } from "./axis.js";
import { layersAt } from "./depth.js";
import { mountScale } from "../../page/scale.js";
import { widthOf } from "../../page/canvas.js";
import { colours } from "../../page/theme.js";
import { visible } from "../../page/chips.js";
import { element, fillTrack, pool, setAttribute, setText } from "../../dom.js";
import { count, decimal, percent, plural } from "../../format.js";
import { setTerms } from "../../page/terms.js";

const LISTED = 3;
const SQUARE = 160;
const ORDINAL = { one: "st", two: "nd", few: "rd", other: "th" };
const rules = new Intl.PluralRules("en-GB", { type: "ordinal" });

const ordinal = (value) => `${count(value)}${ORDINAL[rules.select(value)]}`;
/** A token among words of the page: whichever way it is written, they keep their order. */
const isolated = (text) => `\u2068${text}\u2069`;
const quoted = (token, said) => `“${visible(token, said)}”`;

/** What the family is asked, as the heading of its list. */
function question(family, { trio, gapWord: word }) {
  const { by } = trio.gap;
  if (family === "gpt") {
    return by === "choice" || by === "text" ? `In place of ${word}` : "What comes next";
  }
  if (family === "bert") {
    if (by === null) return "No word to mask yet";
    return by === "text" ? `Behind ${word}` : `${word}, masked`;
  }
  const { position, written } = trio.t5;
  if (position === 0) return "Its first word";
  return `Word ${position + 1}, after ${quoted(written[position - 1], true)}`;
}

/** What it goes by, or what came of it. */
function basis(family, { output }) {
  if (family === "t5") return output ? `all of it: “${output}”` : "all of it: no word";
  return family === "gpt" ? "from what stands to the left" : "from both sides";
}

/** What became of the text's own word. */
function verdict(own) {
  if (!own) return "";
  if (own.probability === undefined) return `Its own word is ${own.pieces} pieces here: one mask cannot say it.`;
  const part = own.pieces > 1 ? `, first of ${own.pieces} pieces` : "";
  return `The text has ${quoted(own)}${part}: ${percent(own.probability)}, ${ordinal(own.rank)} likeliest.`;
}

/** What has changed since the pin: what was likeliest then, and how far the two predictions are apart. */
function changed({ likeliest, change }) {
  const was = `Pinned: ${quoted(likeliest, true)} ${percent(likeliest.probability)}`;
  return change ? `${was}; ${decimal(change.kl_bits, 3)} bits apart.` : `${was}, of another vocabulary.`;
}

/** Why a family says nothing here. */
function silence(family, { trio }) {
  if (trio.gap.by === null) return "Type a word, and it is masked here.";
  return family === "gpt"
    ? "Nothing that it reads stands before this word."
    : `The word lies before the end of the text that it reads.`;
}

/** The tokens that the lit word reads most: "park 22.3 %, …". */
export function readers(family, { trio, place, tables, lit }) {
  if (lit.word === null) return "";
  const stave = place.staves[family];
  const queries = tokensOf(stave, trio.words[lit.word]);
  if (queries.length === 0) return "does not read it: only the end of the text fits";
  const reads = tables[family === "t5" ? "encoder" : family].mean(queries);
  return [...reads.keys()]
    .sort((a, b) => reads[b] - reads[a])
    .slice(0, LISTED)
    .map((key) => `${isolated(visible(stave.tokens[key]).replace(/^·(?=.)/, ""))} ${percent(reads[key])}`)
    .join(", ");
}

export function mountColumn(root, family) {
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
  const take = pool(find("ol"), () => {
    const bar = element("span", "bar-track", element("span", "bar-fill"), element("i", "tick"));
    return element("li", "candidate", element("bdi", "candidate-token"), bar, element("b"));
  });
  let painted = "";
  let told = {};

  function draw(view) {
    const { trio, catalog, picked, depth, frame } = view;
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
    setTerms(name, `${about.name}, ${decimal(about.parameters / 1e6, 1)} M parameters`);
    setText(asks, question(family, view));
    setAttribute(asks, "title", asks.textContent);
    list(model, view);
    setText(reads, view.word ? `${view.word} reads ${readers(family, view)}` : "");
    setAttribute(reads, "title", reads.textContent);
    const side = Math.min(SQUARE, widthOf(canvas.parentElement) || SQUARE);
    const theme = document.documentElement.dataset.theme;
    const rows = litRows(view);
    const key = [
      frame.seq,
      depth,
      theme,
      side,
      window.devicePixelRatio,
      ...rows.flatMap(({ from, to }) => [from, to]),
    ].join();
    if (key === painted) return;
    painted = key;
    paint(canvas, side, family, view.tables, rows);
    setAttribute(canvas, "aria-label", spokenSquare(model));
    drawScale(Math.round(2.55e4 * largestIn(family, view.tables)) / 1e2, "of a row", colours().sequential);
  }

  function list(model, view) {
    const former = view.since?.[family] ?? null;
    setAttribute(since, "hidden", view.pinned ? null : "");
    if (told.model === model && told.former === former) return;
    told = { model, former };
    const top = model.next?.top ?? [];
    const rows = take(top.length);
    const before = former?.before ?? [];
    const most = Math.max(0, ...top.map(({ probability }) => probability), ...before);
    top.forEach((entry, index) => {
      const [token, track, number] = rows[index].children;
      setText(token, visible(entry, true));
      fillTrack(track, entry.probability / most, index in before ? before[index] / most : null);
      setText(number, percent(entry.probability));
    });
    setText(since, former ? changed(former) : "");
    setText(own, model.next ? verdict(model.own) : silence(family, view));
    setText(output, basis(family, model));
    setAttribute(output, "title", output.textContent);
  }

  /** The rows of the lit word in the family's square. */
  function litRows({ trio, place, lit }) {
    const rows = [];
    if (lit.word !== null) {
      const queries = tokensOf(place.staves[family], trio.words[lit.word]);
      if (queries.length) rows.push({ from: queries[0], to: queries.at(-1) + 1 });
    }
    return rows;
  }

  function spokenSquare({ tokens, written }) {
    const read = plural(tokens.length, "token");
    if (family === "gpt") return `A triangle: each of ${read} may read itself and what stands to its left.`;
    if (family === "bert") return `A full square: each of ${read} may read every other.`;
    return (
      `A full square of ${read} that were read; below it, a rectangle: each written token reads all of them; ` +
      `beside it, a triangle: each of ${plural(written.length, "written token")} reads what was written before.`
    );
  }

  return draw;
}

/** "layer 3 of 6" for each family, or that it is the mean of all. */
export function depths(depth, { trio, catalog }) {
  if (depth === "mean") return "the mean over all layers and heads";
  const of = (family) => {
    const { n_layers: layers } = catalog.models[trio[family].model];
    return `${family.toUpperCase()} layer ${layersAt(depth, layers)[0] + 1} of ${layers}`;
  };
  const there = ["gpt", "bert", "t5"].filter((family) => !trio[family].missing);
  return `${there.map(of).join(", ")}, the mean over heads`;
}
