// The character axis: how wide each character stands, and where each byte of the text comes to lie. All rows share it.

import { visibleCharacter } from "../../page/chips.js";

const UNITS = [
  { unit: 15, font: 15 },
  { unit: 13, font: 14 },
  { unit: 11, font: 13 },
];
const BYTE = 17; // px for two hexadecimal digits
const CODE = 30; // px for the four of a character that cannot be seen
const WIDE =
  /[\p{Extended_Pictographic}\u{1f1e6}-\u{1f1ff}\u{1f3fb}-\u{1f3ff}\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const PLAIN = /^[\x21-\x7e]$/;

/** What stands for a character, and whether it is only a name for it. */
export function glyph(character) {
  if (PLAIN.test(character)) return { shown: character, code: false };
  const seen = visibleCharacter(character);
  if (Array.from(seen).length > 1) {
    return { shown: character.codePointAt(0).toString(16).toUpperCase().padStart(2, "0"), code: true };
  }
  return { shown: /^\p{M}/u.test(seen) ? `◌${seen}` : seen, code: false };
}

export class Axis {
  /**
   * `letters` are those of a view; `split` the characters that a token ends within, which get room for their bytes;
   * `width` is what there is for the whole axis.
   */
  constructor(letters, split, width) {
    this.glyphs = letters.characters.map(glyph);
    const ideal = UNITS.find(({ unit }) => this.lay(letters, split, unit) <= width) ?? UNITS.at(-1);
    this.unit = ideal.unit;
    this.font = ideal.font;
    this.width = this.lay(letters, split, ideal.unit);
    this.places = new Float32Array(letters.bytes.length + 1);
    for (let byte = 0; byte < letters.bytes.length; byte++) {
      const index = letters.at[byte];
      const [from, to] = [letters.starts[index], letters.starts[index + 1]];
      this.places[byte] =
        this.edges[index] + ((byte - from) / (to - from)) * (this.edges[index + 1] - this.edges[index]);
    }
    this.places[letters.bytes.length] = this.width;
  }

  /** Sets the edges of all characters for a unit, and gives their whole width. */
  lay(letters, split, unit) {
    const { characters, starts } = letters;
    this.edges = new Float32Array(characters.length + 1);
    let x = 0;
    for (let index = 0; index < characters.length; index++) {
      this.edges[index] = x;
      let width = WIDE.test(characters[index]) ? 2 * unit : unit;
      if (this.glyphs[index].code) width = Math.max(width, CODE);
      if (split.has(index)) width = Math.max(width, BYTE * (starts[index + 1] - starts[index]));
      x += width;
    }
    this.edges[characters.length] = x;
    return x;
  }
}

/** The characters that some row, but for the bytes, cuts within. */
export function splitCharacters({ ready, letters }) {
  const split = new Set();
  for (const row of ready) {
    if (row.name === "byte") continue;
    for (const end of row.ends) if (!letters.isBoundary(end)) split.add(letters.at[end]);
  }
  return split;
}
