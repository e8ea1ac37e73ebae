// The charts over the time of training: losses and induction at its moments, the learning rate and the loss curve of
// the run.

import { axes, box, dots, endLabels, stroke } from "../../draw/chart.js";
import { ticks } from "../../draw/scale.js";
import * as words from "./words.js";

export const [TIME_HEIGHT, RUN_HEIGHT] = [200, 210];
const MARK = 4;
const LEAST_SCORE = 0.2; // where the axis of induction ends, at the least

/** Evenly from moment to moment: they lie at even distances on a log scale of steps, but for the first. */
function momentsBox(context, tint, width, { moments, at }, ys, room = {}) {
  const size = { width, height: TIME_HEIGHT };
  const chart = box(context, tint, size, [0, moments.length - 1], ys, { left: 40, right: 74, top: 12, ...room });
  context.fillStyle = tint["gold-ground"];
  context.fillRect(chart.x(at) - 9, chart.top, 18, chart.bottom - chart.top);
  return chart;
}

const stepTicks = (moments) => moments.map(({ step }, at) => ({ at, label: words.stepShort(step) }));

/** Held-out loss and that of the text at every moment that has answered. */
export function paintLosses(context, tint, width, time, found) {
  const { moments, at } = time;
  const text = found.map(({ loss }, index) => [index, loss]).filter(([, loss]) => loss !== null);
  const held = moments.map(({ held_out }, index) => [index, held_out]);
  const most = Math.max(...[...text, ...held].map(([, loss]) => loss));
  const chart = momentsBox(context, tint, width, time, [0, most]);
  axes(chart, { xTicks: stepTicks(moments), yTicks: ticks(0, most, 4), xName: words.STEP, yName: words.NATS });
  const series = [
    { points: held, colour: tint.attention, ink: tint["attention-ink"], said: words.HELD_OUT, dash: [4, 3] },
    { points: text, colour: tint.gold, ink: tint["gold-ink"], said: words.THIS_TEXT, dash: [] },
  ].filter(({ points }) => points.length > 0);
  for (const { points, colour, dash } of series) {
    stroke(chart, points, colour, 1.75, dash);
    dots(chart, points, colour);
    if (points[at]) dots(chart, [points[at]], colour, MARK);
  }
  ends(chart, series);
}

/** Names at the ends of lines. */
function ends(chart, series) {
  const told = series.map(({ points, colour, ink, said }) => {
    const [x, y] = points.at(-1);
    return { text: said, x: chart.x(x), y: chart.y(y), colour, ink };
  });
  endLabels(chart.context, chart.right + 8, told, chart.top + 4, chart.bottom - 4);
}

/** Every head's induction; the one that ends highest stands out. */
export function paintInduction(context, tint, width, time, found) {
  const measured = found.map(({ induction }) => induction).filter((induction) => induction !== null);
  const told = measured.map(({ scores }) => scores.flat());
  const most = Math.max(LEAST_SCORE, ...told.flat());
  const chart = momentsBox(context, tint, width, time, [0, most]);
  axes(chart, { xTicks: stepTicks(time.moments), yTicks: ticks(0, most, 4), xName: words.STEP, yName: words.SCORE });
  if (told.length === 0) return;
  const { even } = measured[0];
  const level = [
    [0, even],
    [time.moments.length - 1, even],
  ];
  stroke(chart, level, tint.quiet, 1, [2, 3]);
  const last = told.at(-1);
  const best = last.indexOf(Math.max(...last));
  const line = (head) => told.map((scores, index) => [index, scores[head]]);
  last.forEach((_, head) => {
    if (head !== best) stroke(chart, line(head), tint.hairline, 1.25);
  });
  const points = line(best);
  stroke(chart, points, tint.attention, 2);
  dots(chart, points, tint.attention);
  const said = words.headShort(best, found.at(-1).induction.scores[0].length);
  ends(chart, [
    { points, colour: tint.attention, ink: tint["attention-ink"], said },
    { points: level, colour: tint.quiet, ink: tint.quiet, said: words.EVEN },
  ]);
}

/** The learning rate over the run, and where the loss was measured. */
export function paintRate(context, tint, width, { recipe, points }, schedule) {
  const most = recipe.lr;
  const size = { width, height: RUN_HEIGHT };
  const chart = box(context, tint, size, [0, 1], [0, most], { left: 58, right: 14, top: 12 });
  axes(chart, {
    xTicks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: words.share(at) })),
    yTicks: [0, most / 2, most],
    xName: words.PART_OF_RUN,
    yName: words.RATE,
    say: words.rate,
  });
  const last = schedule.length - 1;
  stroke(
    chart,
    Array.from(schedule, (rate, index) => [index / last, rate]),
    tint.residual,
    2,
  );
  dots(
    chart,
    points.map(({ progress, lr }) => [progress, lr]),
    tint.gold,
    3,
  );
}

/** The losses that were measured on the way. */
export function paintCurve(context, tint, width, { points }) {
  const seen = points.map(({ tokens }) => tokens / 1e6);
  const values = points.flatMap(({ train, held_out }) => [train, held_out]);
  const most = Math.max(...values);
  const size = { width, height: RUN_HEIGHT };
  const chart = box(context, tint, size, [0, seen.at(-1)], [0, most], { left: 40, right: 74, top: 12 });
  const xTicks = ticks(0, seen.at(-1), 4);
  axes(chart, { xTicks, yTicks: ticks(0, most, 4), xName: words.MILLIONS, yName: words.NATS });
  const of = (name) => points.map((point, index) => [seen[index], point[name]]);
  const series = [
    { points: of("train"), colour: tint.residual, ink: tint.quiet, said: words.TRAINED },
    { points: of("held_out"), colour: tint.attention, ink: tint["attention-ink"], said: words.HELD_OUT },
  ];
  for (const { points: line, colour } of series) {
    stroke(chart, line, colour);
    dots(chart, line, colour);
  }
  ends(chart, series);
}
