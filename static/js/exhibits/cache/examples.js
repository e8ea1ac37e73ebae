// A text that is longer than the window.

const STORY =
  "Once upon a time there was a little dog who lived in a big house near the park. Every day the dog ran to the door " +
  "and waited for his friend Tom. Tom was a kind boy, and he liked to play with the dog after school. One day it was " +
  "raining, and they could not go outside. The dog was sad. He looked at the rain and did not want to eat. ";

/** In the list of all exhibits' examples: page/examples.js. */
export const examples = [
  {
    place: 100,
    text: STORY.repeat(4).trimEnd(),
    title: "Once upon a time … four times over",
    shows: "Longer than the window: what the model no longer reads, and says so",
    family: "gpt",
    model: "gpt",
  },
];
