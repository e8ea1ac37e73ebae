// Keys that lead through a grid or along a line: arrows, Home and End.

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const LINE = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };

const held = (value, count) => Math.max(0, Math.min(count - 1, value));

/**
 * Where a key leads from a cell of a grid, {row, column}; null for other keys. Home and End are the ends of the row, with
 * Ctrl (`isFar`) those of the grid.
 */
export function cellAfter(key, { row, column }, { rows, columns }, isFar = false) {
  if (key === "Home") return { row: isFar ? 0 : row, column: 0 };
  if (key === "End") return { row: isFar ? rows - 1 : row, column: columns - 1 };
  const step = ARROWS[key];
  return step ? { row: held(row + step[0], rows), column: held(column + step[1], columns) } : null;
}

/** Where a key leads from the `at`-th of `count` on a line; null for other keys. */
export function indexAfter(key, at, count) {
  if (key === "Home" || key === "End") return key === "Home" ? 0 : count - 1;
  return LINE[key] === undefined ? null : held(at + LINE[key], count);
}

/**
 * Leads through a grid by keys: `grid()` gives its {rows, columns}, or null as long as there is none, `at()` the cell that
 * the keys are on; `move(cell)` hears where they lead, `press(cell)` of Enter and Space, `leave()` of Escape.
 */
export function gridKeys(node, { grid, at, move, press, leave }) {
  node.addEventListener("keydown", (event) => {
    const size = grid();
    const isFar = event.ctrlKey && (event.key === "Home" || event.key === "End");
    if (!size || (event.ctrlKey && !isFar) || event.metaKey || event.altKey) return;
    const to = cellAfter(event.key, at(), size, isFar);
    if (to) move(to);
    else if (event.key === "Enter" || event.key === " ") press(at());
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
  });
}
