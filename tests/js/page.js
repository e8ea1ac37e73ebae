// Just enough of a page for the exhibits' scripts to be imported without one: whatever they ask of it, nothing is there.

import { readdirSync } from "node:fs";

const nothing = new Proxy(function none() {}, {
  apply: () => nothing,
  construct: () => nothing,
  get: (_, name) => (name === "dataset" ? { terms: '{"pattern": "", "about": {}}' } : nothing),
});

Object.assign(globalThis, { document: nothing, matchMedia: () => nothing, ResizeObserver: nothing });

const { load } = await import("../../static/js/state/registry.js");

/** All exhibits by name, as main.js gets them. */
export const exhibits = await load(readdirSync(new URL("../../static/js/exhibits", import.meta.url)));
