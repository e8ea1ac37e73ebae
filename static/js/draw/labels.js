// The labels of tokens on canvas. Where there is not room for all, every n-th is drawn, and always those that are lit,
// whose neighbours make way.

/** The size of type for labels `pitch` px apart; the smallest on the page is 11 px. */
export function fontSize(pitch) {
  return pitch >= 16 ? 12 : 11;
}

/** Every which of the labels is drawn, so that those drawn stand at least `line` px apart. */
export function stepFor(pitch, line) {
  return Math.max(1, Math.ceil(line / pitch));
}

/** The indices to draw; `lit` indices come first in line. */
export function chosen(tokens, step, lit) {
  const kept = lit.filter((index) => index !== null && index >= 0 && index < tokens);
  const free = (index) => kept.every((other) => other === index || Math.abs(other - index) >= step);
  const others = [];
  for (let index = 0; index < tokens; index += step) if (!kept.includes(index) && free(index)) others.push(index);
  return [...new Set(kept), ...others];
}

/** The face for token labels on canvas. */
export function mono(size, weight = 450) {
  return `${weight} ${size}px "JetBrains Mono", ui-monospace, monospace`;
}

/** The gold ground of the selected token's label, like its chip. */
export function badge(context, right, y, width, tint) {
  context.fillStyle = tint["gold-ground"];
  context.strokeStyle = tint.gold;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(right - width - 4.5, y - 8.5, width + 9, 17, 3);
  context.fill();
  context.stroke();
}
