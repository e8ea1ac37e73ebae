// Texts on which vocabularies differ.

/** In the list of all exhibits' examples: page/examples.js. */
export const examples = [
  {
    place: 80,
    text: "I ❤️ 你好 👨‍👩‍👧 and naïve cafés",
    shows: "What looks like one sign is many bytes; some vocabularies have no entry for it",
    family: "gpt",
  },
  {
    place: 90,
    text: "def area(r):\n\tif r < 0:\n\t\treturn None\n\treturn 3.14159 * r ** 2",
    shows: "Code: tabs, line ends and numbers, and who spends how many tokens on them",
    family: "gpt",
  },
];
