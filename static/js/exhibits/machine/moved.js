// What has moved since the pin: a lane is dark by how far its vector is from where it was, as a part of its length.

import { laneY } from "./layout.js";
import { legendPlace } from "./legend.js";
import * as words from "./words.js";

const THICKEST = 2.5; // px
const ROUNDING = 1e-5; // of a pass in float32: what is less has not moved

/** How dark a part is: its square root, as with lengths in this drawing, so that little is seen too. */
const darkness = (part) => Math.min(1, Math.sqrt(part));

/** A river's parts by which its lanes have moved (`app/exhibits/machine/frame.py`), by lane; null where no state is pinned. */
export const movedOf = ({ rivers }, { name }) => rivers[name].moved;

/** Darkens the lanes of a river; one whose token was another stays as it is. */
export function paintMoved(context, river, stations, moved, tint) {
  const { lanes, stream } = river;
  const height = Math.min(THICKEST, 0.4 * lanes.pitch);
  context.fillStyle = tint.ink;
  stations.forEach(({ x, row }, index) => {
    const end = stations[index + 1]?.x ?? stream.right;
    for (let lane = 0; lane < lanes.count; lane++) {
      const part = moved[row * lanes.count + lane];
      if (!(part > 0)) continue;
      context.globalAlpha = darkness(part);
      context.fillRect(x, laneY(river, lane) - height / 2, end - x, height);
    }
  });
  context.globalAlpha = 1;
}

/** The scale's height: below what is written of the river. */
const scaleY = ({ read }) => read.bottom + 52;

export function paintMovedScale(context, place, tint) {
  const { x: left, width } = legendPlace(place);
  context.fillStyle = tint.ink;
  for (let x = 0; x < width; x++) {
    context.globalAlpha = darkness(x / (width - 1));
    context.fillRect(left + x, scaleY(place) - 4, 1, 8);
  }
  context.globalAlpha = 1;
}

/** How far a token of a river has moved behind the last block, in words; "" where no state is pinned. */
export function movedWords(measured, river, token) {
  const { movedEnd } = measured.rivers[river.name];
  return movedEnd ? words.moved(movedEnd[token], ROUNDING) : "";
}

/** What is written below the river: the width of a lane or, where a state is pinned, how far the selected one has moved. */
export function underRiver(place, machine, told) {
  const { group } = place.read.lanes;
  const y = place.read.bottom + 38;
  if (!told) return [{ text: words.eachLane(group, machine.d_model), x: 4, y, mark: "quiet" }];
  const { end } = legendPlace(place);
  const small = (text, x) => ({ text, x, y: scaleY(place), mark: "quiet small" });
  return [{ text: told, x: 4, y, mark: "gold small" }, small("0", 4), small("100 %", end)];
}
