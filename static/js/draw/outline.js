// Outlines around what is lit.

/** A line of `line` px around a rectangle, outside of it; its corners are rounded by `radius`. */
export function outline(context, { x, y, width, height }, colour, line = 1.5, radius = 0) {
  context.strokeStyle = colour;
  context.lineWidth = line;
  context.beginPath();
  context.roundRect(x - line / 2, y - line / 2, width + line, height + line, radius);
  context.stroke();
}
