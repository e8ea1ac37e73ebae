// The cone: from the selected token up in the last layer down to the text, which tokens it can hear of, layer by layer.
// Violet lines are looks that the mask allows, grey ones the residual stream, which goes straight through.

import { chosen, mono, stepFor } from "../../draw/labels.js";
import { fitted, visible } from "../../page/chips.js";
import { colours } from "../../draw/color.js";
import { fit } from "../../dom.js";

const [LEFT, RIGHT] = [92, 82]; // px for the names of the layers, and for the counts
const [HEAD, FOOT] = [16, 70];
const ROW = 40; // px from one layer to the next
const COLUMN_LINE = 17;
const ANGLE = -Math.PI / 3;
const MOST_LINES = 1500; // between two layers; above, one band stands for all of them

export function heightFor(layers) {
  return HEAD + ROW * layers + FOOT;
}

/** How many tokens can be heard at `query` after each number of layers, from none to all of them. */
export function heard(steps, tokens, query, layers) {
  const row = steps.subarray(query * tokens, (query + 1) * tokens);
  return Array.from({ length: layers + 1 }, (_, within) => row.reduce((sum, step) => sum + (step <= within), 0));
}

/** Where tokens stand across, and layers down. */
function placed(width, { tokens, layers }) {
  const left = width < 480 ? 58 : LEFT;
  const pitch = Math.min(46, (width - left - RIGHT) / tokens.length);
  const x = (token) => left + (token + 0.5) * pitch;
  const y = (within) => HEAD + within * ROW;
  return { left, pitch, x, y, height: heightFor(layers) };
}

/** The lines alone, for the token `query`; `cells` has those of each layer. */
export function paintLines(canvas, width, view) {
  const { cells, steps, tokens, layers, query } = view;
  const { x, y, height } = placed(width, view);
  const context = fit(canvas, width, height);
  const tint = colours();
  const far = (token) => steps[query * tokens.length + token];
  context.lineWidth = 1;
  for (let within = 0; within < layers; within++) gap(within);

  /** The lines from the tokens lit `within` so many layers to those that they read. */
  function gap(within) {
    const [top, bottom] = [y(within), y(within + 1)];
    const lit = tokens.flatMap((_, token) => (far(token) <= within ? [token] : []));
    context.strokeStyle = tint.residual;
    context.globalAlpha = Math.max(0.15, Math.min(0.55, 14 / lit.length));
    context.beginPath();
    for (const token of lit) {
      context.moveTo(x(token), top);
      context.lineTo(x(token), bottom);
    }
    context.stroke();
    const here = cells[layers - 1 - within];
    const looks = lit.flatMap((from) =>
      tokens.flatMap((_, to) => (to !== from && here.at(from, to) ? [[from, to]] : [])),
    );
    context.strokeStyle = context.fillStyle = tint.attention;
    if (looks.length > MOST_LINES) {
      const read = looks.map(([, to]) => to);
      context.globalAlpha = 0.16;
      context.beginPath();
      context.moveTo(x(lit[0]), top);
      context.lineTo(x(lit.at(-1)), top);
      context.lineTo(x(read.reduce((a, b) => Math.max(a, b))), bottom);
      context.lineTo(x(read.reduce((a, b) => Math.min(a, b))), bottom);
      context.fill();
    } else {
      context.globalAlpha = Math.max(0.12, Math.min(0.65, 14 / Math.sqrt(looks.length + 1) / 4));
      context.beginPath();
      for (const [from, to] of looks) {
        context.moveTo(x(from), top);
        context.bezierCurveTo(x(from), top + ROW * 0.45, x(to), bottom - ROW * 0.45, x(to), bottom);
      }
      context.stroke();
    }
    context.globalAlpha = 1;
  }
}

/** Draws it with the lines that `paintLines` has left on a canvas; `hover` is a token or null. */
export function paint(canvas, lines, width, { hover, ...view }) {
  const { steps, tokens, layers, query } = view;
  const { left, pitch, x, y, height } = placed(width, view);
  const context = fit(canvas, width, height);
  const tint = colours();
  const count = tokens.length;
  const far = (token) => steps[query * count + token];
  const counts = heard(steps, count, query, layers);
  context.drawImage(lines, 0, 0, width, height);
  const radius = Math.max(1.2, Math.min(4.5, pitch / 3.2));
  for (let within = 0; within <= layers; within++) {
    for (let token = 0; token < count; token++) {
      const lit = far(token) <= within;
      context.beginPath();
      context.arc(x(token), y(within), lit ? radius : Math.max(0.8, radius * 0.55), 0, 2 * Math.PI);
      const here = token === query && within === 0;
      context.fillStyle = here ? tint.gold : lit ? tint.attention : tint.hairline;
      context.fill();
      if (token === hover && lit) {
        context.strokeStyle = tint.gold;
        context.lineWidth = 2;
        context.stroke();
      }
    }
  }
  words(context, { tint, left, right: left + count * pitch + RIGHT - 4, y, counts, layers, count });
  context.textAlign = "right";
  for (const index of chosen(count, stepFor(pitch, COLUMN_LINE), [hover, query])) {
    const reached = far(index) <= layers;
    context.font = mono(11.5, index === query ? 700 : 450);
    context.fillStyle = index === query ? tint["gold-ink"] : reached ? tint.ink : tint.quiet;
    context.save();
    context.translate(x(index) + 3, y(layers) + 12);
    context.rotate(ANGLE);
    context.fillText(fitted(context, visible(tokens[index]), FOOT / Math.sin(-ANGLE) - 14), 0, 0);
    context.restore();
  }
}

/** The names of the rows on the left, and on the right how many tokens are lit in each. */
function words(context, { tint, left, right, y, counts, layers, count }) {
  context.textBaseline = "middle";
  context.fillStyle = tint.quiet;
  counts.forEach((number, within) => {
    const layer = layers - within;
    context.font = "400 11.5px Inter, sans-serif";
    context.textAlign = "left";
    const narrow = left < LEFT;
    context.fillText(
      layer ? `${narrow ? "layer" : "after layer"} ${layer}` : narrow ? "text" : "the text",
      0,
      y(within),
    );
    context.font = mono(11.5);
    context.textAlign = "right";
    context.fillText(`${number} of ${count}`, right, y(within));
  });
}
