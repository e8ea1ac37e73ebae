// Which heads and layers go when so many are to go: what costs least first.

/** The parts with their costs, {heads, layers}, what costs least in front. */
export function ordered(costs) {
  const rising = [...costs].sort((one, other) => one.kl_bits - other.kl_bits);
  return { heads: rising.filter(({ head }) => head !== null), layers: rising.filter(({ head }) => head === null) };
}

/** Whether a head belongs to a layer that is removed; those that look across belong to the decoder. */
export function isWithin({ kind, layer }, layers) {
  const stack = kind === "cross" ? "decoder" : kind;
  return layers.some((gone) => gone.kind === stack && gone.layer === layer);
}

/** The first so many of each; of the heads those that are not in a layer that goes. */
export function removedOf({ heads, layers }, n) {
  const gone = layers.slice(0, n.layers);
  return { layers: gone, heads: heads.filter((head) => !isWithin(head, gone)).slice(0, n.heads) };
}
