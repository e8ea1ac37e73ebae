// What is lit by the pointer or by keys, wherever on the page.

/** Whether two values of the state's `hover` say the same. */
function alike(one, other) {
  if (!one || !other) return !one === !other;
  return Object.keys({ ...one, ...other }).every((part) => one[part] === other[part]);
}

/** Lights `next` in every picture, or nothing for null. */
export function light(store, next) {
  if (!alike(store.state.hover, next)) store.set({ hover: next });
}
