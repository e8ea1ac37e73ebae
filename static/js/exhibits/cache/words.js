// What the cache writes: about the ribbons, the clock, the memory and the published models.

import { comesOut, count, decimal, decimalsOf, percent, plural, scientific, size } from "../../format.js";
import { visible } from "../../page/chips.js";

export { size };

const kvHeads = (n) => `${n} KV ${n === 1 ? "head" : "heads"}`;

/** Under a group of query heads. */
export function shared(group, n) {
  return n > 1 ? `share KV ${group + 1}` : "";
}

/** The button that writes on: until it is pressed again; `n` tokens of a model that draws, all that is left of others. */
export function writeButton({ isWriting, draws }, n) {
  if (isWriting) return "Stop";
  return draws ? `Write ${n}` : "Write on";
}

/** What the next draw of a GPT is, or what the last one did to this text. */
export function drawing(drawn, { text, draws, sampling }) {
  if (drawn?.text !== text) return `Random number ${count(draws + 1)} of seed ${sampling.seed} decides the next.`;
  if (drawn.ended) return "The random number fell on the end: the story is over.";
  return `Drew ${drawn.drawn.map((token) => visible(token, true)).join(" ")}, one column more.`;
}

/** What a T5 writes next; one that predicts no token reads on. */
export function writing(step, isDone, predicts) {
  if (!predicts) return isDone ? "It has read all that it reads here." : `Its decoder reads token ${step + 1} next.`;
  return isDone ? "It has written all that it writes." : `It writes greedily: token ${step + 1} comes next.`;
}

/** Over a ribbon, as long as nothing is pointed at. */
export function ribbonHint(isOwn) {
  const whose = isOwn ? "" : "from the encoder's output; the same for every token of the decoder; ";
  return `${whose}each column is one token; hover or use the arrow keys to read a number`;
}

/** Over a ribbon: the number that is pointed at; there may be fewer of a value than of a key, or the other way round. */
export function readNumber(token, { number, of }, { key, value, weight }) {
  const there = Object.entries({ key, value }).filter(([, one]) => one !== undefined);
  const said = there.map(([name, one]) => `${name} ${decimal(one)}`).join(", ");
  return `${visible(token)}, number ${number + 1} of ${of}: ${said}; read with ${percent(weight)}`;
}

/** Whose keys and values a ribbon shows; that it is the own one, where there is a cross cache beside it. */
export function ribbonTitle(cache) {
  return cache.n_cross_bytes ? `Self cache: ${headOf(cache)}` : headOf(cache);
}

function headOf({ layer, kv_head, n_kv_heads, n_cross_bytes }) {
  return `${n_cross_bytes ? "layer" : "Layer"} ${layer + 1}, KV head ${kv_head + 1} of ${n_kv_heads}`;
}

/** The ribbon of the model's own columns, for those who do not see it. */
export function ribbonSaid(cache) {
  return `keys and values of ${plural(cache.n_tokens, "token")} in ${headOf(cache)}; arrow keys read single numbers`;
}

/** The ribbon of a T5's cross cache, for those who do not see it. */
export function crossRibbonSaid(cache, n_read) {
  return `keys and values of all that was read, ${plural(n_read, "token")}, in ${headOf(cache)}`;
}

/** What stands in a ribbon's picture. */
export const RIBBON = {
  keys: "keys",
  values: "values",
  query: "query",
  mix: "mix",
  attention: "attention",
  now: "computed now",
  kept: (n, drawn) =>
    n === 1
      ? "1 column kept"
      : `${count(n)} columns kept, read only${drawn < n ? `; the last ${count(drawn)} drawn` : ""}`,
};

/** The ends of the two ramps. */
export function rampLegend(key, value) {
  const [k, v] = [decimal(key, 1), decimal(value, 1)];
  return `query and keys −${k} to ${k}, values and mix −${v} to ${v}; slate: negative`;
}

/** The formula for the bytes with its numbers, and what the tensors hold. */
export function bytesInNumbers(cache, n_read) {
  const { n_layers: layers, n_kv_heads: heads, d_head: d, n_tokens: n, itemsize: bytes } = cache;
  const product = count(2 * layers * heads * d * n * bytes);
  const cross = cache.n_cross_bytes
    ? ` The cross cache took ${count(cache.n_cross_bytes)} bytes once, for ${plural(n_read, "token")} read.`
    : "";
  if (cache.latent) return latentInNumbers(cache);
  return (
    `2 · ${layers} layers · ${kvHeads(heads)} · ${d} · ${plural(n, "token")} · ${bytes} ` +
    `bytes = ${product}; the tensors hold ${count(cache.n_bytes)} bytes.${cross}${rolls(cache)}`
  );
}

/** The same of latent attention: what it needs to keep, and what is kept here. */
function latentInNumbers({ n_layers: layers, n_kv_heads: heads, latent, d_head: d, d_value: v, ...cache }) {
  const { n_tokens: n, itemsize: bytes } = cache;
  const product = count(layers * (latent[0] + latent[1]) * n * bytes);
  return (
    `${layers} layers · (${latent.join(" + ")}) · ${plural(n, "token")} · ${bytes} bytes = ${product}: a latent and ` +
    "one short key a token suffice for all heads. Here the keys and values made of them are kept: " +
    `${layers} layers · ${kvHeads(heads)} · (${d} + ${v}) · ${plural(n, "token")} · ${bytes} bytes; ` +
    `the tensors hold ${count(cache.n_bytes)} bytes.`
  );
}

/** What a model with windows of its own need not keep, though the tensors here do. */
function rolls({ n_windowed: windowed, n_layers: layers, own_window: window, n_tokens: n }) {
  if (window === null || n <= window) return "";
  const which = windowed < layers ? `${count(windowed)} of its layers` : "its layers";
  return ` With a window in ${which}, the last ${count(window)} tokens would do there; here all are kept.`;
}

/** The growth, for those who do not see it. */
export function growthSaid({ n_bytes }) {
  return `how the cache grows with the text; now ${count(n_bytes)} bytes`;
}

/** Over the growth: what the cache holds now, and what it held when a state was pinned. */
export function heldNow({ n_bytes: now }, former) {
  const then = former ? `, ${size(former.n_bytes)} when pinned (ring)` : ", counted in the tensors";
  return `${size(now)} now (dot)${then}; lines: the formula`;
}

/** A tick of the axis of bytes, where `unit` bytes are one. */
export function bytesTick(value, unit) {
  return value === 0 ? "0" : `${Number((value / unit).toFixed(2))} ${size(unit).slice(-3)}`;
}

export const TOKENS_AXIS = "tokens";

export const VARIANT = { latent: "latent", MHA: "MHA", GQA: "GQA", MQA: "MQA", window: "rolling" };
export const OWN_VARIANT = "this model";

/** The heads of a variant, and how many tokens of `n` it keeps. */
export function variantHeads({ n_kv_heads, latent, window, rolling, per_token }, n) {
  if (latent) return window === null ? "one for all heads" : `last ${count(Math.min(window, n))}`;
  if (n_kv_heads === null) return "no even groups";
  const where = rolling < per_token ? " in some layers" : "";
  return kvHeads(n_kv_heads) + (window === null ? "" : `, last ${count(Math.min(window, n))}${where}`);
}

/** 2.3 ms; `ms` is null before anything was measured. */
export function milliseconds(ms) {
  return ms === null ? "…" : `${decimal(ms, 1)} ms`;
}

/** How far the logits of the two ways are apart. */
export function difference(here) {
  return here ? scientific(here.difference) : "…";
}

/** The clock, for those who do not see it. */
export function clockSaid(n, here) {
  if (!here) return "no measurement yet";
  const [kept, anew] = [here.cached_ms, here.uncached_ms].map(milliseconds);
  return `at ${plural(n, "token")}: ${kept} with the cache, ${anew} without`;
}

/** What was measured so far: at `n` lengths, medians `kept` and `anew`, at most `runs` times each on the `server`. */
export function clockSummary(measured) {
  if (!measured) return "The clock starts when typing rests.";
  const { n, kept, anew, runs, server } = measured;
  const digits = decimalsOf(1, (rounded) => comesOut(rounded(anew) / rounded(kept), anew / kept, 1));
  const over = n === 1 ? "In the one step" : `Median over the ${count(n)} lengths`;
  return (
    `${over} timed on this page: ${decimal(kept, digits)} ms with the cache, ${decimal(anew, digits)} ms without, ` +
    `${decimal(anew / kept, 1)} times as long. Each dot is the median of up to ${runs} runs in turn on the ` +
    `server (${server}), the graph alone; other visitors' requests may slow it.`
  );
}

const BYTES = { fp32: "4", fp16: "2", int8: "1", int4: "½" };

/** How many tokens a rolling window keeps. */
export function lastTokens(n) {
  return plural(n, "token");
}

export function tokensLong(n) {
  return `${count(n)} tokens`;
}

/** "2 · 32 · 8 · 128 · 8,192 · 2" */
export function formula({ factors, latent, kept }, { batch, precision }) {
  const compressed = latent ? [`(${latent.join(" + ")})`] : [];
  const texts = batch === 1 ? [] : [count(batch)];
  return [...factors.map(count), ...compressed, count(kept), ...texts, BYTES[precision]].join(" · ");
}

/** Why a row is as it is, in a few words: its window, its latent cache, or a text longer than it reads. */
export function remark({ window, latent, n_ctx: longest, kept, all_bytes: all }, context) {
  if (context > longest) return `longer than the ${count(longest)} tokens that it reads`;
  if (latent) return "latent: one vector for all heads";
  if (window !== null)
    return kept < context
      ? `keeps the last ${count(window)}; all would take ${size(all)}`
      : `keeps up to ${count(window)}`;
  return "";
}

/** Over the bars: what a full one is, and what the outlines are. */
export function barScale(most, isOutlined) {
  return `holds; a full bar: ${size(most)}${isOutlined ? "; outline: before" : ""}`;
}

export function fullBarIs(n_bytes) {
  return `a full bar: ${size(n_bytes)}`;
}
