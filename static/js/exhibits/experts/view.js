// What a frame says about its experts, ready to be drawn: for each layer that has them, each token's logits,
// probabilities and weights, the chosen experts and the runner-up.

/**
 * One token at one layer: `chosen` by falling weight; `runnerUp`, and by how much its logit is `short` of the last; where a
 * bias takes part in the choice, that by which they are `ranked`. Outside of the groups that it may choose from none is next.
 */
function choice(logits, probabilities, weights, ranked, biased) {
  const all = Array.from(weights, (_, expert) => expert);
  const chosen = all.filter((expert) => weights[expert] > 0).sort((a, b) => weights[b] - weights[a] || a - b);
  const waits = (expert) => weights[expert] === 0 && probabilities[expert] > 0 && ranked[expert] > -Infinity;
  const others = all.filter(waits).sort((a, b) => ranked[b] - ranked[a] || a - b);
  const runnerUp = others.length ? others[0] : null;
  const by = biased ? ranked : logits;
  const short = runnerUp === null ? null : Math.min(...chosen.map((expert) => by[expert])) - by[runnerUp];
  return { logits, probabilities, weights, chosen, runnerUp, short };
}

/** The layers of a frame: their number from 0, a row a token, load, the balance loss and what an even load would be. */
export function layersOf(frame, { n_experts: experts, top_k: k, layers }) {
  const { router_logits: logits, router, weights, ranked = router } = frame.arrays;
  const tokens = frame.tokens.length;
  return layers.map((layer, index) => {
    const rows = frame.tokens.map((_, token) => {
      const from = (index * tokens + token) * experts;
      const part = (values) => values.subarray(from, from + experts);
      return choice(part(logits), part(router), part(weights), part(ranked), frame.experts.biased);
    });
    const { load, balance_loss: balance } = frame.experts.layers[index];
    return { layer, index, rows, load, balance, even: (tokens * k) / experts };
  });
}

/** Which of the layers with experts is looked at: the chosen one, or the next above it that has experts. */
export function lookedAt(layers, chosen) {
  const index = layers.findIndex(({ layer }) => layer >= chosen);
  return index < 0 ? layers.length - 1 : index;
}

/** .62, 1, 2.4: at most three characters. */
export function short(value) {
  const hundredths = Math.round(100 * value);
  if (hundredths < 100) return `.${String(hundredths).padStart(2, "0")}`;
  return value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
}
