// One matrix before and after, a cell for each weight, and below it the levels of the row, or of the group, of the weight
// that is looked at.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { cellAt, cellSize, paintCells } from "../../draw/cells.js";
import { gridKeys } from "../../draw/gridkeys.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { outline } from "../../draw/outline.js";
import { fit, widthOf } from "../../page/canvas.js";
import { colours } from "../../page/theme.js";
import { Rows } from "../../state/decode.js";
import { HEIGHT, paintLevels } from "./levels.js";
import * as words from "./words.js";

const MOST = 8; // px of a cell
const GROUP = 32; // weights: model/study/shrinking.py
const BESIDE = 620; // px from which on the two stand side by side
const GAP = 24;

/** The weights that share a scale with one, and its scale: {from, to, step}. */
export function groupOf({ row, column }, { rows, columns, levels }, scales) {
  const each = scales.length / rows;
  if (!levels) return { from: 0, to: columns, step: 0 };
  if (each === 1) return { from: 0, to: columns, step: scales[row] };
  const group = Math.floor(column / GROUP);
  return { from: GROUP * group, to: Math.min(columns, GROUP * (group + 1)), step: scales[row * each + group] };
}

export function mountMatrices(figure, store) {
  const find = (selector) => figure.querySelector(selector);
  const [pair, select, told] = [find(".pair"), find("select"), find(".told")];
  const canvases = { original: find(".original"), changed: find("canvas.smaller") };
  const [said, levels, levelsSaid] = [find(".weight-said"), find(".levels"), find(".levels-said")];
  const take = pool(select, () => element("option"));
  let grid = null; // where the cells stand
  let chosen = { row: 0, column: 0 };
  let pointed = null;
  let lastAt = null; // the weight that was looked at last

  select.addEventListener("change", () => store.set({ matrix: select.value }));
  const point = (cell) => {
    if (cell?.row === pointed?.row && cell?.column === pointed?.column) return;
    pointed = cell;
    store.changed();
  };
  const choose = (cell) => {
    chosen = cell;
    store.changed();
  };
  for (const canvas of Object.values(canvases))
    followPointer(canvas, (x, y) => grid && cellAt(grid, x, y), point, choose);
  gridKeys(canvases.original, {
    grid: () => grid,
    at: () => chosen,
    move: choose,
    press: choose,
    leave: () => point(null),
  });

  const fillSelect = (names, name) => {
    const nodes = take(names.length);
    names.forEach((one, index) => {
      nodes[index].value = one;
      nodes[index].disabled = false;
      setText(nodes[index], words.matrixName(one));
    });
    nodes.slice(names.length).forEach((node) => {
      node.disabled = true;
    });
    if (select.value !== name) select.value = name;
  };

  const paint = once((frame, width, at, tint) => {
    const { matrix } = frame.smaller;
    const { original, changed, scales } = frame.arrays;
    const isBeside = width >= BESIDE;
    const size = cellSize(isBeside ? (width - GAP) / 2 : width, matrix.columns, MOST);
    grid = { left: 0, top: 0, wide: size, high: size, rows: matrix.rows, columns: matrix.columns };
    const [across, down] = [Math.floor(size * matrix.columns), Math.floor(size * matrix.rows)];
    const largest = original.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const group = groupOf(at, matrix, scales);
    for (const [name, values] of Object.entries({ original, changed })) {
      const context = fit(canvases[name], across, down);
      paintCells(context, grid, new Rows(values, matrix.rows, matrix.columns, false), tint.diverging, largest, 0);
      const box = (from, to) => ({ x: from * size, y: at.row * size, width: (to - from) * size, height: size });
      outline(context, box(group.from, group.to), tint.ink, 1.25, 1.5);
      outline(context, box(at.column, at.column + 1), tint.gold, 2, 1.5);
    }
    const index = at.row * matrix.columns + at.column;
    setText(said, words.weight(at, original[index], changed[index], { levels: matrix.levels, step: group.step }));
    const part = (values) => values.subarray(index - at.column + group.from, index - at.column + group.to);
    const line = { before: part(original), after: part(changed), step: group.step, levels: matrix.levels };
    paintLevels(fit(levels, width, HEIGHT), tint, width, line, at.column - group.from);
    const levelled = words.levelsSaid({ row: at.row, ...group, levels: matrix.levels });
    setText(levelsSaid, levelled);
    setAttribute(levels, "aria-label", levelled);
  });

  return function draw(frame) {
    const { matrix, matrices } = frame.smaller;
    fillSelect(matrices, matrix.name);
    setText(told, words.matrixSaid(matrix));
    setAttribute(canvases.original, "aria-label", `${words.matrixPicture(matrix.name, false)}. ${words.POINT}`);
    setAttribute(canvases.changed, "aria-label", words.matrixPicture(matrix.name, true));
    const held = ({ row, column }) => ({
      row: Math.min(row, matrix.rows - 1),
      column: Math.min(column, matrix.columns - 1),
    });
    chosen = held(chosen);
    const at = held(pointed ?? chosen);
    lastAt = at.row === lastAt?.row && at.column === lastAt.column ? lastAt : at;
    const width = widthOf(pair);
    if (width) paint(frame, width, lastAt, colours());
  };
}
