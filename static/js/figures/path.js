// A canvas's path as the data of an SVG path: each point is carried through the transform that held when it was drawn,
// as a canvas does.

import { short } from "./shapes.js";

const WHOLE = 2 * Math.PI;

/** How much longer a length becomes in a transform. */
export const stretch = ({ a, b, c, d }) => Math.sqrt(Math.abs(a * d - b * c));

export class Path {
  /** `transform()` gives the transform that holds, {a, b, c, d, e, f}. */
  constructor(transform) {
    this.transform = transform;
    this.data = "";
    this.at = null; // where the pen is, before the transform
  }

  point(x, y) {
    const { a, b, c, d, e, f } = this.transform();
    return `${short(a * x + c * y + e)} ${short(b * x + d * y + f)}`;
  }

  moveTo(x, y) {
    this.data += `M${this.point(x, y)}`;
    this.at = [x, y];
  }

  lineTo(x, y) {
    if (!this.at) return this.moveTo(x, y);
    this.data += `L${this.point(x, y)}`;
    this.at = [x, y];
  }

  bezierCurveTo(x1, y1, x2, y2, x, y) {
    if (!this.at) this.moveTo(x1, y1);
    this.data += `C${this.point(x1, y1)} ${this.point(x2, y2)} ${this.point(x, y)}`;
    this.at = [x, y];
  }

  quadraticCurveTo(x1, y1, x, y) {
    if (!this.at) this.moveTo(x1, y1);
    this.data += `Q${this.point(x1, y1)} ${this.point(x, y)}`;
    this.at = [x, y];
  }

  closePath() {
    if (this.data) this.data += "Z";
  }

  rect(x, y, width, height) {
    this.moveTo(x, y);
    for (const [right, below] of [
      [1, 0],
      [1, 1],
      [0, 1],
    ]) {
      this.lineTo(x + right * width, y + below * height);
    }
    this.closePath();
    this.at = [x, y];
  }

  /** `radii`: one for all corners, or for each from the top left on. */
  roundRect(x, y, width, height, /** @type {number | number[]} */ radii = 0) {
    const given = [radii].flat();
    const corner = (at) => given[at] ?? given[at % 2] ?? given[0];
    const most = Math.min(Math.abs(width), Math.abs(height)) / 2;
    const [one, two, three, four] = [0, 1, 2, 3].map((at) => Math.min(corner(at), most));
    if (one + two + three + four === 0) return this.rect(x, y, width, height);
    this.moveTo(x + one, y);
    this.lineTo(x + width - two, y);
    this.turn(two, x + width, y + two);
    this.lineTo(x + width, y + height - three);
    this.turn(three, x + width - three, y + height);
    this.lineTo(x + four, y + height);
    this.turn(four, x, y + height - four);
    this.lineTo(x, y + one);
    this.turn(one, x + one, y);
    this.closePath();
  }

  /** An arc of less than half a circle to a point; clockwise unless `isBack`. */
  turn(radius, x, y, isBack = false, isLong = false) {
    if (radius === 0) return this.lineTo(x, y);
    const seen = short(radius * stretch(this.transform()));
    this.data += `A${seen} ${seen} 0 ${isLong ? 1 : 0} ${isBack ? 0 : 1} ${this.point(x, y)}`;
    this.at = [x, y];
  }

  arc(x, y, radius, from, to, isBack = false) {
    const at = (angle) => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    const sweep = isBack ? from - to : to - from;
    this.lineTo(...at(from));
    if (sweep >= WHOLE) {
      this.turn(radius, ...at(from + Math.PI), isBack);
      this.turn(radius, ...at(from), isBack);
      return;
    }
    const turned = ((sweep % WHOLE) + WHOLE) % WHOLE;
    this.turn(radius, ...at(to), isBack, turned > Math.PI);
  }

  /** The arc that is rounded into the corner at (x1, y1), as a canvas rounds it. */
  arcTo(x1, y1, x2, y2, radius) {
    const [x0, y0] = this.at ?? [x1, y1];
    const towards = (x, y) => {
      const length = Math.hypot(x - x1, y - y1);
      return [(x - x1) / length, (y - y1) / length];
    };
    const [[ax, ay], [bx, by]] = [towards(x0, y0), towards(x2, y2)];
    const cross = ax * by - ay * bx;
    if (radius === 0 || !Number.isFinite(cross) || Math.abs(cross) < 1e-9) return this.lineTo(x1, y1);
    const away = radius / Math.tan(Math.acos(ax * bx + ay * by) / 2);
    this.lineTo(x1 + ax * away, y1 + ay * away);
    this.turn(radius, x1 + bx * away, y1 + by * away, cross > 0);
  }
}
