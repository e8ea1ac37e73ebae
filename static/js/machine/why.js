export function mountWhy() { return () => {}; }
