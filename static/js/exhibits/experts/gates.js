// The matrix: a row a token, a column an expert, layer beside layer. Only the rows in view are painted, on a canvas
// that stays put while its frame scrolls.

import { cellAfter } from "../../draw/gridkeys.js";
import { hatchRectangle } from "../../draw/hatch.js";
import { followPointer } from "../../draw/hover.js";
import { fitted } from "../../draw/labels.js";
import { once } from "../../draw/once.js";
import { channels, colourOf, fading, paintRamp } from "../../draw/ramp.js";
import { mono } from "../../draw/type.js";
import { fit } from "../../page/canvas.js";
import { seen } from "../../page/chips.js";
import { light } from "../../page/hovered.js";
import { colours } from "../../page/theme.js";
import { isTight } from "../../page/tight.js";
import { lit } from "../../page/tokenrow.js";
import { lookedAt, short } from "./view.js";

const IN_VIEW = 240; // px of rows: experts.css
const ROW = { usual: 24, tight: 18 };
const rowHeight = () => (isTight() ? ROW.tight : ROW.usual);
const NUMBERS_FROM = 21; // px of a cell that hold three characters
const [PALEST, DEEPEST] = [0.05, 0.75]; // tones of the experts that were not chosen
const KEY = { width: 64, height: 14 };

/** The largest probability of an expert that was not chosen: where the tones end. */
export function deepest(layers) {
  let most = 1e-9;
  for (const { rows } of layers) {
    for (const { probabilities, weights } of rows) {
      probabilities.forEach((value, expert) => {
        if (weights[expert] === 0 && value > most) most = value;
      });
    }
  }
  return most;
}

/** The tones from none to the deepest, for the key. */
export function drawTones(canvas, tint) {
  const tones = fading(tint.residual, PALEST, DEEPEST);
  paintRamp(fit(canvas, KEY.width, KEY.height), tones, 0, 0, KEY.width, KEY.height);
}

/** Black or white, whichever stands out more on a colour (relative luminance, WCAG 2.2). */
function legible(colour) {
  const [r, g, b] = channels(colour).map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (luminance + 0.05) / 0.06 > 1.05 / (luminance + 0.05) ? "#1c1b22" : "#ffffff";
}

/** The experts' colours: {solid, tones: the ramp of one that was not chosen, ink: on the solid one}. */
const huesOf = ({ experts }) =>
  experts.map((solid) => ({ solid, tones: fading(solid, PALEST, DEEPEST), ink: legible(solid) }));

export function mountGates(scroller, store, follow) {
  const canvas = scroller.querySelector("canvas");
  const space = scroller.querySelector(".space");
  const huesFor = once(huesOf);
  let painted = null;

  /** What stands at a point: a token, and layer and expert if it is on one. */
  function find(x, y) {
    if (!painted) return null;
    const token = Math.floor((y + scroller.scrollTop) / rowHeight());
    if (token < 0 || token >= painted.frame.tokens.length) return null;
    return { token, ...painted.place.at(x) };
  }

  scroller.addEventListener("scroll", () => painted && paint(painted), { passive: true });
  followPointer(
    canvas,
    find,
    (found) => light(store, found),
    ({ token, index = null }) => follow(token, index),
  );
  scroller.addEventListener("keydown", (event) => {
    if (!painted) return;
    const { layers, frame } = painted;
    const { selected } = lit({ state: store.state, frame }); // two keys may come between two pictures
    const [rows, columns] = [frame.tokens.length, layers.length];
    const at = { row: selected, column: lookedAt(layers, store.state.layer) };
    const to = cellAfter(event.key, at, { rows, columns }, event.ctrlKey);
    if (!to) return;
    event.preventDefault();
    follow(to.row, to.column);
    reveal(to.row);
  });

  function reveal(token) {
    const row = rowHeight();
    const top = row * token;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + row > scroller.scrollTop + IN_VIEW) scroller.scrollTop = top + row - IN_VIEW;
  }

  function paint(view) {
    const tint = colours();
    const context = fit(canvas, view.place.width, IN_VIEW);
    paintGates(context, view, scroller.scrollTop, huesFor(tint), tint);
  }

  return function draw(view) {
    const tokens = view.frame.tokens.length;
    const row = rowHeight();
    const isOther = tokens !== painted?.frame.tokens.length || row !== painted.row;
    painted = { ...view, row };
    space.style.height = `${Math.max(0, tokens * row - IN_VIEW)}px`;
    if (isOther) reveal(view.roles.selected);
    paint(painted);
  };
}

/** The rows in view, `scrolled` px down. */
function paintGates(context, { frame, layers, place, roles, at, isOff, most, row }, scrolled, hues, tint) {
  const first = Math.floor(scrolled / row);
  const end = Math.min(frame.tokens.length, first + Math.ceil(IN_VIEW / row) + 1);
  const top = (token) => row * token - scrolled;
  for (let token = first; token < end; token++) {
    paintLabel(context, frame.tokens, token, { y: top(token), row }, place, roles, tint);
  }
  for (const shown of place.shown) {
    const { layer, index, rows } = layers[shown];
    for (let expert = 0; expert < rows[0].weights.length; expert++) {
      const x = place.x(index, expert);
      if (isOff(layer, expert)) {
        const column = { x: x + 1, y: top(first), width: place.cell - 2, height: row * (end - first) };
        hatchRectangle(context, column, tint.hairline);
        continue;
      }
      const hue = hues[expert % hues.length];
      for (let token = first; token < end; token++) {
        paintGate(context, rows[token], expert, { x, y: top(token), width: place.cell, row }, hue, most, tint);
      }
    }
    paintGroups(
      context,
      place,
      index,
      frame.experts.n_groups ?? 1,
      { y: top(first), height: row * (end - first) },
      tint,
    );
    if (index === at) paintFrame(context, place, index, { y: top(roles.selected), row }, tint);
  }
}

/** One cell: solid with its weight if chosen, outlined with what its logit lacks if next in line, else a tone. */
function paintGate(context, choice, expert, { x, y, width, row }, hue, most, tint) {
  const isChosen = choice.weights[expert] > 0;
  const isNext = choice.runnerUp === expert;
  context.fillStyle = isChosen ? hue.solid : colourOf(hue.tones, choice.probabilities[expert] / most);
  context.fillRect(x + 1, y + 1, width - 2, row - 2);
  if (isNext) {
    context.strokeStyle = tint.ink;
    context.lineWidth = 1;
    context.setLineDash([2, 2]);
    context.strokeRect(x + 1.5, y + 1.5, width - 3, row - 3);
    context.setLineDash([]);
  }
  if (width < NUMBERS_FROM || !(isChosen || isNext)) return;
  context.font = mono(11, isChosen ? 550 : 450);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = isChosen ? hue.ink : tint.ink;
  context.fillText(short(isChosen ? choice.weights[expert] : choice.short), x + width / 2, y + row / 2 + 0.5);
}

function paintLabel(context, tokens, index, { y, row }, place, roles, tint) {
  const selected = index === roles.selected;
  if (selected || index === roles.token) {
    context.fillStyle = selected ? tint["gold-ground"] : tint.card;
    context.fillRect(0, y + 1, place.label - 4, row - 2);
  }
  context.font = mono(13, selected ? 650 : 450);
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = tokens[index].special ? tint.quiet : selected ? tint["gold-ink"] : tint.ink;
  context.fillText(fitted(context, seen(tokens, index), place.label - 16), place.label - 9, y + row / 2 + 0.5);
}

/** A line between each two groups of experts. */
function paintGroups(context, place, index, groups, { y, height }, tint) {
  context.fillStyle = tint.ink;
  for (let group = 1; group < groups; group++) {
    context.fillRect(place.x(index, (group * place.experts) / groups) - 0.75, y, 1.5, height);
  }
}

/** The row that the table below shows. */
function paintFrame(context, place, index, { y, row }, tint) {
  const from = place.x(index, 0);
  context.strokeStyle = tint.gold;
  context.lineWidth = 2;
  context.strokeRect(from - 1, y, place.x(index, place.experts) - from + 2, row);
}
