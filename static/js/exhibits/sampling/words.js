// What the sampling exhibit writes: about the settings, the draw, the thousand draws, the curve and the beam.

import {
  comesOut,
  count,
  decimal,
  decimalsOf,
  percent,
  plural,
  powerOfTen,
  scientific,
  wholePercent,
} from "../../format.js";
import { visible } from "../../page/chips.js";

/** How the value of each setting reads; "off" where it changes nothing. */
export const SETTING = {
  temperature: (value) => (value === 0 ? "0, greedy" : decimal(value)),
  top_k: (value) => (value === 0 ? "off" : count(value)),
  top_p: (value) => (value === 1 ? "off" : decimal(value)),
  min_p: (value) => (value === 0 ? "off" : decimal(value)),
};

const FILTERS = { top_k: "top-k", top_p: "top-p", min_p: "min-p" };

/** Why a family writes nothing on. */
export const WRITES_NOT = {
  bert: "BERT fills a place of the text and writes nothing on: the draws below are for the gold place.",
  t5: "It writes its output by itself, greedily: the draws below are for its next token there.",
};

/** What the last draw did; before there is one, what will decide. */
export function drawTold(last, { draws, sampling }) {
  if (!last) return `Random number ${count(draws + 1)} of seed ${sampling.seed} decides: the line in the draw below.`;
  const number = `The random number ${last.u.toFixed(4)} fell`;
  if (last.ended) return `${number} on the end of text: the story is over.`;
  const names = last.drawn.map((token) => visible(token, true)).join(" ");
  const part =
    last.drawn.length === 1 ? `its part of the bar, ${percent(last.drawn[0].chance)} of it` : "its first piece";
  return `Drawn: ${names}. ${number} into ${part}.`;
}

/** Over the place where the next draw will fall. */
export const NEXT_NUMBER = "next number";

/** A token's chance to be drawn. */
export function chanceOf({ kept, chance }) {
  return kept ? percent(chance) : "cut";
}

/** Over the chances side by side; `goesOn`: the model draws, and the next number is marked in them. */
export function lineUpHint(goesOn) {
  const line = goesOn ? "the line: the next random number, and what it will pick; " : "";
  return `the chances side by side, the likeliest first; ${line}ticks: a thousand random numbers of this seed`;
}

function keptOf({ kept, d_vocab }) {
  return kept === d_vocab ? `all ${count(kept)} tokens` : `${count(kept)} of ${count(d_vocab)} tokens`;
}

/** The chances side by side, for those who do not see them. */
export function lineUpSaid(next) {
  return `the chances of ${keptOf(next)} laid side by side from 0 to 1`;
}

/** Over the curve of the whole vocabulary. */
export function curveHint({ kept_mass }, isPinned) {
  return (
    `grey: the model's own; gold: chance to be drawn; ${isPinned ? "dotted: the model's own when pinned; " : ""}` +
    `the filters keep ${percent(kept_mass)} of the mass`
  );
}

/** The curve, for those who do not see it. */
export function curveSaid(next) {
  return `probability by rank on log axes; ${keptOf(next)} kept`;
}

/** 10⁻³, 1: a tick of the probability axis. */
export function probabilityTick(exponent) {
  return exponent === 0 ? "1" : powerOfTen(exponent);
}

export function rankAxis(n) {
  return `rank, of ${count(n)}`;
}

/** Beside the line where a filter cuts. */
export function filterLeaves(filter, left) {
  return `${FILTERS[filter]} leaves ${count(left)}`;
}

export function others(n) {
  return `${count(n)} others`;
}

/** How often a token came, for a screen reader. */
export function tallySaid(name, drawn, expected) {
  return `${name}: drawn ${drawn} times, ${decimal(expected, 1)} expected`;
}

export function thousandHint(n, { seed }, full) {
  const scale = `a full bar is ${wholePercent(full)} of them`;
  return `draws 1 to ${count(n)} of seed ${seed}, all at this place; bar and bold: drawn, line and grey: expected; ${scale}`;
}

export function thousandDistance({ distance, expected_distance }, d_vocab) {
  return (
    `Total variation distance between the drawn shares and the chances, over all ${count(d_vocab)} tokens: ` +
    `${percent(distance)}. A thousand fair draws differ by ${percent(expected_distance)} on average.`
  );
}

/** 4.0 · 10⁻⁴ for what no percentage would show well; 12.3 % for the rest. */
export function pathProbability(logarithm) {
  const p = Math.exp(logarithm);
  return p < 0.001 ? scientific(p) : `${decimal(100 * p, p < 0.01 ? 2 : 1)} %`;
}

/** Which of the beam's best and the greedy path won, {best, greedy: nodes, isSame: whether they are one}, and the rule. */
export function verdict({ best, greedy, isSame }) {
  const gained = best.score - greedy.score;
  const said = isSame
    ? "Greedy writes the same as the best of the beam."
    : best.depth === greedy.depth && gained > 0
      ? `The best of the beam is ${decimal(Math.exp(gained), 1)} times as probable as what greedy writes.`
      : "The best of the beam is another than what greedy writes.";
  return (
    `${said} Ranked by the sum divided by the number of tokens, the end counted: without that, each token more ` +
    "would only cost. Probability: of the whole path."
  );
}

/** The tree, for those who do not see it. */
export function treeSaid({ nodes, width, depth }) {
  return `a tree of ${count(nodes.length)} tokens, ${width} beams, ${plural(depth, "token")} deep; the ranking below reads it`;
}

/** Behind a last token: the sum of its path; a cross where it was dropped. */
export function leafLabel(score, isRanked) {
  return isRanked ? `= ${decimal(score)}` : "×";
}

/** How many decimals the sums of a ranking need, so that each over its number of tokens is the quotient beside it. */
export function sumDigits(leaves) {
  const holds = (rounded) => leaves.every(({ score, depth }) => comesOut(rounded(score) / depth, score / depth, 2));
  return decimalsOf(2, holds);
}

/** How many decimals stand on the edges of a tree, so that each ranked path adds up to the sum behind it. */
export function edgeDigits(paths) {
  const add = (path, rounded) => path.reduce((sum, node) => sum + rounded(node.log_probability), 0);
  return decimalsOf(2, (rounded) => paths.every((path) => comesOut(add(path, rounded), path.at(-1).score, 2)));
}
