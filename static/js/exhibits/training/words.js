// The sentences that the training exhibit's scripts write. Layers and heads are numbered from 0 here, from 1 for a
// reader.

import { count, decimal, percent, plural, powerOfTen, scientific, signed } from "../../format.js";
import { visible } from "../../page/chips.js";

const SMALL = 1e-4; // below, a number is written with a power of ten

// The losses

export const NATS = "nats";
export const NOTHING = "There is nothing to predict yet: type a few words.";
export const blind = (nats) => `guessing blindly ${decimal(nats)}`;
export const meanLevel = (nats) => `mean ${decimal(nats)}`;
const FATES = {
  masked: "hidden behind the mask",
  swapped: "swapped for another entry",
  kept: "left as it was",
};

/** A bar that is looked at. */
export function bar(target, nats) {
  const fate = target.fate ? `, ${FATES[target.fate]}` : "";
  const { guess } = target;
  const right = guess.id === target.id;
  const best = right ? "its likeliest" : `likeliest ${visible(guess, true)} ${percent(guess.probability)}`;
  return `${visible(target, true)}${fate}: ${percent(target.probability)}, loss ${decimal(nats)} nats; ${best}`;
}

/** A number of the sums; a dash where there is none. */
export function sum(value) {
  if (value === null) return "–";
  return value < 1e5 ? decimal(value, value < 100 ? 2 : 0) : scientific(value);
}

export const smoothing = (share) => (share === 0 ? "none" : `${share} %`);

// What is hidden or cut

/** Of a BERT's tokens, how many were chosen and what became of them. */
export function fates(targets) {
  if (targets.length === 0) return NOTHING;
  const n = (fate) => targets.filter((target) => target.fate === fate).length;
  return (
    `${plural(targets.length, "token")} chosen, 15 % of the text and at least one: ${count(n("masked"))} masked, ` +
    `${count(n("swapped"))} swapped, ${count(n("kept"))} left. The true token stands above its bar.`
  );
}

/** Of a T5's, how much was cut out. */
export function cuts({ targets, reads, prefixed }) {
  if (targets.length === 0) return NOTHING;
  const spans = reads.filter(({ text }) => text.startsWith("<extra_id_")).length;
  const asked = prefixed ? "" : " Since the first tenth of its run the bundled T5 has had “fill:” in front.";
  const ended = targets.at(-1).text === "</s>" ? 1 : 0;
  const cut = targets.length - spans - ended;
  return `${plural(cut, "token")} cut out in ${plural(spans, "span")}; a sentinel stands for each.${asked}`;
}

// What it pulls at

/** What the gradient is of. */
export const meanOf = (n) => (n === 1 ? "the only loss" : `the mean of ${count(n)} losses`);

export const others = (n) => `the other ${count(n)}`;

/** A gradient, signed; a small one with a power of ten. */
export function slope(value) {
  if (value === 0 || Math.abs(value) >= SMALL) return signed(value, 4);
  return `${value < 0 ? "\u2212" : "+"}${scientific(Math.abs(value))}`;
}

export const SIZE = "size of the gradient";
export const ENTRIES = "entries";
export const power = (exponent) => (exponent === 0 ? "1" : powerOfTen(exponent));
export const FLOOR = "float16 rounds to 0";
export const FLOOR_SCALED = "with the loss scaled up";

/** The name of a format. */
export const format = (name, scale) =>
  ({ float16: "float16", scaled: `float16, loss × ${count(scale)}`, bfloat16: "bfloat16" })[name];

export const shortSaid = ({ float16, bfloat16 }) =>
  `How large the gradients of all logits are: float16 rounds ${percent(float16.entries)} of them to zero, ` +
  `bfloat16 ${percent(bfloat16.entries)}`;

// Two sentences

export const OWN = "Your text goes on";
export const OTHER = "A sentence of another story";
export const ONE_SENTENCE = "Your text has one sentence: write a second one behind it.";
export const noPairs = (model) => `${model} was not trained to tell whether one sentence follows another.`;
export const follows = (share) => `follows: ${share}`;

// Moments of training

export const END = "the end of training";
export const LOSSES = "mean over this text, and over held-out stories";
export const THIS_TEXT = "this text";
export const HELD_OUT = "held-out";
export const STEP = "step";
export const SCORE = "score";
export const EVEN = "even";
export const OF_ATTENTION = "of attention, then and at the end";

/** A step's number on an axis. */
export const stepShort = (step) => (step < 1e3 ? String(step) : `${Number((step / 1e3).toPrecision(2))}k`);

export const momentName = (moment) => (moment ? `step ${count(moment.step)}` : "");
export const thenTitle = (moment) => (moment.step === 0 ? "Before any training" : `At step ${count(moment.step)}`);

/** What the moment is, and the loss then and now. */
export function moment({ moments, at, loss, end }) {
  const { step, tokens } = moments[at];
  const seen = step === 0 ? "Untrained, its weights as they were drawn." : `After ${count(tokens)} predicted tokens.`;
  if (loss === null) return seen;
  return `${seen} The loss of this text: ${decimal(loss)} nats a token; at the end ${decimal(end)}.`;
}

export const unfilmed = (model, other) =>
  `${model} kept no weights on its way.${other === undefined ? "" : ` ${other} did.`}`;
export const showFilmed = (other) => `Show ${other}`;
export const headsSaid = (when) => `All heads on this text at ${when}, a column a layer, a row a head`;

export function lossesSaid({ moments }, found) {
  const last = found.at(-1)?.loss;
  const text = last == null ? "" : `, of this text ${decimal(found[0].loss)} and ${decimal(last)}`;
  return `Held-out loss from ${decimal(moments[0].held_out)} to ${decimal(moments.at(-1).held_out)} nats${text}`;
}

const bestOf = ({ scores }) => Math.max(...scores.flat());

export const headName = (index, heads) => `layer ${Math.floor(index / heads) + 1}, head ${(index % heads) + 1}`;
export const headShort = (index, heads) => `L${Math.floor(index / heads) + 1} H${(index % heads) + 1}`;

/** Where induction appears: the first moment from which on the best head has half of what it has at the end. */
export function induced(found, moments) {
  const told = found.map(({ induction }) => induction).filter((induction) => induction !== null);
  if (told.length < moments.length) return "on random tokens that are said twice";
  const { scores, first, second } = told.at(-1);
  const flat = scores.flat();
  const best = flat.indexOf(Math.max(...flat));
  const below = told.findLastIndex((one) => one.scores.flat()[best] < flat[best] / 2);
  return (
    `${headName(best, scores[0].length)} ends at ${decimal(flat[best])}, half of it from step ` +
    `${count(moments[below + 1].step)} on; said again, random tokens cost ${decimal(second)} nats, at first ` +
    decimal(first)
  );
}

export function inducedSaid(found) {
  const told = found.filter(({ induction }) => induction !== null);
  if (told.length === 0) return "Induction scores of all heads";
  const scores = told.map(({ induction }) => decimal(bestOf(induction)));
  return `The best head's induction score at each moment: ${scores.join(", ")}`;
}

// The run

export const PART_OF_RUN = "part of the run";
export const RATE = "learning rate";
export const MILLIONS = "million tokens predicted";
export const TRAINED = "training";
export const share = (part) => (part === 0 ? "0" : `${Math.round(100 * part)} %`);
export const rate = (value) => (value === 0 ? "0" : String(Number(value.toPrecision(3))));
const OPTIMIZERS = { adamw: "AdamW", muon: "Muon, and AdamW for tables and gains" };

/** The recipe in a few sentences. */
export function run({ recipe, workers, points }) {
  const { step, tokens, hours } = points.at(-1);
  const several = workers > 1 ? `, ${count(workers)} batches a step` : "";
  const batch = `${count(recipe.batch_tokens)} tokens a batch${several}`;
  return (
    `${OPTIMIZERS[recipe.optimizer]}; ${batch}; ${count(step)} steps, ${count(tokens)} predicted tokens, ` +
    `${decimal(hours)} hours on a CPU. Weight decay ${recipe.weight_decay}, label smoothing ` +
    `${recipe.label_smoothing || "none"}, gradients longer than ${recipe.clip} shortened to it.`
  );
}

export const noRun = (model) => `How ${model} was trained does not lie beside it; its authors' paper says it.`;

export const warmup = ({ lr, warmup: part, final_lr: last }) =>
  `up to ${rate(lr)} in the first ${share(part)}, then by a cosine down to ${share(last)} of it`;

export const ends = ({ train, held_out }) => `ends at ${decimal(train)} in training, ${decimal(held_out)} held out`;

/** How many steps were clipped, or that nobody counted. */
export function clips({ logged, points, recipe }) {
  if (!logged) {
    return (
      "How many steps were clipped was not logged for this checkpoint, nor its learning rate: the line follows from " +
      "the recipe, and the step and hour of each point. Runs from now on log both (model/train/loop.py)."
    );
  }
  const clipped = points.reduce((all, point) => all + point.clipped, 0);
  const { step } = points.at(-1);
  return `${count(clipped)} of ${count(step)} steps had a gradient longer than ${recipe.clip} and were clipped.`;
}

export const rateSaid = ({ lr }) => `The learning rate over the run: up to ${rate(lr)}, then down`;
export const curveSaid = (points) =>
  `Held-out loss at ${plural(points.length, "point")} of the run, from ${decimal(points[0].held_out)} to ` +
  `${decimal(points.at(-1).held_out)} nats`;
