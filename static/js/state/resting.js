// Questions that are too expensive for every keystroke: one is asked when what it depends on has rested for a moment.
// At most one is under way, and the newest wins: an answer to an older one is not shown.

/**
 * `question(key, what)` is called with every drawing; `ask(what)` fetches an answer, `show(answer, error, what)` gets
 * the one that belongs to the last key. `now()` asks at once and waits for the answer.
 *
 * @param {(what: any) => Promise<any>} ask
 * @param {(answer: any, error: string | null, what: any) => void} show
 * @param {number} pause in milliseconds
 */
export function resting(ask, show, pause) {
  /** @type {string | null} */
  let key = null;
  /** @type {{key: string, what: any} | null} */
  let wanted = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<void> | null} */
  let running = null;

  async function run() {
    while (wanted) {
      const { key: asked, what } = wanted;
      wanted = null;
      let answer = null;
      let error = null;
      try {
        answer = await ask(what);
      } catch (refused) {
        error = /** @type {Error} */ (refused).message;
      }
      if (asked === key) show(answer, error, what);
    }
    running = null;
  }

  const start = () => {
    clearTimeout(timer);
    running ??= run();
    return running;
  };

  return {
    /**
     * @param {string} newest
     * @param {any} what
     */
    question(newest, what) {
      if (newest === key) return;
      key = newest;
      wanted = { key, what };
      clearTimeout(timer);
      timer = setTimeout(start, pause);
    },
    now: start,
  };
}
