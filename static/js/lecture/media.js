// The style sheets' questions for the size of the window, answered for the slide: it is laid out alike in every window, as
// a page of its own width, and only then enlarged.

const FEATURE = /\((min|max)-(width|height):\s*([\d.]+)px\)/g;
const [ALWAYS, NEVER] = ["(min-width: 0px)", "(max-width: 0px)"];

/** @type {Map<CSSMediaRule, string>} */
const asked = new Map(); // what each asked before

/**
 * A question with the sizes of the slide in the place of the window's.
 *
 * @param {string} text
 * @param {{width: number, height: number}} size
 */
export function answered(text, size) {
  return text.replace(FEATURE, (_, end, side, px) => {
    const holds = end === "min" ? size[side] >= Number(px) : size[side] <= Number(px);
    return holds ? ALWAYS : NEVER;
  });
}

/** The questions of a sheet that are not answered yet, however deep they stand. */
function* questions(rules) {
  for (const rule of rules) {
    if (rule instanceof CSSMediaRule && !asked.has(rule)) yield rule;
    if (rule.cssRules) yield* questions(rule.cssRules);
  }
}

/** Answers all that are there; the sheet of an exhibit may come later, so it is called with every step. */
export function answerAll(size) {
  for (const sheet of document.styleSheets) {
    for (const rule of questions(sheet.cssRules)) {
      const text = rule.media.mediaText;
      const answer = answered(text, size);
      if (answer === text) continue;
      asked.set(rule, text);
      rule.media.mediaText = answer;
    }
  }
}

/** Has them ask for the window again. */
export function askAgain() {
  for (const [rule, text] of asked) rule.media.mediaText = text;
  asked.clear();
}
