// What stands beside the large scheme: clocks for RoPE, likeness for added vectors, the course over distances for what is
// added to scores, and a sentence where nothing says the place.

import { visible } from "../../page/chips.js";
import { radios, setText } from "../../dom.js";
import { decimal } from "../../format.js";
import { widthOf } from "../../page/canvas.js";
import { alike, paintAlike, paintBias } from "./beside.js";
import { paintFace, paintRow } from "./clocks.js";
import { hover, pairOf } from "./roles.js";
import { bucketHeads, headOf, lastBucket, short, signedNumber, valueAt } from "./schemes.js";
import { tokensLong } from "./stretch.js";

export function mountSide(root, store) {
  const find = (selector) => root.querySelector(selector);
  const panels = [...root.querySelectorAll("[data-panel]")];
  const [faceCanvas, rowCanvas] = [find(".face"), find(".clock-row")];
  const [alikeCanvas, biasCanvas] = [find(".alike"), find(".by-distance")];
  const markSees = radios(find(".sees"), ({ dataset }) => store.set({ sees: dataset.sees }));
  let clocks = [];

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
    paintFace(faceCanvas, theta, roles);
    clocks = paintRow(rowCanvas, Math.max(200, widthOf(rowCanvas.parentElement)), theta, frame.tokens, roles);
    setText(find(".pair-name"), `Pair ${pair + 1} of ${frequencies.length}`);
    setText(
      find(".pair-wave"),
      `${short(theta)} rad a token; once around in ${tokensLong((2 * Math.PI) / theta)} tokens`,
    );
    const degrees = (angle) => `${decimal((angle * 180) / Math.PI, 1)}°`;
    setText(
      find(".angle-query"),
      `${query} × ${short(theta)} = ${decimal(query * theta)} rad = ${degrees(query * theta)}`,
    );
    setText(find(".angle-key"), `${key} × ${short(theta)} = ${decimal(key * theta)} rad = ${degrees(key * theta)}`);
    setText(find(".angle-between"), `(${query} − ${key}) × ${short(theta)} = ${decimal((query - key) * theta)} rad`);
    setText(find(".name-query"), visible(frame.tokens[query]));
    setText(find(".name-key"), visible(frame.tokens[key]));
  }

  function drawAlike({ frame }, roles, field) {
    paintAlike(alikeCanvas, Math.max(200, widthOf(alikeCanvas.parentElement)), field, roles);
    const { query, key } = roles;
    const cosine = alike(field, query, key);
    const pair = `${visible(frame.tokens[query])} at ${query}, ${visible(frame.tokens[key])} at ${key}`;
    setText(
      find(".alike-words"),
      cosine === null ? `${pair}: one of the two has no vector.` : `${pair}: cosine ${decimal(cosine, 3)}`,
    );
    const { lengths } = frame.positions;
    setText(
      find(".added-lengths"),
      lengths
        ? `In this model the vector of ${visible(frame.tokens[query])} is ${decimal(lengths.embedding[query])} long, what its place adds ${decimal(lengths.position[query])}.`
        : "",
    );
  }

  function drawBias({ state, frame }, roles) {
    const { positions } = frame;
    const { scheme } = positions;
    paintBias(biasCanvas, Math.max(200, widthOf(biasCanvas.parentElement)), scheme, frame, state, roles);
    const heads = scheme === "alibi" ? positions.alibi.slopes.length : bucketHeads(frame);
    const head = headOf(state, heads);
    const rule =
      scheme === "alibi"
        ? `slopes ${positions.alibi.slopes.map((slope, index) => `${index === head ? "▸" : ""}${short(slope)}`).join("  ")}`
        : `${positions.t5.n_buckets} buckets${positions.t5.sees === "both" ? ", half of them for later keys" : ""}; all from ${lastBucket(frame)} tokens on share the last`;
    setText(find(".bias-name"), `Head ${head + 1} of ${heads}, ${positions[scheme].source}`);
    setText(find(".bias-rule"), rule);
    const relative = roles.key - roles.query;
    const bucket = scheme === "t5" ? `bucket ${frame.arrays.t5_buckets[relative + positions.t5.reach - 1]}, ` : "";
    const later = relative > 0 && !(scheme === "t5" && positions.t5.sees === "both");
    setText(
      find(".bias-words"),
      later
        ? "The key comes later: no score to add to."
        : `${visible(frame.tokens[roles.query])} and ${visible(frame.tokens[roles.key])}, ${Math.abs(relative)} away: ${bucket}${signedNumber(valueAt(scheme, frame, head, relative))}`,
    );
    find(".sees").hidden = scheme !== "t5";
    if (scheme === "t5") markSees((button) => button.dataset.sees === positions.t5.sees);
  }

  function drawEven({ frame }, { query }) {
    setText(
      find(".even-words"),
      `${visible(frame.tokens[query])} sees ${query + 1} ${query ? "tokens" : "token"}, itself counted: with even scores the first token's share of its mix is 1/${query + 1} = ${decimal(1 / (query + 1), 3)}.`,
    );
  }

  rowCanvas.addEventListener("pointermove", (event) => {
    const { left, top } = rowCanvas.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const clock = clocks.find((one) => Math.hypot(one.x - x, one.y - y) <= one.radius);
    hover(store, clock ? { token: clock.index } : null);
  });
  rowCanvas.addEventListener("pointerleave", () => hover(store, null));
  rowCanvas.addEventListener(
    "click",
    () => store.state.hover?.token != null && store.set({ key: store.state.hover.token }),
  );

  return draw;
}
