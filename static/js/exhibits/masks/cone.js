// The cone: from the selected token up in the last layer down to the text, which tokens it can hear of, layer by layer.
// Violet lines are looks that the mask allows, grey ones the residual stream, which goes straight through.

import { paintColumnLabels, slanted } from "../../draw/labels.js";
import { mono, sans } from "../../draw/type.js";
import * as words from "./words.js";

const [LEFT, RIGHT] = [92, 82]; // px for the names of the layers, and for the counts
const DIGIT = 7; // px of a digit of a count
const [HEAD, FOOT] = [16, 70];
const ROW = 40; // px from one layer to the next
export const NEVER = 255; // steps of a token that is not heard in any layer
const MOST_LINES = 1500; // between two layers; above, one band stands for all of them

export function heightFor(layers) {
  return HEAD + ROW * layers + FOOT;
}

/**
 * How many tokens of a frame's text can be heard at a row of the picture after each number of layers, from none to all of
 * them; of a long text, in whose picture not all stand, the server has counted them.
 */
export function heard({ arrays: { steps, heard: counted }, tokens: { length: tokens } }, query, layers) {
  if (counted) return [...counted.subarray(query * (layers + 1), (query + 1) * (layers + 1))];
  const row = steps.subarray(query * tokens, (query + 1) * tokens);
  return Array.from({ length: layers + 1 }, (_, within) => row.reduce((sum, step) => sum + (step <= within), 0));
}

/** Where tokens stand across, and layers down; `count` is how many tokens the text has. */
function placed(width, { tokens, count }) {
  const left = width < 480 ? 58 : LEFT;
  const right = RIGHT + DIGIT * Math.max(0, words.coneCount(count, count).length - 10);
  const pitch = Math.min(46, (width - left - right) / tokens.length);
  const x = (token) => left + (token + 0.5) * pitch;
  const y = (within) => HEAD + within * ROW;
  return { left, right: left + tokens.length * pitch + right - 4, pitch, x, y };
}

/** The lines alone, for the token `query`; `cells` has those of each layer. */
export function paintLines(context, width, view, tint) {
  const { cells, steps, tokens, layers, query } = view;
  const { x, y } = placed(width, view);
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

/**
 * Over the lines: the tokens of each layer as dots, and the labels; `hover` is a token or null.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {{steps: Uint8Array, tokens: Token[], count: number, counts: number[], layers: number, query: number,
 *   hover: number | null, labels: any}} shown
 * @param {Record<string, string>} tint
 */
export function paintOver(context, width, { hover, labels, counts, ...view }, tint) {
  const { steps, tokens, count, layers, query } = view;
  const { left, right, pitch, x, y } = placed(width, view);
  const far = (token) => steps[query * tokens.length + token];
  const radius = Math.max(1.2, Math.min(4.5, pitch / 3.2));
  for (let within = 0; within <= layers; within++) {
    for (let token = 0; token < tokens.length; token++) {
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
  paintRows(context, { left, right, y, counts, layers, count }, tint);
  const ink = (index) => (index === query ? tint["gold-ink"] : null);
  const reached = { ...labels, isQuiet: (index) => far(index) > layers };
  const below = { left, y: y(layers) + 12, pitch, room: slanted(FOOT) - 14, size: 11.5 };
  paintColumnLabels(context, below, reached, { first: [hover, query], ink }, tint);
}

/** The names of the rows on the left, and on the right how many tokens are lit in each. */
function paintRows(context, { left, right, y, counts, layers, count }, tint) {
  context.textBaseline = "middle";
  context.fillStyle = tint.quiet;
  counts.forEach((number, within) => {
    context.font = sans(11.5, 400);
    context.textAlign = "left";
    context.fillText(words.coneRow(layers - within, left < LEFT), 0, y(within));
    context.font = mono(11.5);
    context.textAlign = "right";
    context.fillText(words.coneCount(number, count), right, y(within));
  });
}
