// Whether a drawing is to be low: it stands on the slide of a lecture that has no room for its usual height.

export const isTight = () => "tight" in document.documentElement.dataset;
