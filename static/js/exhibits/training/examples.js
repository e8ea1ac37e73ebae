// Sentences that show what training asks of each family.

/** In the list of all exhibits' examples: page/examples.js. */
export const examples = [
  {
    place: 26,
    text: "Once upon a time there was a little girl named Lily. She loved to play with her volcano",
    title: "… She loved to play with her volcano",
    shows: "Loss, token by token: the unlikely last word costs more than any other",
    family: "gpt",
  },
];
