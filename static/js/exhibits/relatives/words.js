// What the relatives exhibit writes: about the two drawings, the parameters, the text's costs, and the sources.

import { count, decimal, percent, plural, size } from "../../format.js";

export { count };

const NBSP = "\u00a0";

/** 8.191 billion: four figures. */
export function large(n) {
  const power = Math.min(5, Math.floor((String(Math.round(n)).length - 1) / 3));
  if (power === 0) return count(n);
  const value = n / 1000 ** power;
  const digits = Math.max(0, 4 - String(Math.floor(value)).length);
  return `${decimal(value, digits)}${NBSP}${["", "thousand", "million", "billion", "trillion", "quadrillion"][power]}`;
}

// The two drawings

export const besides = ({ name, year, undisclosed }) =>
  undisclosed === null ? `The Transformer of 2017, and ${name} of ${year}` : `${name} of ${year}: not published`;
export const about = ({ by, changed }) => `${by}: ${changed}`;
export const figureTitle = (name, year) => `${name}, ${year}`;
export const blocks = (name, n) => `one of ${n} ${name} blocks`;
export const EMBEDDING = "embedding";
export const UNEMBEDDING = "unembedding";
export const matrix = (rows, columns) => `${count(rows)} × ${count(columns)}`;
export const orderAdded = (order) => `+ positions: ${order}`;
export const tied = (isTied) => (isTied ? "the embedding again" : "a matrix of its own");
export const READ = "read by whatever stands on it";
export const READ_BY_DECODER = "read by the decoder";

/** A drawing, for those who do not see it. */
export function drawingSaid(name, { stacks, norm, order }) {
  const told = stacks.map((stack) => {
    const parts = stack.parts.map((part) => [part.name, part.size].filter(Boolean).join(", "));
    return `${stack.n} ${stack.name} blocks with ${parts.join("; ")}`;
  });
  return `${name}: ${told.join(". ")}. Order: ${order}. Norm: ${norm}.`;
}

/** Why there is no reason to give: nothing changed, or sizes alone. */
export function unchanged(then, now) {
  return then.size === now.size ? "As it was." : "Of the same kind; another size.";
}

// The parameters

const PARTS = {
  "feed-forward": "feed-forward",
  experts: "experts",
  mixer: "mixer",
  head: "head",
};
export const partName = (name) => PARTS[name] ?? name;
export const TIED = "none of its own: the embedding again";

export function totalOf({ total, active }) {
  const used = active === total ? "" : `, of which ${large(active)} serve one token`;
  return `${count(total)} parameters${used}`;
}

export const stripOf = (name, total) => `${name}: ${large(total)}`;

/** The first transformer to the scale of another. */
export function stripBeside({ name, total }, whole) {
  const ratio = whole / total;
  const times = ratio >= 10 ? count(Math.round(ratio)) : decimal(ratio, 1);
  return `${name}, to the same scale: ${large(total)}, ${times} times less`;
}

/** A strip, for those who do not see it. */
export function stripSaid(parts, total) {
  return parts.map(({ name, n }) => `${partName(name)} ${percent(n / total)}`).join(", ");
}

/** What the makers say, and why that may differ. */
export function stated({ published, active_published: used, published_in: where, differs, counted }) {
  const both = used ? `${published}, ${used} for one token` : published;
  return [`Stated: ${both} (${where}).`, differs, counted].filter(Boolean).join(" ");
}

// The costs

export const SOON = "…";

/** By which tokens the text is counted. */
export function cut({ name }, { vocabulary, here, said, counted_with: other, n, around, tokens }) {
  if (other) return `${name}’s vocabulary is not here: counted are the ${plural(n, "token")} that ${other} reads.`;
  if (!here) return `Opening the vocabulary of ${vocabulary} …`;
  const left = n - around - tokens.length;
  const cutOff = left > 0 ? ` Shown are the last ${count(tokens.length)}.` : "";
  return `Cut by the vocabulary ${said ?? `of ${vocabulary}`}.${cutOff}`;
}

/** What is kept, in short. */
export const keptBytes = (cache) => (cache === null ? "nothing" : size(cache.n_bytes));

const COSTS = { pairs: "between tokens", scan: "states" };

/** Where the operations go, and what the bytes are made of. */
export function costs(told, { n, flops, flops_total: total, cache }) {
  const parts = flops
    .filter(({ n: cost }) => cost > 0)
    .sort((a, b) => b.n - a.n)
    .map(({ name, n: cost }) => `${COSTS[name] ?? partName(name)} ${percent(cost / total)}`);
  const sentences = [`Of the ${count(total)} operations: ${parts.join(", ")}.`, keptOf(cache, n)];
  if (told.n_ctx !== null && n > told.n_ctx)
    sentences.push(`It was made for texts of at most ${plural(told.n_ctx, "token")}.`);
  return sentences.filter(Boolean).join(" ");
}

/** The bytes of a cache by their product. */
function keptOf(cache, n) {
  if (cache === null) return "An encoder keeps nothing: it reads every text anew.";
  const { layers, per_layer: each, windowed, window, fixed, own } = cache;
  const told = [];
  const rows = own ? `(${count(n)} + 1)` : count(n);
  if (layers) {
    const long = windowed && n > window ? ` In ${count(windowed)} of them the last ${count(window)} tokens alone.` : "";
    const kinds = own ? ", of what it read and of one token written" : "";
    told.push(`Kept: ${count(layers)} layers · ${count(each)} numbers · ${rows} tokens · 2 bytes${kinds}.${long}`);
  }
  if (fixed) told.push(`States that stay the same size: ${count(fixed)} numbers · 2 bytes.`);
  return told.join(" ");
}

// The sources

const NUMBERS = {
  n_layers: "blocks",
  n_decoder_layers: "blocks of the decoder",
  d_model: "width of the stream",
  n_heads: "heads",
  n_kv_heads: "heads of keys and values",
  d_head: "width of a head",
  d_ff: "width of a feed-forward part",
  d_vocab: "entries of the vocabulary",
  n_ctx: "tokens of context",
  n_positions: "rows of positions",
  n_segments: "rows of segments",
  window: "tokens of a window",
  n_windowed: "layers with a window",
  "experts.n": "experts of a layer",
  "experts.chosen": "of them a token",
  "experts.d_ff": "width of an expert",
  "experts.n_layers": "layers with experts",
  "experts.shared": "experts for every token",
  "latent.q_rank": "numbers of a compressed query",
  "latent.kv_rank": "numbers of a compressed key and value",
  "latent.rope": "numbers of a key that are turned",
  "latent.nope": "numbers of a key that are not",
  "latent.d_value": "width of a value",
  "mamba.n_layers": "layers with a state",
  "mamba.d_inner": "channels of a state space layer",
  "mamba.d_state": "numbers of state a channel",
  "mamba.d_conv": "tokens of its convolution",
  "mamba.dt_rank": "numbers that make the step",
};
export const numberName = (name) => NUMBERS[name] ?? name;
