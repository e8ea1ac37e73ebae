// Reading further than one was trained: how position interpolation and YaRN slow RoPE's pairs down. A pair with a wave
// longer than the trained length has never turned full circle; stretched text would show it angles it has never seen.

import { boxOf, element, pool, setAttribute, setText, zoomOf } from "../../dom.js";
import { count, decimal } from "../../format.js";
import { once } from "../../draw/once.js";
import { logarithmic } from "../../draw/scale.js";
import { sans } from "../../draw/type.js";
import { fit, widthOf } from "../../page/canvas.js";
import { colours } from "../../page/theme.js";
import { axes, box, dots, endLabels, stroke } from "../../draw/chart.js";
import { tokensLong } from "./numbers.js";
import {
  AXIS,
  STRETCHED,
  STRETCHED_SHORT,
  factorSaid,
  factorTimes,
  frequencyOf,
  stretchLead,
  trainedLength,
  turnsIn,
  wavelengthsSaid,
  yarnKeeps,
  yarnTemperature,
} from "./words.js";

const HEIGHT = 250;
const FACTORS = [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const wave = (frequency) => (2 * Math.PI) / frequency;

export function mountStretch(section, store) {
  const find = (selector) => section.querySelector(selector);
  const [canvas, input, output] = [find("canvas"), find("input"), find("output")];
  const [lead, temperature] = [find(".stretch-lead"), find(".temperature")];
  const take = pool(find(".stretch-facts"), () => {
    const name = Object.assign(element("th"), { scope: "row" });
    return element("tr", "", name, element("td"), element("td"), element("td"));
  });
  let place = null;

  Object.assign(input, { min: 0, max: FACTORS.length - 1, step: 1 });
  input.addEventListener("input", () => store.set({ factor: FACTORS[input.valueAsNumber] }));
  canvas.addEventListener("click", (event) => {
    const at = place?.(event.clientX / zoomOf(canvas) - boxOf(canvas).left);
    if (at !== null && at !== undefined) store.set({ pair: at });
  });

  function draw({ state, frame }, pair) {
    const nearest = FACTORS.reduce(
      (best, value, i) => (Math.abs(value - state.factor) < Math.abs(FACTORS[best] - state.factor) ? i : best),
      0,
    );
    if (input.valueAsNumber !== nearest) input.value = nearest;
    input.style.setProperty("--part", nearest / (FACTORS.length - 1));
    setText(output, factorTimes(state.factor));
    show(frame.positions, pair, widthOf(canvas.parentElement), colours());
  }

  const show = once(({ rope, stretched }, pair, width, tint) => {
    const { factor } = stretched;
    setAttribute(input, "aria-valuetext", factorSaid(factor, rope.n_ctx));
    setText(lead, stretchLead(rope, factor));
    setText(temperature, yarnTemperature(factor, stretched.attention_factor, rope.d_rotary < rope.d_head));
    const rows = Object.entries(STRETCHED).map(([way, name]) => {
      const frequency = stretched[way][pair];
      return { name, frequency, wavelength: wave(frequency) };
    });
    take(rows.length).forEach((node, index) => {
      const { name, frequency, wavelength } = rows[index];
      const [head, ...cells] = node.children;
      setText(head, name);
      setText(cells[0], frequencyOf(frequency));
      setText(cells[1], tokensLong(wavelength));
      setText(cells[2], decimal(rope.n_ctx / wavelength));
    });
    setText(find(".stretch-pair"), yarnKeeps(pair, stretched.trained.length, stretched.kept[pair]));
    setText(find(".stretch-turns"), turnsIn(rope.n_ctx));
    setAttribute(canvas, "aria-label", wavelengthsSaid(pair, rows));
    place = paint(fit(canvas, width, HEIGHT), width, rope, stretched, pair, tint);
  });
  return draw;
}

/** Wavelengths by pair, with YaRN's ramp under them; gives what finds the pair under a point. */
function paint(context, width, rope, { trained, linear, yarn, kept, factor }, pair, tint) {
  const n = trained.length;
  const right = width < 440 ? 62 : 84;
  const waves = [4, wave(trained[n - 1]) * Math.max(8, factor) * 1.3];
  const room = { left: 58, right };
  const chart = box(context, tint, { width, height: HEIGHT }, [-0.5, n - 0.5], waves, room, logarithmic);
  const { x, y, left, top, bottom } = chart;
  const slot = x(1) - x(0);
  kept.forEach((share, index) => {
    context.fillStyle = tint.attention;
    context.globalAlpha = 0.2 * (1 - share);
    context.fillRect(x(index - 0.5), top, slot + 0.5, bottom - top);
  });
  context.globalAlpha = 1;
  if (pair < n) {
    context.strokeStyle = tint.gold;
    context.lineWidth = 1.5;
    context.strokeRect(x(pair - 0.5), top, slot, bottom - top);
  }
  const yTicks = [10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8].filter((tick) => y(tick) > top + 4);
  axes(chart, {
    xTicks: [
      { at: 0, label: "1" },
      { at: n - 1, label: String(n) },
      ...(n > 8 ? [{ at: Math.round(n / 2) - 1, label: String(Math.round(n / 2)) }] : []),
    ],
    yTicks,
    xName: AXIS.pairs,
    yName: AXIS.wavelength,
    say: count,
  });
  const rule = (length, label) => {
    stroke(
      chart,
      [
        [-0.5, length],
        [n - 0.5, length],
      ],
      tint.ink,
      1,
      [4, 3],
    );
    context.font = sans(11, 550);
    context.fillStyle = tint.ink;
    context.textAlign = "right";
    context.fillText(label, x(n - 0.5) - 6, y(length) + 14);
  };
  rule(rope.n_ctx, trainedLength(rope.n_ctx));
  const points = (frequencies) => frequencies.map((frequency, index) => [index, wave(frequency)]);
  const lines = [
    { text: STRETCHED_SHORT.linear, values: points(linear), colour: tint.key, ink: tint["key-ink"], width: 1.5 },
    {
      text: STRETCHED_SHORT.yarn,
      values: points(yarn),
      colour: tint.attention,
      ink: tint["attention-ink"],
      width: 2.5,
    },
    { text: STRETCHED_SHORT.trained, values: points(trained), colour: tint.residual, ink: tint.ink, width: 1.5 },
  ];
  for (const line of lines) {
    stroke(chart, line.values, line.colour, line.width);
    dots(chart, line.values, line.colour, n > 40 ? 1.25 : 2.25);
  }
  endLabels(
    context,
    x(n - 0.5) + 8,
    lines.map(({ text, values, colour, ink }) => ({ text, colour, ink, x: x(n - 1), y: y(values.at(-1)[1]) })),
    top + 6,
    bottom - 6,
  );
  return (px) => (px >= left && px <= x(n - 0.5) ? Math.max(0, Math.min(n - 1, Math.floor((px - left) / slot))) : null);
}
