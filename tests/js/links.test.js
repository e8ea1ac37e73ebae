// Links of the form in which they are shared, and what the page makes of each: a link that was shared once keeps working.
// Add those of new parts of the state; never change one that is here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { allFields } from "../../static/js/state/registry.js";
import { fromAddress, initial, toAddress, within } from "../../static/js/state/state.js";
import { exhibits } from "./page.js";

const stack = (layers) => ({ layers });
const MODELS = {
  gpt: {
    family: "gpt",
    n_layers: 6,
    n_heads: 6,
    d_vocab: 4096,
    experts: { n_experts: 8, d_expert: 192, layers: [1, 3, 5], switched: true },
    stacks: { text: stack(6) },
  },
  "gpt-nope": { family: "gpt", n_layers: 4, n_heads: 4, d_vocab: 2048, experts: null, stacks: { text: stack(4) } },
  bert: { family: "bert", n_layers: 4, n_heads: 6, d_vocab: 6144, experts: null, stacks: { text: stack(4) } },
  t5: {
    family: "t5",
    n_layers: 4,
    n_heads: 5,
    d_vocab: 8192,
    experts: null,
    stacks: { encoder: stack(4), decoder: stack(4), cross: stack(4) },
  },
};
const FIRST = { model: "gpt", text: "The little dog ran to the park because", exhibit: "machine" };

const BIGBIRD = {
  exhibit: "masks",
  model: "bert",
  text: "The dog was very [MASK]",
  layer: 3,
  head: 5,
  interventions: { mask: "bigbird:1:1:2:0" },
};
/** As the page writes them: the link, and where the state differs from that of a page opened without one. */
const WRITTEN = [
  [
    "exhibit=training&model=gpt-nope&smoothing=10&cut=4&predicted=7&moment=2&text=The+little+dog+ran+to+the+park+because",
    { exhibit: "training", model: "gpt-nope", smoothing: 10, cut: 4, predicted: 7, moment: 2 },
  ],
  ["exhibit=machine&model=gpt&layer=1&head=1&text=The+little+dog+ran+to+the+park+because", {}],
  [
    "exhibit=machine&model=t5&layer=3&head=5&key=2&kind=encoder&written=3&text=A+man+is+walking+with+his+dog+in+the+park.",
    {
      model: "t5",
      text: "A man is walking with his dog in the park.",
      layer: 2,
      head: 4,
      written: 3,
      key: 2,
      kind: "encoder",
    },
  ],
  [
    "exhibit=tokens&model=gpt&rulers=tiktoken%2Fcl100k_base&tokenizer=Xenova%2Fgpt-4o&character=5&text=def+area%28r%29%3A%0A%09return+3.14",
    {
      exhibit: "tokens",
      text: "def area(r):\n\treturn 3.14",
      rulers: "tiktoken/cl100k_base",
      tokenizer: "Xenova/gpt-4o",
      character: 5,
    },
  ],
  [
    "exhibit=tokens&model=gpt&query=2&text=I+%E2%9D%A4%EF%B8%8F+%E4%BD%A0%E5%A5%BD",
    { exhibit: "tokens", text: "I ❤️ 你好", query: 2 },
  ],
  [
    "exhibit=positions&model=gpt&layer=2&head=3&key=1&view=lines&scheme=alibi&pair=7&factor=2.5&sees=left&text=The+little+dog",
    {
      exhibit: "positions",
      text: "The little dog",
      layer: 1,
      head: 2,
      key: 1,
      view: "lines",
      scheme: "alibi",
      pair: 7,
      factor: 2.5,
      sees: "left",
    },
  ],
  [
    "exhibit=attention&model=gpt&layer=4&head=5&key=3&view=lines&query=6&text=Tom+saw+a+red+fox.+Tom+saw+a+red",
    {
      exhibit: "attention",
      text: "Tom saw a red fox. Tom saw a red",
      layer: 3,
      head: 4,
      query: 6,
      key: 3,
      view: "lines",
    },
  ],
  [
    "exhibit=attention&model=gpt&layer=4&head=5&view=change&pin=model%3Dgpt%26text%3DTom%2Bsaw%2Ba%2Bred&text=Tom+saw+a+blue",
    {
      exhibit: "attention",
      text: "Tom saw a blue",
      layer: 3,
      head: 4,
      view: "change",
      pin: { text: "Tom saw a red", model: "gpt", interventions: {} },
    },
  ],
  [
    "exhibit=attention&model=t5&layer=2&head=1&kind=decoder&written=4&heads=decoder.2.1%2Ccross.4.5&text=The+little+dog",
    {
      exhibit: "attention",
      model: "t5",
      text: "The little dog",
      layer: 1,
      written: 4,
      interventions: { "decoder.1.0": "off", "cross.3.4": "off" },
      kind: "decoder",
    },
  ],
  [
    "exhibit=attention&model=t5&layer=1&head=2&heads=cross.2.1&text=translate+English+to+French%3A+A+little+girl+is+playing+in+the+park.",
    {
      exhibit: "attention",
      model: "t5",
      text: "translate English to French: A little girl is playing in the park.",
      head: 1,
      interventions: { "cross.1.0": "off" },
    },
  ],
  [
    "exhibit=masks&model=gpt&layer=2&head=3&pattern_of=head&mask=longformer%3A2%3A1&text=The+little+dog",
    {
      exhibit: "masks",
      text: "The little dog",
      layer: 1,
      head: 2,
      interventions: { mask: "longformer:2:1" },
      pattern_of: "head",
    },
  ],
  ["exhibit=masks&model=bert&layer=4&head=6&mask=bigbird%3A1%3A1%3A2%3A0&text=The+dog+was+very+%5BMASK%5D", BIGBIRD],
  [
    "exhibit=masks&model=gpt&layer=1&head=1&mask=painted%3A3.IAA&text=The+little+dog",
    { exhibit: "masks", text: "The little dog", interventions: { mask: "painted:3.IAA" } },
  ],
  [
    "exhibit=experts&model=gpt&layer=2&off=2.3%2C4.1&bias=6.8%3A-0.5&text=The+little+dog",
    { exhibit: "experts", text: "The little dog", layer: 1, interventions: { 5.7: -0.5, 1.2: "off", "3.0": "off" } },
  ],
  [
    "exhibit=residual&model=gpt&target=262&against=300&of=difference&query=4&text=Tom+and+Anna+went+to+the+park.+Tom+gave+the+ball+to",
    {
      exhibit: "residual",
      text: "Tom and Anna went to the park. Tom gave the ball to",
      query: 4,
      target: 262,
      against: 300,
      of: "difference",
    },
  ],
  [
    "exhibit=residual&model=bert&query=5&hidden=hungry&text=The+dog+was+very+%5BMASK%5D+because+it+had+no+food.",
    {
      exhibit: "residual",
      model: "bert",
      text: "The dog was very [MASK] because it had no food.",
      query: 5,
      hidden: "hungry",
    },
  ],
  [
    "exhibit=sampling&model=gpt&beam_width=5&beam_depth=12&temperature=1.5&top_k=40&top_p=0.6&min_p=0.05&seed=7&draws=3&text=Tom+and",
    {
      exhibit: "sampling",
      text: "Tom and",
      sampling: { temperature: 1.5, top_k: 40, top_p: 0.6, min_p: 0.05, seed: 7 },
      draws: 3,
      beam_width: 5,
      beam_depth: 12,
    },
  ],
  [
    "exhibit=cache&model=gpt&layer=3&head=2&window=8&context=131072&batch=16&precision=int8&text=The+little+dog",
    {
      exhibit: "cache",
      text: "The little dog",
      layer: 2,
      head: 1,
      window: 8,
      context: 131072,
      batch: 16,
      precision: "int8",
    },
  ],
  [
    "exhibit=cache&model=t5&layer=3&head=2&written=2&text=The+little+dog",
    { exhibit: "cache", model: "t5", text: "The little dog", layer: 2, head: 1, written: 2 },
  ],
  [
    "exhibit=trio&model=bert&task=fill&depth=last&query=3&text=The+dog+was+very+%5BMASK%5D+because+it+had+no+food.",
    {
      exhibit: "trio",
      model: "bert",
      text: "The dog was very [MASK] because it had no food.",
      query: 3,
      task: "fill",
      depth: "last",
    },
  ],
  [
    "exhibit=trio&model=t5&task=sentiment&written=1&theme=blueprint&text=a+warm+and+funny+film+with+a+great+heart",
    {
      exhibit: "trio",
      model: "t5",
      text: "a warm and funny film with a great heart",
      written: 1,
      theme: "blueprint",
      task: "sentiment",
    },
  ],
  [
    "exhibit=masks&model=gpt&layer=1&head=1&mask=window%3A6&pin=model%3Dgpt%26off%3D2.3%26mask%3Dwindow%253A3%26text%3DThe%2Blittle%2Bdog&text=The+little+cat",
    {
      exhibit: "masks",
      text: "The little cat",
      interventions: { mask: "window:6" },
      pin: { text: "The little dog", model: "gpt", interventions: { 1.2: "off", mask: "window:3" } },
    },
  ],
  ["exhibit=smaller&model=gpt&bits=4&grain=row&text=A", { exhibit: "smaller", bits: 4, grain: "row", text: "A" }],
];

/** As people shorten them, of a model that has less, or with what cannot be read. */
const READ = [
  // Without its seed, which is 0 at first.
  ["exhibit=masks&model=bert&layer=4&head=6&mask=bigbird%3A1%3A1%3A2&text=The+dog+was+very+%5BMASK%5D", BIGBIRD],
  ["", {}],
  ["exhibit=cache", { exhibit: "cache" }],
  [
    "#exhibit=sampling&text=Tom%20and&temperature=0.5&theme=blueprint",
    {
      exhibit: "sampling",
      text: "Tom and",
      sampling: { temperature: 0.5, top_k: 0, top_p: 1, min_p: 0, seed: 0 },
      theme: "blueprint",
    },
  ],
  ["exhibit=memory&neurons=text.6.8.3:0", { exhibit: "memory", interventions: { "neuron.text.5.7.2": 0 } }],
  ["exhibit=experts&layer=4", { exhibit: "experts", layer: 3 }],
  [
    "exhibit=residual&model=gpt-nope&layer=6&head=6&target=4000&window=4&text=The+little+dog",
    { exhibit: "residual", model: "gpt-nope", text: "The little dog", layer: 3, head: 3, window: 4 },
  ],
  [
    "exhibit=attention&model=gpt-nope&off=2.3&heads=text.5.1%2Ctext.4.4&layer=9&head=0&key=-3&text=The+little+dog",
    {
      exhibit: "attention",
      model: "gpt-nope",
      text: "The little dog",
      layer: 3,
      key: 0,
      interventions: { "text.3.3": "off" },
    },
  ],
  [
    "exhibit=nowhere&model=gpt-9&view=sideways&theme=pink&layer=two&temperature=hot&top_p=7&seed=-1&mask=nonsense&pin=model%3Dgpt-9%26text%3Dx",
    {},
  ],
  [
    "exhibit=cache&window=0&context=1e9&batch=x&precision=fp7&kind=sideways&beam_width=9&text=The+little+dog",
    { exhibit: "cache", text: "The little dog", beam_width: 5, window: 1, context: 1048576 },
  ],
  [
    "exhibit=masks&model=t5&mask=strided%3A4&text=The+little+dog",
    { exhibit: "masks", model: "t5", text: "The little dog" },
  ],
];

const fields = allFields(exhibits);
const first = initial(FIRST, fields);
const opened = (link) => {
  const state = { ...first, ...fromAddress(link, { models: MODELS, exhibits: Object.keys(exhibits), fields }) };
  return within(state, MODELS[state.model], fields);
};

for (const [link, sets] of [...WRITTEN, ...READ]) {
  test(`opens ${link}`, () => assert.deepEqual(opened(link), { ...first, ...sets }));
}

for (const [link] of WRITTEN) {
  test(`is written as it was read: ${link}`, () => {
    const state = opened(link);
    assert.equal(toAddress(state, exhibits[state.exhibit]), link);
  });
}
