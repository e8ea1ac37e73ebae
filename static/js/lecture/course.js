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
    this.at = 0; // -1 where an order has been made that does not hold what is shown
    /** @type {Item[]} */
    this.items = []; // of the order that `at` is a place in
  }

  /**
   * Keeps the place where an order has become another on the way: at the item that was shown, if it is still there.
   *
   * @param {Item[]} items
   */
  keep(items) {
    const before = this.items;
    if (before === items) return;
    this.items = items;
    const link = before.length ? before[this.at]?.link : this.page.fragment();
    if (!items.length) this.at = this.here();
    else if (items[this.at]?.link !== link) this.at = items.findIndex((item) => item.link === link);
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
      now: { ...this.said(stops[this.at] ?? this.page.store.state, items[this.at]), says },
      next: next ? this.said(next, items[this.at + 1]) : null,
    };
  }

  /**
   * @param {Pick<Stop, "exhibit" | "step" | "link">} stop
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
