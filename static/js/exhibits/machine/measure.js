// What a frame says, ready to be drawn: lengths by lane, the router's choices, loads and balance. Pure arithmetic.

const FILL = 0.9; // the thickest lane's part of the pitch

/** The `k` largest of a row, largest first; ties go to the earlier one. */
export function largest(row, k) {
  return Array.from(row, (_, index) => index)
    .sort((a, b) => row[b] - row[a] || a - b)
    .slice(0, k);
}

/** One row for each lane: the mean over the tokens that share it, of which so many come in groups of `every`. */
function byLane(values, every, tokens, { count, group }) {
  if (group === every) return values;
  const groups = Math.ceil(tokens / every);
  const rows = values.length / groups;
  const means = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let lane = 0; lane < count; lane++) {
      const from = lane * group;
      const to = Math.min(tokens, from + group);
      let sum = 0;
      for (let token = from; token < to; token += every) {
        sum += values[row * groups + token / every] * (Math.min(to, token + every) - token);
      }
      means[row * count + lane] = sum / (to - from);
    }
  }
  return means;
}

/**
 * One layer's experts at work: `probabilities` [token, expert], `chosen` by token (the best by `ranked` first, runner-up last),
 * `load` (how many tokens chose each) and the balance loss, n_experts x sum of (share of choices) x (mean probability).
 */
function routing(probabilities, ranked, tokens, { n_experts: experts, top_k: k }) {
  const load = new Float32Array(experts);
  const mean = new Float32Array(experts);
  const chosen = [];
  for (let token = 0; token < tokens; token++) {
    const row = probabilities.subarray(token * experts, (token + 1) * experts);
    const ranks = ranked.subarray(token * experts, (token + 1) * experts);
    const order = largest(ranks, k + 1).filter((expert) => ranks[expert] > -Infinity);
    chosen.push(order);
    for (const expert of order.slice(0, k)) load[expert] += 1;
    for (let expert = 0; expert < experts; expert++) mean[expert] += row[expert] / tokens;
  }
  const balance = experts * load.reduce((sum, n, expert) => sum + (n / (tokens * k)) * mean[expert], 0);
  return { probabilities, chosen, load, balance, ideal: (tokens * k) / experts };
}

/** A frame of the machine, by lane where lanes are drawn; of the open block what is added by token, too. */
export function measure(frame, machine, place) {
  const { arrays } = frame;
  const routes = new Map();
  machine.experts?.layers.forEach((layer, index) => {
    const tokens = frame.tokens.length;
    const size = tokens * machine.experts.n_experts;
    const part = (values) => values.subarray(index * size, (index + 1) * size);
    routes.set(layer, routing(part(arrays.router), part(arrays.ranked ?? arrays.router), tokens, machine.experts));
  });
  const rivers = {};
  for (const stack of machine.stacks) {
    const { tokens, lanes } = place.rivers[stack.name];
    const { every } = frame.rivers[stack.name];
    const of = (name) => arrays[`${stack.prefix}${name}`];
    const laid = (name) => byLane(of(name), every, tokens, lanes);
    rivers[stack.name] = {
      tokens,
      norms: laid("norms"),
      added: laid("added"),
      moved: of("moved") ? laid("moved") : null,
      movedEnd: of("moved_end") ?? null,
      open: of("added_open"),
      medians: of("medians"),
      inGroups: { every, added: of("added") },
    };
  }
  const most = (what) => Math.max(...Object.values(frame.rivers).map((river) => river[what]));
  const unit = FILL * Math.min(...Object.values(place.rivers).map(({ lanes }) => lanes.pitch));
  return { rivers, routes, longest: most("longest"), longestFed: most("fed"), unit };
}

/**
 * A vector's length as a part, 0 to 1, of the thickest lane. The square root, as if the lane were a round pipe whose
 * section is the length: the first token's vector is often so long that on a plain scale no other would be seen.
 */
export function thickness(length, longest) {
  return longest > 0 ? Math.sqrt(Math.max(0, length) / longest) : 0;
}
