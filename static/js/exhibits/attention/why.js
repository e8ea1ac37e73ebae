// Two reasons, in numbers: why scores are divided by √d_head, measured on the head that is shown, and what attention
// costs beside recurrence and convolution at the present length.

import { colours } from "../../draw/color.js";
import { fit, setAttribute } from "../../dom.js";
import { count, decimal, percent, plural } from "../../format.js";
import { widthOf } from "../../draw/size.js";
import { setTerms } from "../../page/terms.js";

const KERNEL = 3; // neighbours that the convolution beside sees at once
const [BARS, GAP] = [36, 26]; // px of a row of bars, and between two rows

export function mountWhy(root) {
  const [scale, cost] = [root.querySelector(".why-scale"), root.querySelector(".why-cost")];
  const put = (panel, name, text) => setTerms(panel.querySelector(`[data-value="${name}"]`), text);
  const canvas = scale.querySelector("canvas");
  let drawn = {};

  return function draw({ frame, cell, model, sides }) {
    drawCost(model, sides);
    if (!cell?.scaling) return;
    const width = widthOf(canvas.parentElement);
    const theme = document.documentElement.dataset.theme;
    if (drawn.cell === cell && drawn.width === width && drawn.theme === theme) return;
    drawn = { cell, width, theme, frame };
    drawScale(cell.scaling, width);
  };

  function drawScale(scaling, width) {
    const { d_head: d, pairs, variance, divided_variance: divided, row, own } = scaling;
    put(scale, "pairs", plural(pairs, "pair"));
    put(scale, "q", decimal(variance.q));
    put(scale, "k", decimal(variance.k));
    put(scale, "d", count(d));
    put(scale, "dot", decimal(variance.dot));
    put(scale, "divided", decimal(divided));
    for (const name of ["divided", "undivided"])
      put(scale, name === own ? "own" : "other", words(row[name], name, own));
    const both = [row[own], row[own === "divided" ? "undivided" : "divided"]];
    paintRows(canvas, width, both);
    const said = both.map(({ entropy_bits: bits }) => `${decimal(bits)} bits`);
    const label = `the row's softmax as the model has it, entropy ${said[0]}, and the other way, ${said[1]}`;
    setAttribute(canvas, "aria-label", label);
  }

  function words({ entropy_bits: bits, probabilities }, name, own) {
    const how = { divided: "divided", undivided: "not divided" }[name];
    const whose = name === own ? " (this model)" : "";
    return `${how}${whose}: entropy ${decimal(bits)} bits, largest ${percent(Math.max(...probabilities))}`;
  }

  /** Vaswani et al. 2017, table 1, at this length and width. */
  function drawCost({ d_model: d }, { keys, own, queries }) {
    const n = own ? keys.length : queries.length;
    if (drawn.n === n && drawn.m === keys.length && drawn.d === d) return;
    Object.assign(drawn, { n, m: keys.length, d });
    const path = Math.max(1, Math.ceil(Math.log(n) / Math.log(KERNEL)));
    const layers = {
      attention: { cost: n * keys.length * d, steps: 1, path: 1 },
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
    put(cost, "name", own ? "self-attention" : "cross-attention");
    put(cost, "formula", own ? "n² · d" : "n · m · d");
    const lengths = own
      ? `n = ${plural(n, "token")}`
      : `n = ${plural(n, "token")} written, m = ${count(keys.length)} read`;
    put(cost, "size", `${lengths}, d = ${count(d)}, k = ${KERNEL}`);
    const [length, m] = [own ? "n" : "m", keys.length];
    const [beside, side] = m < d ? ["fewer", "below"] : ["more", "above"];
    const verdict = `Attention costs ${beside} operations than recurrence while ${length} is ${side} d`;
    put(cost, "verdict", `${verdict}: ${count(m)} here, against ${count(d)}.`);
  }
}

/** Two rows of bars on one scale from 0 to 100 %: the row as the model has it, and what it would be the other way. */
function paintRows(canvas, width, [own, other]) {
  const context = fit(canvas, width, 2 * BARS + GAP);
  const tint = colours();
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
