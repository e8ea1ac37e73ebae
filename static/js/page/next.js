// The column beside the exhibit, with the likeliest tokens by the model's own probabilities: what comes next in a GPT,
// what stands behind the mask or at the chosen token in a BERT, what a T5 took each token of its output from. Those
// that the sampling settings would cut off are faint. Of a model that predicts no token it says why.

import { element, fillTrack, pool, setAttribute, setText } from "../dom.js";
import { visible } from "./chips.js";
import { percent } from "../format.js";
import { adding, mountOffers, offers, takeApart } from "./offers.js";
import { named, others, subject } from "./prediction.js";
import { setTerms } from "./terms.js";
import { mountMasking } from "./word_mask.js";
import { DOT, LEFT_OUT, NOTHING_SAID, entropy, keyToPicture, ofVocabulary, otherTokens } from "./words.js";
import { mountWrote } from "./wrote.js";

const ROWS = 12;

function row(index) {
  const bar = element("span", "bar-track", element("span", "bar-fill"), element("i", "then"));
  const node = element("li", "candidate", element("bdi", "candidate-token"), bar, offers(), element("b"));
  node.tabIndex = index === 0 ? 0 : -1;
  return node;
}

export function mountNext(shell, store) {
  const find = (selector) => shell.querySelector(`.next ${selector}`);
  const take = pool(find(".candidates"), row);
  const [title, settings, rest, restMass, dot, unsure, timing] = [
    "h2",
    ".settings",
    ".rest span",
    ".rest b",
    ".dot",
    ".entropy",
    ".timing",
  ].map(find);
  const [unsaid, restRow] = [".unsaid", ".rest"].map(find);
  const offer = mountOffers(find(".candidates"), store, {
    listed: () => store.frame.next.top,
    adds: (candidate) => adding(store, candidate),
    apart: (candidate) => takeApart(store, candidate),
  });
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
    setText(unsaid, frame.unsaid ?? "");
    unsaid.hidden = !frame.unsaid;
    restRow.hidden = !next;
    if (!next) return sayNothing(frame);
    const top = next.top.slice(0, ROWS);
    const rows = take(top.length);
    const before = frame.pinned?.before ?? [];
    top.forEach((candidate, index) => {
      const [token, track, , number] = rows[index].children;
      offer(rows[index], candidate, frame.mask !== null);
      setText(token, visible(candidate, true));
      fillTrack(track, candidate.probability, before[index] ?? null); // a full track is certainty
      setText(number, percent(candidate.probability));
      rows[index].classList.toggle("cut", !candidate.kept);
      rows[index].classList.toggle("first-cut", !candidate.kept && index > 0 && top[index - 1].kept);
      setAttribute(rows[index], "title", candidate.kept ? null : LEFT_OUT);
    });
    const about = subject(frame, catalog.models[frame.model], catalog.limits);
    setTerms(title, about.title);
    const isChanged = Object.keys(frame.interventions).length > 0;
    setTerms(settings, ofVocabulary(about.place, next, named(frame.sampling), isChanged));
    const left = others(next, top.length);
    setText(rest, otherTokens(left.tokens));
    setText(restMass, percent(left.mass));
    setText(dot, [...frame.tokens, ...top].some(({ text }) => text.startsWith(" ")) ? DOT : "");
    setTerms(unsure, entropy(next.entropy_bits));
    tellTyped(frame);
  }

  /** Nothing is predicted: what the column says of a prediction is empty. */
  function sayNothing(frame) {
    take(0);
    for (const part of [settings, dot, unsure]) setText(part, "");
    setText(title, NOTHING_SAID.title);
    tellTyped(frame);
  }

  function tellTyped(frame) {
    if (store.typedAt && frame.text === store.state.text) {
      tellTime(store.typedAt, frame);
      store.typedAt = null;
    }
  }

  /** How long the key took, told in the animation frame that shows its picture. */
  function tellTime(typedAt, { timing_ms: { graph } }) {
    requestAnimationFrame(() => {
      setText(timing, keyToPicture(performance.now() - typedAt, graph));
    });
  }

  return { draw };
}
