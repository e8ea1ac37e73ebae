// What a frame says, ready to be drawn: lengths by lane, the router's choices, loads and balance. Pure arithmetic.

import { addedRow } from "./anatomy.js";

const FILL = 0.9; // the thickest lane's part of the pitch

/** The `k` largest of a row, largest first; ties go to the earlier one. */
export function largest(row, k) {
  return Array.from(row, (_, index) => index)
    .sort((a, b) => row[b] - row[a] || a - b)
    .slice(0, k);
}

/** One row for each lane: the mean over the tokens that share it. */
function byLane(values, tokens, { count, group }) {
  if (group === 1) return values;
  const rows = values.length / tokens;
  const means = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let lane = 0; lane < count; lane++) {
      const from = lane * group;
      const to = Math.min(tokens, from + group);
      let sum = 0;
      for (let token = from; token < to; token++) sum += values[row * tokens + token];
      means[row * count + lane] = sum / (to - from);
    }
  }
  return means;
}

/**
 * One layer's experts at work: `probabilities` [token, expert], `chosen` by token (likeliest first, runner-up last),
 * `load` (how many tokens chose each) and the balance loss, n_experts x sum of (share of choices) x (mean probability).
 */
function routing(probabilities, tokens, { n_experts: experts, top_k: k }) {
  const load = new Float32Array(experts);
  const mean = new Float32Array(experts);
  const chosen = [];
  for (let token = 0; token < tokens; token++) {
    const row = probabilities.subarray(token * experts, (token + 1) * experts);
    const order = largest(row, k + 1);
    chosen.push(order);
    for (const expert of order.slice(0, k)) load[expert] += 1;
    for (let expert = 0; expert < experts; expert++) mean[expert] += row[expert] / tokens;
  }
  const balance = experts * load.reduce((sum, n, expert) => sum + (n / (tokens * k)) * mean[expert], 0);
  return { probabilities, chosen, load, balance, ideal: (tokens * k) / experts };
}

/** The longest of some vectors: the scale of the lanes' thickness. */
function longest(...arrays) {
  let most = 0;
  for (const lengths of arrays) for (const length of lengths) if (length > most) most = length;
  return most;
}

/** A frame of the machine, by lane where lanes are drawn and by token where tokens are. */
export function measure(frame, machine, place) {
  const { arrays } = frame;
  const routes = new Map();
  machine.experts?.layers.forEach((layer, index) => {
    const tokens = frame.tokens.length;
    const size = tokens * machine.experts.n_experts;
    routes.set(layer, routing(arrays.router.subarray(index * size, (index + 1) * size), tokens, machine.experts));
  });
  const rivers = {};
  let fed = 0;
  for (const stack of machine.stacks) {
    const { tokens, lanes } = place.rivers[stack.name];
    const [norms, added, moved] = ["norms", "added", "moved"].map((name) => arrays[`${stack.prefix}${name}`]);
    rivers[stack.name] = {
      tokens,
      norms: byLane(norms, tokens, lanes),
      added: byLane(added, tokens, lanes),
      moved: moved ? byLane(moved, tokens, lanes) : null,
      byToken: { norms, added, moved },
    };
    for (let layer = 0; layer < stack.layers; layer++) {
      const row = addedRow(stack, layer, "feed");
      fed = Math.max(fed, longest(added.subarray(row * tokens, (row + 1) * tokens)));
    }
  }
  const all = Object.values(rivers).flatMap(({ byToken }) => [byToken.norms, byToken.added]);
  const unit = FILL * Math.min(...Object.values(place.rivers).map(({ lanes }) => lanes.pitch));
  return { rivers, routes, longest: longest(...all), longestFed: fed, unit };
}

/**
 * A vector's length as a part, 0 to 1, of the thickest lane. The square root, as if the lane were a round pipe whose
 * section is the length: the first token's vector is often so long that on a plain scale no other would be seen.
 */
export function thickness(length, longest) {
  return longest > 0 ? Math.sqrt(Math.max(0, length) / longest) : 0;
}
