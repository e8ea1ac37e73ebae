// Where everything in the machine stands: nothing overlaps, whatever is open and however long the text is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { describe } from "../../static/js/exhibits/machine/anatomy.js";
import { chipLanes, chipSize } from "../../static/js/exhibits/machine/captions.js";
import { laneOf, laneY, lanesEnd, layout, narrowest } from "../../static/js/exhibits/machine/layout.js";

const stack = (asks, reads, layers) => ({ layers, causal: true, windows: [], asks, reads });
const ANATOMY = { parallel: false, post_norm: false, embeddings: ["token"], feed: "MLP", gated: false };
const GPT = { family: "gpt", stacks: { text: stack("text", "text", 4) }, n_layers: 4, n_heads: 4, n_kv_heads: 4 };
const T5 = {
  ...GPT,
  family: "t5",
  stacks: {
    encoder: stack("encoder", "encoder", 3),
    decoder: stack("decoder", "decoder", 3),
    cross: stack("decoder", "encoder", 3),
  },
};

/** Of each river, how many tokens are measured together. */
const together = (every) => Object.fromEntries(["text", "encoder", "decoder"].map((name) => [name, { every }]));
const EACH = together(1);

/** Every layout of a model, at several widths, lengths and open blocks. */
function* layouts(model, anatomy = ANATOMY) {
  const machine = describe(model, anatomy);
  for (const width of [0, 60, 260].map((more) => narrowest(machine) + more)) {
    for (const length of [1, 12, 64, 512]) {
      const tokens = { text: length, encoder: length, decoder: 8 };
      for (const of of machine.stacks) {
        for (let layer = 0; layer < of.layers; layer++) {
          for (const low of [false, true]) {
            yield { width, length, place: layout(machine, tokens, width, { stack: of, layer }, false, low, EACH) };
          }
        }
      }
    }
  }
}

for (const [name, model, anatomy] of [
  ["a GPT", GPT],
  ["a T5", T5],
  ["a BART", T5, { ...ANATOMY, post_norm: true, embeddings: ["token", "position"] }],
]) {
  test(`in ${name}, closed blocks and the open one stand side by side, inside the stage`, () => {
    for (const { width, place } of layouts(model, anatomy)) {
      const spans = [...place.slabs, place.block]
        .map(({ x, width: wide }) => [x, x + wide])
        .sort((a, b) => a[0] - b[0]);
      for (const [left, right] of spans) assert.ok(left >= 0 && right <= width, `${left} to ${right} of ${width}`);
      for (let i = 1; i < spans.length; i++) assert.ok(spans[i][0] >= spans[i - 1][1], `${spans}`);
    }
  });

  test(`in ${name}, every token has a lane within its river`, () => {
    for (const { place } of layouts(model, anatomy)) {
      for (const river of Object.values(place.rivers)) {
        assert.ok(lanesEnd(river) <= river.bottom + 1e-9);
        assert.ok(river.lanes.count * river.lanes.group >= river.tokens);
        for (let token = 0; token < river.tokens; token++) {
          const lane = laneOf(river, token);
          assert.ok(lane >= 0 && lane < river.lanes.count);
          const y = laneY(river, lane);
          assert.ok(y > river.top && y < river.bottom);
        }
      }
    }
  });
}

test("norms in the stream leave each kind of attention its room, and stand in order with the sums before them", () => {
  for (const { place } of layouts(T5, { ...ANATOMY, post_norm: true, embeddings: ["token", "position"] })) {
    for (const { matrix } of place.attentions) assert.ok(matrix.side > 16, `${matrix.side}`);
    assert.deepEqual(
      place.nodes,
      place.nodes.toSorted((a, b) => a - b),
    );
    assert.equal(place.nodes.length, 2 * (place.attentions.length + 1));
    assert.ok(place.nodes.at(-1) < place.block.x + place.block.width);
    assert.ok(place.feed.readX.to < place.feed.plusX, `${place.feed.readX.to}`);
  }
});

test("every lane has its chip, in small type where it must, as long as 11 px leave room; then every other", () => {
  const machine = describe(GPT, ANATOMY);
  const river = (text) =>
    layout(machine, { text }, 1000, { stack: machine.stacks[0], layer: 0 }, false, false, EACH).rivers.text;
  const chips = (tokens) => [chipLanes(river(tokens), [null]).length, chipSize(river(tokens))];
  assert.deepEqual(chips(12), [12, "roomy"]);
  for (const tokens of [13, 16, 18]) assert.deepEqual(chips(tokens), [tokens, "tight"]);
  assert.deepEqual(chips(19), [10, "tight"]);
  const lit = chipLanes(river(40), [17]);
  assert.ok(lit.some(({ lane }) => lane === 17));
  assert.ok(
    lit.every(({ y }, i) => i === 0 || y - lit[i - 1].y >= 12 - 1e-9),
    "no chip covers another",
  );
});

test("few tokens have a lane each, many share one", () => {
  const machine = describe(GPT, ANATOMY);
  const lanes = (text) =>
    layout(machine, { text }, 1000, { stack: machine.stacks[0], layer: 0 }, false, false, EACH).rivers.text.lanes;
  assert.deepEqual([lanes(12).count, lanes(12).group], [12, 1]);
  assert.equal(lanes(64).group, 1);
  assert.ok(lanes(512).group > 1);
});

test("a lane has whole groups of what is measured together", () => {
  const machine = describe(GPT, ANATOMY);
  const open = { stack: machine.stacks[0], layer: 0 };
  for (const text of [257, 300, 1000]) {
    for (const every of [2, 4, 8]) {
      const { lanes, tokens } = layout(machine, { text }, 1000, open, false, false, together(every)).rivers.text;
      assert.equal(lanes.group % every, 0);
      assert.equal(lanes.count, Math.ceil(tokens / lanes.group));
    }
  }
});

test("a river ends in a norm, except where norms stand behind each sum", () => {
  const open = (machine) => ({ stack: machine.stacks[0], layer: 0 });
  const pre = describe(T5, ANATOMY);
  const post = describe(T5, { ...ANATOMY, post_norm: true });
  const tokens = { encoder: 5, decoder: 5 };
  assert.deepEqual(Object.keys(layout(pre, tokens, 1000, open(pre), false, false, EACH).final), ["encoder", "decoder"]);
  assert.deepEqual(layout(post, tokens, 1000, open(post), false, false, EACH).final, {});
});

test("every machine fits beside the column of predictions on a screen 1,280 px wide", () => {
  const besides = 427; // the rail, the column and the scrollbar
  for (const anatomy of [ANATOMY, { ...ANATOMY, post_norm: true, embeddings: ["token", "position"] }]) {
    for (const model of [GPT, T5]) assert.ok(narrowest(describe(model, anatomy)) <= 1280 - besides);
  }
});
