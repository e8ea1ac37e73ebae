// A sentence in which two names compete, so that their logits can be taken apart.

/** In the list of all exhibits' examples: page/examples.js. */
export const examples = [
  {
    place: 20,
    text: "Tom and Anna went to the park. Tom gave the ball to",
    shows: "Who gets it? The heads that decide between two names",
    family: "gpt",
    set: { of: "difference" },
  },
];
