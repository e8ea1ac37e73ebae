// The matrix: a row a token, a column an expert, layer beside layer. Only the rows in view are painted, on a canvas
// that stays put while its frame scrolls.

import { visible } from "../../page/chips.js";
import { fitted } from "../../draw/labels.js";
import { colours } from "../../page/theme.js";
import { fit } from "../../page/canvas.js";
import { lit } from "../../page/tokenrow.js";
import { lookedAt, short } from "./view.js";

export const ROW = 24;
const ROWS_IN_VIEW = 10;
const NUMBERS_FROM = 21; // px of a cell that hold three characters
const TONE = 0.62; // small probabilities stay visible, as in the attention patterns
const PALEST = 0.05;
const DEEPEST = 0.75;
const KEY = { width: 64, height: 14 };

/** How opaque the cell of an expert that was not chosen is, for its share of the largest such probability. */
const opacity = (share) => PALEST + (DEEPEST - PALEST) * share ** TONE;

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
export function drawTones(canvas) {
  const context = fit(canvas, KEY.width, KEY.height);
  context.fillStyle = colours().residual;
  for (let x = 0; x < KEY.width; x++) {
    context.globalAlpha = opacity(x / (KEY.width - 1));
    context.fillRect(x, 0, 1, KEY.height);
  }
}

/** Black or white, whichever stands out more on a colour "rgb(r, g, b)" (relative luminance, WCAG 2.2). */
function legible(colour) {
  const [r, g, b] = colour.match(/[\d.]+/g).map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (luminance + 0.05) / 0.06 > 1.05 / (luminance + 0.05) ? "#1c1b22" : "#ffffff";
}

/** Thin diagonal lines: a column that takes no part. */
function hatch(context, x, y, width, height, colour) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let from = -height; from < width; from += 7) {
    context.moveTo(x + from, y + height);
    context.lineTo(x + from + height, y);
  }
  context.stroke();
  context.restore();
}

export function mountGates(scroller, store, follow) {
  const canvas = scroller.querySelector("canvas");
  const space = scroller.querySelector(".space");
  let painted = null;

  scroller.addEventListener("scroll", () => painted && paint(painted), { passive: true });

  /** The cell under the pointer: token, and layer and expert if it is on one. */
  function under(event) {
    if (!painted) return null;
    const box = canvas.getBoundingClientRect();
    const token = Math.floor((event.clientY - box.top + scroller.scrollTop) / ROW);
    if (token < 0 || token >= painted.frame.tokens.length) return null;
    return { token, cell: painted.place.at(event.clientX - box.left) };
  }
  canvas.addEventListener("pointermove", (event) => {
    const found = under(event);
    const before = store.state.hover;
    const same = (a, b) => a?.index === b?.index && a?.expert === b?.expert;
    if (found?.token !== before?.token || !same(found?.cell, before?.cell)) store.set({ hover: found });
  });
  canvas.addEventListener("pointerleave", () => store.set({ hover: null }));
  canvas.addEventListener("click", (event) => {
    const found = under(event);
    if (found) follow(found.token, found.cell?.index ?? null);
  });
  scroller.addEventListener("keydown", (event) => {
    if (!painted) return;
    const { layers, frame } = painted;
    const { selected } = lit({ state: store.state, frame }); // two keys may come between two pictures
    const at = lookedAt(layers, store.state.layer);
    const last = frame.tokens.length - 1;
    const token = { ArrowUp: selected - 1, ArrowDown: selected + 1, Home: 0, End: last }[event.key];
    const index = { ArrowLeft: at - 1, ArrowRight: at + 1 }[event.key];
    if (token === undefined && index === undefined) return;
    event.preventDefault();
    const held = Math.max(0, Math.min(last, token ?? selected));
    follow(held, Math.max(0, Math.min(layers.length - 1, index ?? at)));
    reveal(held);
  });

  function reveal(token) {
    const [top, height] = [ROW * token, ROW * ROWS_IN_VIEW];
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW > scroller.scrollTop + height) scroller.scrollTop = top + ROW - height;
  }

  function draw(view) {
    const tokens = view.frame.tokens.length;
    const grown = tokens !== painted?.frame.tokens.length;
    painted = view;
    space.style.height = `${Math.max(0, (tokens - ROWS_IN_VIEW) * ROW)}px`;
    if (grown) reveal(view.roles.selected);
    paint(view);
  }

  function paint({ frame, layers, place, roles, at, isOff, most }) {
    const tint = colours();
    const context = fit(canvas, place.width, ROW * ROWS_IN_VIEW);
    const first = Math.floor(scroller.scrollTop / ROW);
    const end = Math.min(frame.tokens.length, first + ROWS_IN_VIEW + 1);
    const top = (token) => ROW * token - scroller.scrollTop;
    for (let token = first; token < end; token++) {
      label(context, frame.tokens[token], token, top(token), place, roles, tint);
    }
    for (const { layer, index, rows } of place.shown.map((shown) => layers[shown])) {
      for (let expert = 0; expert < rows[0].weights.length; expert++) {
        const x = place.x(index, expert);
        const hue = tint.experts[expert % tint.experts.length];
        const off = isOff(layer, expert);
        if (off) hatch(context, x + 1, top(first), place.cell - 2, ROW * (end - first), tint.hairline);
        for (let token = first; token < end; token++) {
          if (!off) cell(context, rows[token], expert, x, top(token), place.cell, hue, tint, most);
        }
      }
      if (index === at) frameOf(context, place, index, top(roles.selected), tint);
    }
  }

  /** One cell: solid with its weight if chosen, outlined with what its logit lacks if next in line, else a tone. */
  function cell(context, row, expert, x, y, width, hue, tint, most) {
    const rank = row.chosen.indexOf(expert);
    const next = row.runnerUp === expert;
    context.fillStyle = hue;
    context.globalAlpha = rank >= 0 ? 1 : opacity(row.probabilities[expert] / most);
    context.fillRect(x + 1, y + 1, width - 2, ROW - 2);
    context.globalAlpha = 1;
    if (next) {
      context.strokeStyle = tint.ink;
      context.lineWidth = 1;
      context.setLineDash([2, 2]);
      context.strokeRect(x + 1.5, y + 1.5, width - 3, ROW - 3);
      context.setLineDash([]);
    }
    if (width < NUMBERS_FROM || (rank < 0 && !next)) return;
    context.font = rank >= 0 ? '550 11px "JetBrains Mono"' : '450 11px "JetBrains Mono"';
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = rank >= 0 ? legible(hue) : tint.ink;
    context.fillText(short(rank >= 0 ? row.weights[expert] : row.short), x + width / 2, y + ROW / 2 + 0.5);
  }

  function label(context, token, index, y, place, roles, tint) {
    const selected = index === roles.selected;
    if (selected || index === roles.token) {
      context.fillStyle = selected ? tint["gold-ground"] : tint.card;
      context.fillRect(0, y + 1, place.label - 4, ROW - 2);
    }
    context.font = `${selected ? 650 : 450} 13px "JetBrains Mono"`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillStyle = token.special ? tint.quiet : selected ? tint["gold-ink"] : tint.ink;
    context.fillText(fitted(context, visible(token), place.label - 16), place.label - 9, y + ROW / 2 + 0.5);
  }

  /** The row that the table below shows. */
  function frameOf(context, place, index, y, tint) {
    const from = place.x(index, 0);
    context.strokeStyle = tint.gold;
    context.lineWidth = 2;
    context.strokeRect(from - 1, y, place.x(index, place.experts) - from + 2, ROW);
  }

  return draw;
}
