// Hatching: what takes no part.

/**
 * Fills the context's path with thin diagonal lines, `pitch` px apart, that go on from one hatched place to the next.
 * `box` {x, y, width, height} holds the whole path.
 */
export function hatch(context, { x, y, width, height }, colour, pitch = 7, line = 1) {
  context.save();
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = line;
  context.beginPath();
  for (let sum = pitch * Math.floor((x + y) / pitch); sum <= x + y + width + height; sum += pitch) {
    context.moveTo(sum - y + 1, y - 1);
    context.lineTo(sum - y - height - 1, y + height + 1);
  }
  context.stroke();
  context.restore();
}

/** A rectangle hatched. */
export function hatchRectangle(context, box, colour, pitch, line) {
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  hatch(context, box, colour, pitch, line);
}
