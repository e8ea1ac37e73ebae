// The course of a lecture: where it goes, stop by stop. Without an order, through every step of every exhibit that holds for
// the model; with one, from item to item.

import { stepsOf } from "../state/steps.js";
import { itemSaid } from "./words.js";

/** @typedef {{exhibit: string, step: number | null, link?: string}} Stop */
/** @typedef {import("./order.js").Item} Item */

/**
 * Every step of every exhibit, in the order of the walk.
 *
 * @param {Catalog} catalog
 * @param {string} model
 * @returns {Stop[]}
 */
export function everyStep(catalog, model) {
  return catalog.walk.flatMap((exhibit) => stepsOf(catalog, exhibit, model).map((_, step) => ({ exhibit, step })));
}

/**
 * Where a state stands among stops: at the exhibit's first step where the guide is closed, and at the next exhibit's where
 * it has none.
 *
 * @param {Stop[]} stops
 * @param {Pick<State, "exhibit" | "step">} state
 * @param {string[]} walk
 */
export function placeOf(stops, { exhibit, step }, walk) {
  const exact = stops.findIndex((stop) => stop.exhibit === exhibit && stop.step === (step ?? 0));
  if (exact >= 0) return exact;
  const next = stops.findIndex((stop) => walk.indexOf(stop.exhibit) >= walk.indexOf(exhibit));
  return next >= 0 ? next : stops.length - 1;
}

/**
 * What a link leads to, in short.
 *
 * @param {string} link
 */
export function partsOf(link) {
  const address = new URLSearchParams(link);
  const step = Number.parseInt(address.get("step") ?? "", 10);
  return {
    exhibit: address.get("exhibit") ?? "",
    model: address.get("model") ?? "",
    step: step > 0 ? step - 1 : null,
    text: address.get("text") ?? "",
  };
}

export class Course {
  /** @param {any} page that of index.js */
  constructor(page) {
    this.page = page;
    this.at = 0;
  }

  /**
   * The stops of an order, or else every step.
   *
   * @param {Item[]} items
   * @returns {Stop[]}
   */
  stops(items) {
    if (items.length) return items.map(({ link }) => ({ ...partsOf(link), link }));
    return everyStep(this.page.store.catalog, this.page.store.state.model);
  }

  /** Where the state stands on the course without an order. */
  here() {
    const { catalog, state } = this.page.store;
    return placeOf(this.stops([]), state, catalog.walk);
  }

  /** Until the picture is that of the state. */
  async settled() {
    const { store } = this.page;
    while (store.frame?.exhibit !== store.state.exhibit || store.inFlight) {
      if (store.error) return;
      await new Promise((done) => setTimeout(done, 30));
    }
    await new Promise(requestAnimationFrame);
  }

  /**
   * What the second window is told.
   *
   * @param {Item[]} items
   * @param {string} says the sentence on the slide
   */
  told(items, says) {
    const stops = this.stops(items);
    const next = stops[this.at + 1];
    return {
      at: this.at,
      of: stops.length,
      now: { ...this.said(stops[this.at], items[this.at]), says },
      next: next ? this.said(next, items[this.at + 1]) : null,
    };
  }

  /**
   * @param {Stop} stop
   * @param {Item | undefined} item
   */
  said({ exhibit, step, link }, item) {
    const { catalog, state } = this.page.store;
    const { model, text } = link ? partsOf(link) : state;
    const known = catalog.models[model] ? model : state.model;
    const sentence = step === null ? "" : (stepsOf(catalog, exhibit, known)[step]?.says ?? "");
    return {
      title: itemSaid({ stop: this.page.nameOf(exhibit), step, model, text }),
      says: sentence.replaceAll(/\{\w+\}/g, "…"),
      note: item?.note ?? "",
    };
  }
}
