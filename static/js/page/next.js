// The column beside the exhibit, with the likeliest tokens by the model's own probabilities: what comes next in a GPT,
// what stands behind the mask or at the chosen token in a BERT, what a T5 took each token of its output from. Those
// that the sampling settings would cut off are faint.

import { element, fillTrack, pool, setAttribute, setText } from "../dom.js";
import { visible } from "./chips.js";
import { count, decimal, percent } from "../format.js";
import { mountMasking } from "./word_mask.js";
import { named, others, subject } from "./prediction.js";
import { setTerms } from "./terms.js";
import { mountWrote } from "./wrote.js";

const ROWS = 12;

function row() {
  const bar = element("span", "bar-track", element("span", "bar-fill"), element("i", "tick"));
  return element("li", "candidate", element("bdi", "candidate-token"), bar, element("b"));
}

export function mountNext(shell, store) {
  const find = (selector) => shell.querySelector(`.next ${selector}`);
  const take = pool(find(".candidates"), row);
  const [title, settings, rest, restMass, entropy, timing] = [
    "h2",
    ".settings",
    ".rest span",
    ".rest b",
    ".entropy",
    ".timing",
  ].map(find);
  const [drawWrote, drawMasking] = [mountWrote(shell, store), mountMasking(shell, store)];
  let shown = null;

  function draw(view) {
    const { frame, catalog } = view;
    if (!frame) return;
    drawWrote(view);
    drawMasking(view);
    if (frame === shown) return;
    shown = frame;
    const { next } = frame;
    const top = next.top.slice(0, ROWS);
    const rows = take(top.length);
    const cuts = next.kept < next.d_vocab;
    const before = frame.pinned?.before ?? [];
    const scale = Math.max(top[0].probability, ...before.slice(0, top.length));
    top.forEach((candidate, index) => {
      const [token, track, number] = rows[index].children;
      setText(token, visible(candidate, true));
      fillTrack(track, candidate.probability / scale, index in before ? before[index] / scale : null);
      setText(number, percent(candidate.probability));
      rows[index].classList.toggle("cut", !candidate.kept);
      rows[index].classList.toggle("first-cut", !candidate.kept && index > 0 && top[index - 1].kept);
      setAttribute(rows[index], "title", candidate.kept ? null : "the sampling settings leave it out");
    });
    const about = subject(frame, catalog.models[frame.model], catalog.limits);
    setTerms(title, about.title);
    const name = named(frame.sampling);
    const unsettled = Object.keys(frame.interventions).length ? "as the changed model says it" : "as the model says it";
    const kept = cuts ? `, keeps ${count(next.kept)}` : "";
    setTerms(settings, `${about.place}${count(next.d_vocab)} tokens, ${name ? `${name}${kept}` : unsettled}`);
    const left = others(next, top.length);
    setText(rest, `the other ${count(left.tokens)} tokens`);
    setText(restMass, percent(left.mass));
    const alike = 2 ** next.entropy_bits;
    const unsure = alike < 1.5 ? "nearly certain" : `like a choice among ${count(Math.round(alike))} equals`;
    setTerms(entropy, `entropy ${decimal(next.entropy_bits, 1)} bits: ${unsure}`);
    if (store.typedAt && frame.text === store.state.text) {
      tellTime(store.typedAt, frame);
      store.typedAt = null;
    }
  }

  /** How long the key took, told in the animation frame that shows its picture. */
  function tellTime(typedAt, { timing_ms: { graph } }) {
    requestAnimationFrame(() => {
      const waited = performance.now() - typedAt;
      setText(timing, `${Math.round(waited)} ms from key to picture, ${Math.round(graph)} ms of it the model`);
    });
  }

  return { draw };
}
