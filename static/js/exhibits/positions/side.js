// What stands beside the large scheme: clocks for RoPE, likeness for added vectors, the course over distances for what is
// added to scores, and a sentence where nothing says the place.

import { radios, setText } from "../../dom.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { fit, widthOf } from "../../page/canvas.js";
import { labelsOf, visible } from "../../page/chips.js";
import { light } from "../../page/hovered.js";
import { colours } from "../../page/theme.js";
import { HEIGHT, alike, paintAlike, paintBias } from "./beside.js";
import { SIDE, layout, paintFace, paintRow } from "./clocks.js";
import { pairOf } from "./roles.js";
import { bucketAt, bucketHeads, headOf, lastBucket, valueAt } from "./schemes.js";
import {
  KEY_COMES_LATER,
  addedBetween,
  addedLengths,
  angle,
  angleBetween,
  bucketsRule,
  evenShares,
  headOfTable,
  likeness,
  pairName,
  pairWave,
  slopesRule,
} from "./words.js";

export function mountSide(root, store) {
  const find = (selector) => root.querySelector(selector);
  const panels = [...root.querySelectorAll("[data-panel]")];
  const [faceCanvas, rowCanvas] = [find(".face"), find(".clock-row")];
  const [alikeCanvas, biasCanvas] = [find(".alike"), find(".by-distance")];
  const markSees = radios(find(".sees"), ({ dataset }) => store.set({ sees: dataset.sees }));
  let clocks = null; // where the small ones stand

  /** `field` is what is drawn large. */
  function draw(view, roles, field) {
    const { scheme } = view.frame.positions;
    for (const panel of panels)
      panel.hidden = !panel.dataset.panel.split(" ").includes(scheme) || Boolean(field.missing);
    if (field.missing) return;
    if (scheme === "rope") drawClocks(view, roles);
    else if (scheme === "none") drawEven(view, roles);
    else if (field.square) drawBias(view, roles);
    else drawAlike(view, roles, field);
  }

  function drawClocks(view, roles) {
    const { frame } = view;
    const { frequencies } = frame.positions.rope;
    const pair = pairOf(view);
    const theta = frequencies[pair];
    const { query, key } = roles;
    const width = Math.max(200, widthOf(rowCanvas.parentElement));
    paintClocks(frame, theta, query, key, roles.selected, width, colours());
    setText(find(".pair-name"), pairName(pair, frequencies.length));
    setText(find(".pair-wave"), pairWave(theta));
    setText(find(".angle-query"), angle(query, theta));
    setText(find(".angle-key"), angle(key, theta));
    setText(find(".angle-between"), angleBetween(query, key, theta));
    setText(find(".name-query"), visible(frame.tokens[query]));
    setText(find(".name-key"), visible(frame.tokens[key]));
  }

  function drawAlike({ frame }, roles, field) {
    const { query, key } = roles;
    paintLikeness(field, query, key, Math.max(200, widthOf(alikeCanvas.parentElement)), colours());
    setText(find(".alike-words"), likeness(frame.tokens, roles, alike(field, query, key)));
    const { lengths } = frame.positions;
    setText(
      find(".added-lengths"),
      lengths ? addedLengths(frame.tokens[query], lengths.embedding[query], lengths.position[query]) : "",
    );
  }

  function drawBias({ state, frame }, roles) {
    const { positions } = frame;
    const { scheme } = positions;
    const width = Math.max(200, widthOf(biasCanvas.parentElement));
    paintCourses(frame, state.head, roles.query, roles.key, width, colours());
    const heads = scheme === "alibi" ? positions.alibi.slopes.length : bucketHeads(frame);
    const head = headOf(state.head, heads);
    const rule =
      scheme === "alibi" ? slopesRule(positions.alibi.slopes, head) : bucketsRule(positions.t5, lastBucket(frame));
    setText(find(".bias-name"), headOfTable(head, heads, positions[scheme].source));
    setText(find(".bias-rule"), rule);
    const relative = roles.key - roles.query;
    const bucket = scheme === "t5" ? frame.arrays.t5_buckets[bucketAt(positions, relative)] : null;
    const later = relative > 0 && !(scheme === "t5" && positions.t5.sees === "both");
    const [query, key] = [roles.query, roles.key].map((index) => frame.tokens[index]);
    const added = later ? null : valueAt(scheme, frame, head, relative);
    setText(find(".bias-words"), later ? KEY_COMES_LATER : addedBetween(query, key, Math.abs(relative), bucket, added));
    find(".sees").hidden = scheme !== "t5";
    if (scheme === "t5") markSees((button) => button.dataset.sees === positions.t5.sees);
  }

  function drawEven({ frame }, { query }) {
    setText(find(".even-words"), evenShares(frame.tokens[query], query + 1));
  }

  const paintClocks = once((frame, theta, query, key, selected, width, tint) => {
    paintFace(fit(faceCanvas, SIDE, SIDE), theta, { query, key }, tint);
    clocks = layout(width, frame.tokens.length);
    const context = fit(rowCanvas, width, clocks.height);
    paintRow(context, clocks, theta, labelsOf(frame.tokens), { query, key, selected }, tint);
  });
  const paintLikeness = once((field, query, key, width, tint) => {
    paintAlike(fit(alikeCanvas, width, HEIGHT.alike), width, field, { query, key }, tint);
  });
  const paintCourses = once((frame, head, query, key, width, tint) => {
    paintBias(fit(biasCanvas, width, HEIGHT.bias), width, frame, head, { query, key }, tint);
  });

  /** The token whose clock is under a point. */
  function clockAt(x, y) {
    const clock = clocks?.places.find((one) => Math.hypot(one.x - x, one.y - y) <= clocks.pitch / 2);
    return clock ? { token: clock.index } : null;
  }
  followPointer(
    rowCanvas,
    clockAt,
    (found) => light(store, found),
    ({ token }) => store.set({ key: token }),
  );

  return draw;
}
