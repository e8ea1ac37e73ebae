// What "Set it up" looks for: the experts that the last token's prediction rests on most.

/** At each layer with experts, the one whose weight is largest for the last token is switched off. */
function withoutTrusted({ arrays: { weights }, tokens, experts: { layers } }) {
  const size = layers[0].load.length;
  const entries = layers.map(({ layer }, index) => {
    const from = (index * tokens.length + tokens.length - 1) * size;
    const last = weights.subarray(from, from + size);
    return [`${layer}.${last.indexOf(Math.max(...last))}`, "off"];
  });
  return { interventions: Object.fromEntries(entries) };
}

/** See FINDS in state/settings.js. */
export const finds = { trusted: { needs: "weights", find: withoutTrusted } };
