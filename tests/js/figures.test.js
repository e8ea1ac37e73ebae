// What figures are made of that needs no page: paths, colours, escapes, what a PNG says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { boxShapes, parts } from "../../static/js/figures/boxes.js";
import { Path } from "../../static/js/figures/path.js";
import { described } from "../../static/js/figures/png.js";
import { Written, channelsOf, escaped, namer, paint, styled, typeOf } from "../../static/js/figures/shapes.js";
import { captionOf, fileName } from "../../static/js/figures/words.js";
import { NEUTRAL } from "../../static/js/state/state.js";

const still = () => ({ a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 });

test("a path goes through the transform that holds when it is drawn", () => {
  let shift = 0;
  const path = new Path(() => ({ ...still(), e: shift }));
  path.moveTo(1, 2);
  shift = 10;
  path.lineTo(1, 2);
  assert.equal(path.data, "M1 2L11 2");
});

test("a whole circle is two arcs, and a large one is told from a small one", () => {
  const circle = new Path(still);
  circle.arc(0, 0, 5, 0, 2 * Math.PI);
  assert.equal(circle.data, "M5 0A5 5 0 0 1 -5 0A5 5 0 0 1 5 0");
  const most = new Path(still);
  most.arc(0, 0, 5, 0, 1.5 * Math.PI);
  assert.match(most.data, /A5 5 0 1 1 0 -5$/);
});

test("a corner is rounded where a canvas rounds it", () => {
  const path = new Path(still);
  path.moveTo(0, 0);
  path.arcTo(10, 0, 10, 10, 4);
  assert.equal(path.data, "M0 0L6 0A4 4 0 0 1 10 4");
});

test("what XML may not hold never reaches it", () => {
  assert.equal(escaped('<a>&"\u0000\ud800'), "&lt;a&gt;&amp;&quot;\ufffd\ufffd");
});

test("a colour that lets through has an opacity of its own", () => {
  assert.deepEqual(channelsOf("rgb(1, 2, 3)"), [1, 2, 3, 1]);
  assert.deepEqual(channelsOf("color(srgb 1 0.5 0 / 0.25)"), [255, 128, 0, 0.25]);
  assert.deepEqual(paint("fill", "rgba(255, 0, 0, 0.5)", 0.5), { fill: "#ff0000", "fill-opacity": 0.25 });
});

test("editors are told a weight in whole hundreds, and browsers the weight itself", () => {
  const face = { family: '"Inter", sans-serif', style: "normal" };
  const told = typeOf({ ...face, weight: "650" }, 12);
  assert.deepEqual([told["font-weight"], told.style], [700, "font-weight:650"]);
  assert.deepEqual(
    [typeOf({ ...face, weight: "400" }, 12).style, styled(null, "a:b"), styled(null)],
    [null, "a:b", null],
  );
});

test("a gradient that repeats is drawn as stripes, which a PDF and every editor show", () => {
  const [ink, none] = ["rgb(1, 2, 3)", "rgba(0, 0, 0, 0)"];
  const image = `repeating-linear-gradient(90deg, ${ink} 0px, ${ink} 2px, ${none} 2px, ${none} 5px)`;
  assert.equal(parts(image).length, 1);
  const style = {
    backgroundColor: none,
    backgroundImage: image,
    getPropertyValue: (name) => (name.endsWith("style") ? "none" : "0px"),
  };
  const shapes = boxShapes({ x: 0, y: 0, width: 10, height: 4 }, style, namer());
  assert.match(shapes, /^<clipPath id="c1">.*<g clip-path="url\(#c1\)"><path d="[^"]*M1 4L1 0M6 4L6 0"/);
  assert.match(shapes, /stroke="#010203" stroke-width="2"\/><\/g>$/);
});

test("faces are asked for in one order, whatever was written first", () => {
  const face = { family: '"Inter", sans-serif', weight: "600", style: "normal" };
  const [one, other] = [new Written(), new Written()];
  one.add("ba", face);
  one.add("x", { ...face, family: "Serif", weight: "400" });
  other.add("x", { ...face, family: "Serif", weight: "400" });
  other.add("a", face);
  other.add("bb", face);
  assert.deepEqual(one.list(), other.list());
  assert.deepEqual(one.list()[0], { family: "Inter", style: "normal", weights: [600], characters: "ab" });
});

test("a caption says what was set and changed, and nothing that was not", () => {
  const state = {
    exhibit: "attention",
    model: "gpt",
    text: "The dog",
    layer: 2,
    head: 4,
    sampling: { ...NEUTRAL, top_k: 5 },
    interventions: { "text.1.0": "off" },
  };
  const said = (more = {}) =>
    captionOf({
      name: "One head",
      title: "Attention",
      state: { ...state, ...more },
      model: { family: "gpt" },
      addressed: ["layer", "head"],
      about: { version: "1.2", revision: "abc" },
      link: "L",
    });
  assert.equal(
    said(),
    "Attention: One head. GPT gpt (weights abc), layer 3, head 5, top-k 5, changed: text.2.1 off. Text: “The dog”. Cutaway 1.2, L",
  );
  assert.doesNotMatch(said({ sampling: NEUTRAL, interventions: {} }), /top|changed/);
  assert.equal(
    fileName({ exhibit: "attention", name: "Layer 3, head 5", title: "Attention" }),
    "cutaway-attention-layer-3-head-5",
  );
});

test("a PNG says what it is, in a chunk that stands before its pixels", async () => {
  const header = new Uint8Array(33).fill(7);
  const made = new Uint8Array(await (await described(new Blob([header, "rest"]), "Ö")).arrayBuffer());
  const view = new DataView(made.buffer);
  assert.equal(view.getUint32(33), 18);
  assert.equal(new TextDecoder().decode(made.slice(37, 41)), "iTXt");
  assert.equal(new TextDecoder().decode(made.slice(-4)), "rest");
});
