// The names of the parts of a model that can be changed: "layer.expert", "kind.layer.head", "mlp.kind.layer",
// "neuron.kind.layer.neuron" and "neuron.kind.layer.expert.neuron".

/** @param {(string | number)[]} place */
export const nameOf = (...place) => place.join(".");
/** @param {string} name */
export const isExpert = (name) => /^\d+\.\d+$/.test(name);
/** @param {string} name */
export const isHead = (name) => /^[a-z]+\.\d+\.\d+$/.test(name);
/** @param {string} name */
export const isMlp = (name) => /^mlp\.[a-z]+\.\d+$/.test(name);
/** @param {string} name */
export const isNeuron = (name) => /^neuron\.[a-z]+\.\d+(\.\d+){1,2}$/.test(name);
/** @param {string} name */
export const placeOf = (name) => name.split(".").map(Number);
/** @param {string} name */
export const counted = (name) => placeOf(name).map((index) => index + 1);

/**
 * Whether a head or a feed-forward part is off.
 *
 * @param {Interventions} interventions
 */
export const anyPartOff = (interventions) => Object.keys(interventions).some((name) => isHead(name) || isMlp(name));
