// A token as text that can be seen: spaces, tabs, line ends and control characters become marks, and a token that is
// only part of a character shows its bytes.

const REPLACEMENT = "\ufffd";
// Control and format characters, spaces, and fillers that would be invisible or would reorder the page.
// biome-ignore lint/suspicious/noMisleadingCharacterClass: each is meant by itself, the variation selectors too.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0f\uffa0\u{e0100}-\u{e01ef}]/u;
const COMBINING = /^\p{M}/u;
const LOST = new Set(["[UNK]", "<unk>"]);
const UNKNOWN = "unknown";
const NAMES = new Map([
  ["<|endoftext|>", { read: "start", said: "end" }],
  ["<pad>", { read: "start", said: "pad" }],
  ["</s>", { read: "end", said: "end" }],
]);

/** A character as it can be seen on its own. */
export function visibleCharacter(character) {
  const code = character.codePointAt(0);
  if (character === " ") return "·";
  if (character === "\n") return "↵";
  if (character === "\t") return "⇥";
  if (character === "\u00a0") return "⍽";
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`; // few fonts have ␀ and its kin
  if (UNSEEN.test(character)) return `⟨${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  return character;
}

/** "f09f" as "F0 9F". */
export function hex(raw) {
  return raw.toUpperCase().replace(/..(?=.)/g, "$& ");
}

/** Whether a token's bytes are no whole characters. */
export function isPart(token) {
  return !token.special && token.text.includes(REPLACEMENT) && token.raw !== "efbfbd";
}

/** Whether a token stands for what the vocabulary has no entry for. */
export function isLost(token) {
  return token.special && LOST.has(token.text);
}

const utf8 = new TextDecoder();

const joins = (one, other) => other && isPart(other) && other.start < one.end && one.start < other.end;

/** The characters that a run of parts spells together, at the first of them; "" at every other token. */
export function wholeOf(tokens, index) {
  const token = tokens[index];
  if (!isPart(token) || joins(token, tokens[index - 1])) return "";
  let raw = token.raw;
  for (let at = index + 1; joins(tokens[at - 1], tokens[at]); at++) raw += tokens[at].raw;
  const spelled = utf8.decode(Uint8Array.from(raw.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));
  return spelled.includes(REPLACEMENT) ? "" : Array.from(spelled, visibleCharacter).join("");
}

/** Tells every part of a row's characters which they are, for where it stands alone: `whole`. */
export function nameWholes(tokens) {
  tokens.forEach((token, index) => {
    if (!isPart(token)) return;
    token.whole = wholeOf(tokens, index) || (joins(token, tokens[index - 1]) ? tokens[index - 1].whole : "");
  });
}

/** What is drawn for a token that stands alone: in front of a part stands the character. `said`: it is a prediction. */
export function visible(token, said = false) {
  return `${token.whole ?? ""} ${piece(token, said)}`.trimStart();
}

/** What is drawn for a token in a row. `said`: it is a prediction, not a part of the text that was read. */
export function piece(token, said = false) {
  if (isLost(token)) return UNKNOWN;
  if (token.special) {
    const name = NAMES.get(token.text);
    return name ? name[said ? "said" : "read"] : token.text;
  }
  if (isPart(token)) return token.raw ? hex(token.raw).replaceAll(" ", "\u00a0") : REPLACEMENT;
  if (token.text === "") return "·"; // a piece that only begins a word, as SentencePiece has one
  const seen = Array.from(token.text, visibleCharacter).join("");
  return COMBINING.test(seen) ? `◌${seen}` : seen;
}

/** What is drawn for a token of a row: in front of the first part of a character stands the character. */
export function seen(tokens, index) {
  return `${wholeOf(tokens, index)} ${piece(tokens[index])}`.trimStart();
}

/** How a screen reader says a token. */
export function spoken(token, said = false) {
  if (isLost(token)) return UNKNOWN;
  if (token.special) {
    const name = NAMES.get(token.text)?.[said ? "said" : "read"];
    return name ? `${name} of text` : token.text.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }
  if (isPart(token)) return `${token.whole ? `part of ${token.whole}, ` : ""}bytes ${hex(token.raw)}`;
  return token.text.trim() || visible(token);
}

/** Tokens as the labels of a drawing (draw/labels.js). */
export function labelsOf(tokens) {
  return {
    count: tokens.length,
    text: (index) => seen(tokens, index),
    isQuiet: (index) => tokens[index].special,
  };
}
