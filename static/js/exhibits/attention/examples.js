// Sentences in which heads can be seen at work.

/** In the list of all exhibits' examples: page/examples.js. */
export const examples = [
  {
    place: 10,
    text: "Tom saw a red fox. Tom saw a red",
    shows: "Said twice: one head looks back at what followed the first time",
    family: "gpt",
    find: "following",
  },
  {
    place: 60,
    text: "translate English to French: A little girl is playing in the park.",
    shows: "The task is a few words in front of the text; cross-attention reads them too",
    family: "t5",
    find: "decided",
  },
];
