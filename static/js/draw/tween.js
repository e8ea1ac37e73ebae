// Values on their way to new ones: typed arrays with a row a quantity and a column a token or an expert. Columns that are
// new start at their value.

const ease = (part) => 1 - (1 - part) ** 3;

/** What lies between `from` and `target`, `part` of the way, 0 to 1; `columns` are how many each has. */
export function between(from, fromColumns, target, columns, part) {
  if (part === 1 || from.length / fromColumns !== target.length / columns) return target;
  const eased = ease(part);
  return target.map((value, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    if (column >= fromColumns) return value;
    const before = from[row * fromColumns + column];
    return before + (value - before) * eased;
  });
}
