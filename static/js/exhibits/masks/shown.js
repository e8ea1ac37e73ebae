// Which tokens of a text stand in the picture: all, or of a long one those around the selected token. The picture counts
// its rows and columns from the first of them; everything else on the page counts the tokens of the text.

export class Shown {
  constructor(first, end) {
    this.first = first;
    this.size = end - first;
  }

  /** [first, end], as a slice of the text's tokens takes them. */
  get span() {
    return [this.first, this.first + this.size];
  }

  /** The row of a token; null where it has none. */
  row(token) {
    const row = (token ?? -1) - this.first;
    return row >= 0 && row < this.size ? row : null;
  }

  /** The token of a row. */
  token(row) {
    return row + this.first;
  }

  /** What is lit, {query, key, token}, each as a row or null. */
  rows(lit) {
    return { query: this.row(lit?.query), key: this.row(lit?.key), token: this.row(lit?.token) };
  }

  /** What stands at a place of the picture, a cell {query, key} or the name of a row {row}, of the text; null for null. */
  onText(found) {
    return found && Object.fromEntries(Object.entries(found).map(([part, row]) => [part, this.token(row)]));
  }
}

/** Those of a frame. */
export function shownIn({ masks, tokens }) {
  const [first, end] = masks?.shown ?? [0, tokens.length];
  return new Shown(first, end);
}

/** Whether a frame is of a long text. */
export const isLong = ({ masks }) => masks.shown !== undefined;
