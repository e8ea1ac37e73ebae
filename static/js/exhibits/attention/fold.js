// Where the heads of the atlas stand: layers side by side, heads below each other; layers that find no room go on in bands.

export const LABEL = 18; // room for the numbers of heads, and for those of layers
const GAP = 5;
const LEAST = 12; // px of a head

/** The place of a layer or head along its side. */
const at = (index, size) => LABEL + index * (size + GAP);

/** How many layers stand side by side in a width, and how wide a head is. */
export function folded(layers, width) {
  const fits = Math.max(1, Math.floor((width - LABEL + GAP) / (LEAST + GAP)));
  const across = Math.ceil(layers / Math.ceil(layers / fits));
  return { across, size: Math.max(LEAST, Math.floor((width - LABEL - GAP * (across - 1)) / across)) };
}

/** Where a head stands, if so many layers stand side by side. */
export function spot(layer, head, { heads, across, size }) {
  return { x: at(layer % across, size), y: Math.floor(layer / across) * at(heads, size) + at(head, size) };
}

/** How high all of it is. */
export const heightOf = (layers, { heads, across, size }) => Math.ceil(layers / across) * at(heads, size) - GAP;
