// One cell in numbers: the q and k vectors, their products, and score -> scale -> mask -> softmax. The numbers are
// exact, fetched from the server for this cell when typing pauses; while newer ones are on the way the old ones are
// dimmed. Where a state is pinned, lines in the row and a number say what it was then.

import { visible } from "../../page/chips.js";
import { colours } from "../../draw/color.js";
import { fit, setText } from "../../dom.js";
import { decimal, percent } from "../../format.js";
import { widthOf } from "../../draw/size.js";
import { setTerms } from "../../page/terms.js";
import { mountExact, mountFormer } from "./exact.js";

const LABEL = 40;

export function mountCell(section, store) {
  const find = (selector) => section.querySelector(selector);
  const step = (name) => find(`[data-step="${name}"]`);
  const [vectors, rows] = [find(".vectors canvas"), find(".rows canvas")];
  const [exact, former] = [mountExact(store), mountFormer(store)];
  let drawn = {};

  function draw({ state, frame, kind, layer, sides, open, since }) {
    const place = { kind, layer, head: state.head, ...open };
    const cell = exact({ text: frame.text, model: frame.model, ...place });
    const isSame = since?.isSame(open.query, open.key) ?? false;
    const then = isSame ? former(since.asked, place) : null;
    section.classList.toggle("stale", cell === null);
    if (!cell || cell.error) return;
    const width = widthOf(vectors.parentElement);
    const theme = document.documentElement.dataset.theme;
    const now = { cell, width, theme, then, since };
    if (Object.keys(now).every((part) => drawn[part] === now[part])) return;
    drawn = now;
    words(cell, sides);
    const before = then ? `when pinned ${percent(then.probability)}` : "another token when pinned";
    setTerms(
      step("softmax").querySelector("span"),
      !since || (isSame && !then) ? "softmax over the row" : `softmax; ${before}`,
    );
    drawVectors(vectors, width, cell);
    drawRow(
      rows,
      width,
      cell,
      then?.row.probabilities.map((value, key) => (since.isSame(cell.query, key) ? value : null)),
    );
  }

  function words(cell, { queries, keys }) {
    setText(find("h2 .query"), visible(queries[cell.query]));
    setText(find("h2 .key"), visible(keys[cell.key]));
    const say = (name, value) => setText(step(name).querySelector("b"), value);
    const d = cell.q.length;
    say("dot", decimal(cell.dot));
    step("bias").hidden = cell.bias === null;
    if (cell.bias !== null) say("bias", (cell.bias > 0 ? "+" : "") + decimal(cell.bias));
    setText(
      step("scaled").querySelector("span"),
      cell.scales ? `scale: divided by √${d}` : "scale: none, T5 has no √d",
    );
    say("scaled", decimal(cell.scaled));
    say("mask", cell.allowed ? "may attend" : "not allowed");
    say("softmax", percent(cell.probability));
    vectors.setAttribute(
      "aria-label",
      `query and key of ${d} numbers each; their products add up to ${decimal(cell.dot)}`,
    );
  }

  return draw;
}

/** q and k as strips of colour, their products as bars; one column for each of the d_head numbers. */
function drawVectors(canvas, width, { q, k, dot }) {
  const [strip, bars, gap] = [15, 44, 5];
  const height = 2 * (strip + gap) + bars + 20;
  const context = fit(canvas, width, height);
  const tint = colours();
  const column = (width - LABEL) / q.length;
  const largest = Math.max(...q.map(Math.abs), ...k.map(Math.abs));
  const label = (text, y, colour, font = 'italic 600 13px "Source Serif 4", serif') => {
    context.font = font;
    context.fillStyle = colour;
    context.textBaseline = "middle";
    context.fillText(text, 0, y);
  };
  [
    [q, "q", tint["query-ink"]],
    [k, "k", tint["key-ink"]],
  ].forEach(([values, name, colour], row) => {
    const y = row * (strip + gap);
    label(name, y + strip / 2, colour);
    values.forEach((value, i) => {
      context.fillStyle = tint.signed(value / largest);
      context.fillRect(LABEL + i * column, y, Math.max(0.5, column - (column > 3 ? 0.75 : 0)), strip);
    });
    context.strokeStyle = tint.hairline;
    context.lineWidth = 1;
    context.strokeRect(LABEL - 0.5, y - 0.5 + (row ? 0 : 1), width - LABEL, strip);
  });
  const products = q.map((value, i) => value * k[i]);
  const tallest = Math.max(...products.map(Math.abs), 1e-9);
  const zero = 2 * (strip + gap) + bars / 2;
  label("q × k", zero, tint.quiet);
  products.forEach((product, i) => {
    const length = (product / tallest) * (bars / 2);
    context.fillStyle = product < 0 ? tint.negative : tint.positive;
    context.fillRect(LABEL + i * column, Math.min(zero, zero - length), Math.max(0.5, column - 0.75), Math.abs(length));
  });
  context.fillStyle = tint.hairline;
  context.fillRect(LABEL, zero - 0.5, width - LABEL, 1);
  label(
    `colours ±${decimal(largest)}, bars ±${decimal(tallest)}; sum ${decimal(dot)}`,
    height - 7,
    tint.quiet,
    "450 11px Inter, sans-serif",
  );
}

/**
 * The whole row: scaled scores as bars from zero, below them the probabilities that softmax makes of them. `then` is what
 * the probabilities were, null for another token; or null.
 */
function drawRow(canvas, width, { row, key }, then) {
  const [bars, caption, gap] = [34, 15, 6];
  const context = fit(canvas, width, 2 * (bars + caption) + gap);
  const tint = colours();
  const column = Math.min(width / 6, width / row.scores.length);
  const known = row.scores.filter((score) => score !== null);
  const [lowest, highest] = [Math.min(0, ...known), Math.max(0, ...known)];
  const span = highest - lowest || 1;
  const write = (text, y) => {
    context.font = "450 11px Inter, sans-serif";
    context.fillStyle = tint.quiet;
    context.textBaseline = "top";
    context.fillText(text, 0, y);
  };
  const bar = (i, from, to, colour) => {
    context.fillStyle = i === key ? tint.key : colour;
    context.fillRect(
      i * column,
      Math.min(from, to),
      Math.max(0.6, column - (column > 3 ? 1 : 0)),
      Math.max(0.75, Math.abs(to - from)),
    );
  };
  write(`scores of the row, ${decimal(lowest, 1)} to ${decimal(highest, 1)}`, 0);
  const zero = caption + (highest / span) * bars;
  row.scores.forEach((score, i) => {
    if (score !== null) bar(i, zero, zero - (score / span) * bars, tint.residual);
    else bar(i, caption + bars / 2 - 0.5, caption + bars / 2 + 0.5, tint.masked);
  });
  const base = 2 * (bars + caption) + gap;
  const most = Math.max(...row.probabilities, ...(then ?? []), 1e-9);
  write(
    `softmax: 0 to ${percent(most)}${then ? "; line: when pinned" : `, in all 100${"\u00a0"}%`}`,
    bars + caption + gap,
  );
  row.probabilities.forEach((probability, i) => bar(i, base, base - (probability / most) * bars, tint.attention));
  context.fillStyle = tint.ink;
  then?.slice(0, row.probabilities.length).forEach((probability, i) => {
    if (probability)
      context.fillRect(i * column, base - (probability / most) * (bars - 1) - 1, Math.max(1, column - 1), 1.5);
  });
}
