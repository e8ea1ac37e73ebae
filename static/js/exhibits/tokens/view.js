// One frame's ruler as the parts of the exhibit read it: rows of pieces, the bytes of the text, and which piece of which
// row is selected.
//
// Places are bytes counted from the first byte of the rows, because a token may begin inside a character. The selection
// follows the token that is selected in every exhibit, as long as the model's own row is the chosen one; in another row
// it is the piece that holds the chosen character.

import { unchosen } from "../../page/tokenrow.js";
import { addedTo } from "../../page/words.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

/** The characters along the rows, and where each begins among the bytes. */
class Letters {
  constructor(text, first) {
    this.characters = Array.from(text).slice(first);
    this.bytes = encoder.encode(this.characters.join(""));
    this.starts = new Uint32Array(this.characters.length + 1);
    this.at = new Uint32Array(this.bytes.length + 1); // which character a byte belongs to
    let byte = 0;
    this.characters.forEach((character, index) => {
      const code = character.codePointAt(0);
      const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      this.starts[index] = byte;
      this.at.fill(index, byte, byte + size);
      byte += size;
    });
    this.starts[this.characters.length] = byte;
    this.at[byte] = this.characters.length;
  }

  /**
   * Where a cut at a byte parts two words: in front of a single space, whether it goes with the word behind it, as in
   * GPT-2, or with none, as in BERT.
   */
  between(byte) {
    const before = this.at[byte] - 1;
    if (before < 1 || this.characters[before] !== " " || /\s/.test(this.characters[before - 1])) return byte;
    return this.isBoundary(byte) ? this.starts[before] : byte;
  }

  /** Whether a byte is the first of a character, or the end of the text. */
  isBoundary(byte) {
    return this.starts[this.at[byte]] === byte;
  }
}

/** One vocabulary's row. */
class Row {
  constructor(row, letters, ids, starts, ends) {
    Object.assign(this, row); // as the server describes it
    this.spelled = row.spelled;
    this.letters = letters;
    this.ids = ids;
    this.starts = starts;
    this.ends = ends;
    this.holes = new Set(row.unknown);
    this.cuts = new Set(Array.from(starts, (cut) => letters.between(cut)));
  }

  /** What one piece writes, as bytes. */
  raw(index) {
    const spelled = this.spelled[index];
    return spelled === undefined ? this.letters.bytes.slice(this.starts[index], this.ends[index]) : bytesOf(spelled);
  }

  /** One piece with the fields of a token. */
  piece(index) {
    const { at } = this.letters;
    const [from, to] = [this.starts[index], this.ends[index]];
    const raw = this.raw(index);
    return {
      id: this.ids[index],
      text: decoder.decode(raw),
      raw: hexOf(raw),
      special: false,
      unknown: this.holes.has(index),
      start: at[from],
      end: to > from ? at[to - 1] + 1 : at[from],
      from,
      to,
    };
  }

  /** The piece that holds a byte, or the next one if none does; -1 where there is no piece. */
  holding(byte) {
    let [low, high] = [0, this.ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle] > byte) high = middle;
      else low = middle + 1;
    }
    return high < 0 ? -1 : low;
  }
}

export class View {
  constructor(frame) {
    const { ruler, arrays, tokens } = frame;
    this.frame = frame;
    this.letters = new Letters(frame.text, ruler.first);
    this.added = addedTo(tokens); // around the text, in no row
    this.lead = tokens.findIndex((token) => !token.special || token.end > token.start);
    if (this.lead < 0) this.lead = tokens.length;
    let from = 0;
    this.rows = ruler.rows.map((row) => {
      if (!row.ready) return row;
      const part = (name) => arrays[name].subarray(from, from + row.shown);
      const made = new Row(row, this.letters, part("ruler_ids"), part("ruler_starts"), part("ruler_ends"));
      from += row.shown;
      return made;
    });
    this.ready = this.rows.filter((row) => row.ready);
    this.own = this.rows[0];
  }

  /** The row that the others are held against. */
  chosen(state) {
    return this.ready.find((row) => row.name === state.tokenizer) ?? this.own;
  }

  /** The selected piece of the chosen row; -1 if its text is not along the rows, or is none. */
  selected(state) {
    const row = this.chosen(state);
    if (row === this.own) {
      const index = this.indexOf(this.token(state));
      return index >= 0 && index < row.shown ? index : -1;
    }
    const character = Math.max(0, Math.min(state.character - this.frame.ruler.first, this.letters.characters.length));
    return row.holding(this.letters.starts[character]);
  }

  /** The piece of the chosen row that is selected; beside a special token, its neighbour. */
  nearest(state) {
    const row = this.chosen(state);
    const index = row === this.own ? this.indexOf(this.token(state)) : this.selected(state);
    return Math.max(0, Math.min(index, row.shown - 1));
  }

  /** The model's token that is selected. */
  token(state) {
    return Math.min(state.query ?? unchosen(this.frame), this.frame.tokens.length - 1);
  }

  /** The piece of the own row that is the model's token at a position. */
  indexOf(query) {
    return query - this.lead + this.frame.clipped - this.own.skipped;
  }

  /** What selecting a piece of a row changes in the state. */
  select(row, index) {
    if (row === this.own) {
      const query = index + row.skipped - this.frame.clipped + this.lead;
      const last = this.frame.tokens.length - 1;
      return { tokenizer: "", query: query >= last ? null : Math.max(0, query), key: null };
    }
    const character = this.frame.ruler.first + this.letters.at[row.starts[index]];
    const query = this.frame.tokens.findIndex(({ start, end }) => start <= character && character < end);
    return { tokenizer: row.name, character, key: null, ...(query >= 0 && { query }) };
  }
}

/** Whether a row cuts everywhere, so that its cuts are no news. */
export const isEvery = (row) => row.name === "byte" || row.name === "character";

/** Whether a row cuts words into pieces that it learned. */
export const isSubword = (row) => !isEvery(row) && row.name !== "word";
