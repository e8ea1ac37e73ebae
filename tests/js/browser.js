// As much of a browser as the page's scripts ask for while they are loaded: something that answers every question with
// itself. Import it before them; what draws cannot be tested with it.

const NO_TERMS = '{"pattern": "(?!)", "about": {}}'; // page/terms.js reads it out of the page

const anything = new Proxy(class {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => NO_TERMS : anything),
  apply: () => anything,
  construct: () => anything,
});

for (const name of ["document", "matchMedia", "ResizeObserver", "MutationObserver", "addEventListener"]) {
  globalThis[name] ??= anything;
}
