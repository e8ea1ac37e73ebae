// What each kind of mask allows, in a sentence; and how many pairs it leaves, as a formula.

const tokens = (number, words = "token") => (number === 1 ? `1 ${words}` : `${number} ${words}s`);

const TOLD = {
  none: (_, causal) => (causal ? "Every token sees itself and all before it." : "Every token sees every token."),
  window: ([window], causal) =>
    window === 1
      ? "Each token sees only itself."
      : `Each token sees itself and the ${window - 1} ${causal ? "before it" : "on either side"}. News still travels further, one window a layer.`,
  strided: ([stride]) => `Each token sees the last ${stride}, itself among them, and before them every ${nth(stride)}.`,
  fixed: ([stride, summary]) =>
    `Each token sees its own block of ${stride}, and of every earlier block the last ${tokens(Math.min(stride, summary))}, which sum it up.`,
  longformer: ([window, global], causal) =>
    `Each token sees ${Math.floor(window / 2)} on ${causal ? "its left (a decoder has no right)" : "either side"}; ` +
    `the first ${tokens(global)} ${global === 1 ? "sees and is" : "see and are"} seen by all.`,
  bigbird: ([block, global, random], causal) =>
    `Blocks of ${tokens(block)}: each sees itself, ${causal ? "the one before" : "its neighbours"}, ` +
    `the first ${tokens(global, "block")}, and ${random} drawn at random${causal ? ", if it lies behind" : ""}.`,
  document: (starts) =>
    `Texts packed into one row must not see each other: ${tokens(starts.length + 1, "document")} now. ` +
    "Click a token’s name beside the matrix to begin one there.",
  painted: () => "Drag over the matrix to forbid cells or allow them again; or arrow keys and Space.",
};

const FORMULAS = {
  none: (causal) => (causal ? "n (n + 1)/2 pairs" : "n² pairs"),
  window: (causal) => (causal ? "n w − w (w − 1)/2 pairs" : "n (2w − 1) − w (w − 1) pairs"),
  strided: () => "about n (s + n/2s) pairs",
  fixed: () => "about n (s/2 + c n/2s) pairs",
  longformer: (causal) => (causal ? "about n (w/2 + 1 + g) pairs" : "about n (w + 1 + 2g) pairs"),
  bigbird: (causal) => (causal ? "about n b (3/2 + g + r/2) pairs" : "about n b (3 + 2g + r) pairs"),
};

function nth(number) {
  return `${number}${{ 2: "nd", 3: "rd" }[number > 20 ? number % 10 : number] ?? (number % 10 === 1 && number > 20 ? "st" : "th")}`;
}

/** The sentence about a kind with these numbers, for a model that looks back only or both ways. */
export function sentence(kind, numbers, causal) {
  return TOLD[kind](numbers, causal);
}

/** Its pairs as a formula of n tokens; null where there is none. */
export function formula(kind, causal) {
  return FORMULAS[kind]?.(causal) ?? null;
}
