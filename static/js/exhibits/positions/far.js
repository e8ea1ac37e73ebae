// Past the length that they were trained on: six small models that differ only in their scheme, reading stories that
// none has seen, and then your text alone and behind 511 tokens of story. Asked for after a pause, not on a keystroke.

import { colours } from "../../page/theme.js";
import { once } from "../../draw/once.js";
import { ticks } from "../../draw/scale.js";
import { sans } from "../../draw/type.js";
import { fit, widthOf } from "../../page/canvas.js";
import { mountOpener } from "../../page/chart.js";
import { isTight } from "../../page/tight.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { decimal } from "../../format.js";
import { axes, box, dots, endLabels, stroke } from "../../draw/chart.js";
import { AXIS, FAR, READING, SHORT_NAME, farSummary, lossesSaid, noLoss, readerTitle } from "./words.js";

const PAUSE_MS = 700;
const AGAIN_MS = 1500; // after a refusal: the server may be reading for someone else
const ATTEMPTS = 5;
const HEIGHT = { usual: 280, tight: 250 };
const LENGTHS = ["128", "256", "512", "1024"];
const SIX = [
  { name: "gpt-sinusoidal", scheme: "sinusoidal" },
  { name: "gpt-learned", scheme: "learned" },
  { name: "gpt-rope", scheme: "rope" },
  { name: "gpt-alibi", scheme: "alibi" },
  { name: "gpt-t5bias", scheme: "t5" },
  { name: "gpt-nope", scheme: "none" },
];

export function mountFar(section, store) {
  const find = (selector) => section.querySelector(selector);
  const [canvas, status, words] = [find("canvas"), find(".far-status"), find(".far-words")];
  const take = pool(find("tbody"), () => {
    const cells = Array.from({ length: LENGTHS.length + 2 }, () => element("td"));
    const name = Object.assign(element("th", "", element("i"), element("span")), { scope: "row" });
    return element("tr", "", name, ...cells);
  });
  const opener = find(".open-large");
  mountOpener(opener, store);
  let answer = null;
  let asked = null;
  let timer = null;

  /** The six one after the other; what a change of the text overtakes is left. */
  async function read(text) {
    let models = answer?.models ?? SIX;
    for (const [index, { name: reader }] of SIX.entries()) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (asked !== text) return;
        if (store.state.exhibit !== "positions") {
          asked = null;
          return;
        }
        setText(status, READING.now(reader));
        try {
          const told = await store.call("reads", { reader, text }, reader);
          models = models.map((model, at) => (at === index ? told : model));
          answer = { ...told, models };
          setText(status, "");
          store.changed();
          break;
        } catch (error) {
          setText(status, READING.refused(reader, error.message));
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        }
      }
    }
  }

  /** Asks again, once a person has stopped typing for a moment. */
  function follow(text) {
    if (asked === text) return;
    asked = text;
    clearTimeout(timer);
    timer = setTimeout(() => read(text), PAUSE_MS);
  }

  const show = once((told, width, tint) => {
    fill(tint, told?.models ?? SIX, width < 440 ? 2 : 3);
    if (!told) return;
    const there = told.models.filter((model) => model.there);
    setText(words, farSummary(told, there));
    opener.hidden = there.length === 0;
    if (there.length === 0) return;
    setAttribute(canvas, "aria-label", lossesSaid(there));
    const height = isTight() ? HEIGHT.tight : HEIGHT.usual;
    paint(fit(canvas, width, height), { width, height }, told, there, tint);
  });

  function fill(tint, models, digits) {
    const nodes = take(models.length);
    const best = (values) => Math.min(...values.filter((value) => value != null));
    const column = (pick) => best(models.map(pick));
    const picks = [
      ...LENGTHS.map((length) => (model) => model.lengths?.[length]),
      (model) => model.alone,
      (model) => model.behind,
    ];
    const lows = picks.map(column);
    models.forEach((model, index) => {
      const [head, ...cells] = nodes[index].children;
      head.firstChild.style.background = tint.experts[index];
      setText(head.lastChild, SHORT_NAME[model.scheme]);
      setAttribute(nodes[index], "title", readerTitle(model));
      cells.forEach((cell, at) => {
        const value = picks[at](model);
        setText(cell, value == null ? noLoss(model, at !== 0 && at !== LENGTHS.length) : decimal(value, digits));
        cell.classList.toggle("best", value != null && value === lows[at]);
        cell.classList.toggle("none", value == null);
      });
    });
  }

  return function draw({ frame }) {
    follow(frame.text);
    show(answer, widthOf(canvas.parentElement), colours());
  };
}

function paint(context, { width, height }, { length, block, trained_at, models }, there, tint) {
  const values = there.flatMap(({ curve }) => curve);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = 0.1 * Math.max(most - least, 0.5);
  const right = width < 440 ? 84 : 100;
  const ends = [least - room, most + room];
  const chart = box(context, tint, { width, height }, [0, length], ends, { right });
  const { x, y, top, bottom } = chart;
  context.fillStyle = tint["gold-ground"];
  context.fillRect(x(0), top, x(trained_at) - x(0), bottom - top);
  axes(chart, {
    xTicks: [0, trained_at, ...[1, 2, 3].map((part) => trained_at + ((length - trained_at) * part) / 3)].map(
      Math.round,
    ),
    yTicks: ticks(...ends),
    xName: AXIS.position,
    yName: AXIS.nats,
    say: (value) => decimal(value, most - least < 0.4 ? 2 : 1),
  });
  context.font = sans(11, 550);
  context.fillStyle = tint["gold-ink"];
  context.textAlign = "left";
  context.fillText(FAR.trained, x(0) + 6, top + 13);
  if (there.some(({ curve }) => curve.length * block < length)) {
    context.fillStyle = tint.quiet;
    context.fillText(FAR.ends, x(trained_at) + 6, top + 13);
  }
  const named = [];
  models.forEach((model, index) => {
    if (!model.there) return;
    const points = model.curve.map((value, at) => [(at + 0.5) * block, value]);
    stroke(chart, points, tint.experts[index], 2);
    dots(chart, points.slice(-1), tint.experts[index], 3);
    if (model.curve.length * block < length) return;
    const [at, value] = points.at(-1);
    named.push({ text: SHORT_NAME[model.scheme], x: x(at), y: y(value), colour: tint.experts[index], ink: tint.ink });
  });
  endLabels(context, x(length) + 8, named, top + 6, bottom - 6);
}
