// Steps: states that are shown one after the other, each with a sentence and the part that it is about. They are defined
// beside the exhibits' plates and come in the catalog (app/wire/step.py); here is which of them hold for a model, and how a
// walk through them changes the state and gives it back.

import { NONE } from "./interventions.js";
import { NEUTRAL } from "./state.js";

/** The walk that follows one word through the exhibits, beside those of each exhibit, which go by its name. */
export const FOLLOW = "follow";

/**
 * Whether a step holds for a model.
 *
 * @param {Step} step
 * @param {ModelDescription} model
 */
function suits({ families, feed, trait, speaks }, model) {
  if ((speaks && !model.predicts) || (trait !== null && !model.traits.includes(trait))) return false;
  return families.includes(model.family) && (feed === null || (feed === "experts") === (model.experts !== null));
}

/**
 * The steps of an exhibit, or of `FOLLOW`, that hold for a model.
 *
 * @param {Catalog} catalog
 * @param {string} name
 * @param {string} model
 * @returns {Step[]}
 */
export function stepsOf({ steps, follow, models }, name, model) {
  return (name === FOLLOW ? follow : steps[name]).filter((step) => suits(step, models[model]));
}

/** One walk through steps: it remembers what the state was wherever it changed it. */
export class Walk {
  /**
   * @param {Step[]} steps
   * @param {State} before
   */
  constructor(steps, before) {
    this.steps = steps;
    this.before = before;
    this.at = 0;
    /** @type {Record<string, any>} */
    this.set = {}; // what its step has set, by the part of the state
  }

  get step() {
    return this.steps[this.at];
  }

  /**
   * The change of state that leads to a step: what the steps before it set, it does not keep.
   *
   * @param {number} at
   * @param {State} state
   * @returns {Partial<State>}
   */
  to(at, state) {
    this.at = at;
    const { exhibit } = this.step;
    const { find, ...patch } = this.step.state;
    if (patch.sampling) patch.sampling = { ...NEUTRAL, seed: state.sampling.seed, ...patch.sampling };
    if (patch.interventions && !Object.keys(patch.interventions).length) patch.interventions = NONE;
    const changed = { ...this.back(state), ...patch, exhibit, hover: null };
    this.set = { ...patch, exhibit };
    return changed;
  }

  /**
   * Remembers a change that came of a step later, as what it looks for was found.
   *
   * @param {Partial<State>} patch
   */
  found(patch) {
    Object.assign(this.set, patch);
  }

  /**
   * The change of state that gives back what the walk has changed; what a person chose meanwhile stays.
   *
   * @param {State} state
   * @returns {Partial<State>}
   */
  back(state) {
    const own = Object.keys(this.set).filter((name) => state[name] === this.set[name]);
    return Object.fromEntries(own.map((name) => [name, this.before[name]]));
  }
}
