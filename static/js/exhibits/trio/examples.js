// Sentences that set the three families apart, and the tasks that a T5 was taught.

/** In the list of all exhibits' examples: page/examples.js. */
export const examples = [
  {
    place: 30,
    text: "The dog was very [MASK] because it had no food.",
    shows: "A gap in the middle: only BERT and T5 can use what comes after it",
    family: "bert",
    set: { task: "fill" },
  },
  {
    place: 40,
    text: "Tom saw a <extra_id_0> in the park.",
    shows: "The same gap in T5's spelling: it writes what is missing",
    family: "t5",
    set: { task: "fill" },
  },
  {
    place: 50,
    text: "A man is walking with his dog in the park.",
    shows: "Into French: which word was read while each was written",
    family: "t5",
    set: { task: "translate" },
  },
  {
    place: 70,
    text: "a warm and funny film with a great heart",
    shows: "A judgement, written as a word",
    family: "t5",
    set: { task: "sentiment" },
  },
];
