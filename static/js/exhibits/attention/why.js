// Two reasons, in numbers: why scores are divided by √d_head, measured on the head that is shown, and what attention
// costs beside recurrence and convolution at the present length.

import { setAttribute } from "../../dom.js";
import { once } from "../../draw/once.js";
import { count, decimal } from "../../format.js";
import { fit, widthOf } from "../../page/canvas.js";
import { setTerms } from "../../page/terms.js";
import { colours } from "../../page/theme.js";
import * as words from "./words.js";

const KERNEL = 3; // neighbours that the convolution beside sees at once
const [BARS, GAP] = [36, 26]; // px of a row of bars, and between two rows

export function mountWhy(root) {
  const [scale, cost] = [root.querySelector(".why-scale"), root.querySelector(".why-cost")];
  const put = (panel, name, text) => setTerms(panel.querySelector(`[data-value="${name}"]`), text);
  const canvas = scale.querySelector("canvas");

  const drawScale = once(({ scaling }, width, tint) => {
    const { d_head: d, pairs, variance, divided_variance: divided, row, own, divisor } = scaling;
    put(scale, "pairs", words.pairs(pairs));
    put(scale, "q", decimal(variance.q));
    put(scale, "k", decimal(variance.k));
    put(scale, "d", count(d));
    put(scale, "dot", decimal(variance.dot));
    put(scale, "divided", decimal(divided));
    put(scale, "divisor", words.rooted(divisor));
    put(scale, "theory", divisor === d ? "1" : decimal(d / divisor));
    for (const name of ["divided", "undivided"]) {
      const isOwn = name === own;
      put(scale, isOwn ? "own" : "other", words.softened(row[name], name === "divided", isOwn));
    }
    /** @type {[any, any]} */
    const both = [row[own], row[own === "divided" ? "undivided" : "divided"]];
    paintRows(fit(canvas, width, 2 * BARS + GAP), width, both, tint);
    setAttribute(canvas, "aria-label", words.softenedLabel(both[0].entropy_bits, both[1].entropy_bits));
  });

  /** Vaswani et al. 2017, table 1, at this length and width; `n` queries read `m` keys. */
  const drawCost = once((n, m, d, own) => {
    const path = Math.max(1, Math.ceil(Math.log(n) / Math.log(KERNEL)));
    const layers = {
      attention: { cost: n * m * d, steps: 1, path: 1 },
      recurrence: { cost: n * d * d, steps: n, path: n },
      convolution: { cost: KERNEL * n * d * d, steps: 1, path },
    };
    const most = Math.max(...Object.values(layers).map((layer) => layer.cost));
    for (const [name, layer] of Object.entries(layers)) {
      const line = cost.querySelector(`[data-layer="${name}"]`);
      put(line, "cost", count(layer.cost));
      put(line, "steps", count(layer.steps));
      put(line, "path", count(layer.path));
      line.querySelector(".bar-fill").style.transform = `scaleX(${(layer.cost / most).toFixed(4)})`;
    }
    put(cost, "name", words.costName(own));
    put(cost, "formula", words.costFormula(own));
    put(cost, "size", words.costSize(own, n, m, d, KERNEL, most));
    put(cost, "verdict", words.costVerdict(own, m, d));
  });

  return function draw({ cell, model, sides: { queries, keys, own } }) {
    drawCost(own ? keys.length : queries.length, keys.length, model.d_model, own);
    if (cell?.scaling) drawScale(cell, widthOf(canvas.parentElement), colours());
  };
}

/** Two rows of bars on one scale from 0 to 100 %: the row as the model has it, and what it would be the other way. */
function paintRows(context, width, [own, other], tint) {
  [
    [own, tint.attention],
    [other, tint.residual],
  ].forEach(([{ probabilities }, colour], index) => {
    const base = BARS + index * (BARS + GAP);
    const column = Math.min(width / 8, width / probabilities.length);
    context.fillStyle = tint.hairline;
    context.fillRect(0, base, width, 1);
    context.fillStyle = colour;
    probabilities.forEach((probability, i) => {
      const height = Math.max(0.75, probability * (BARS - 2));
      context.fillRect(i * column, base - height, Math.max(0.6, column - (column > 3 ? 1 : 0)), height);
    });
  });
}
