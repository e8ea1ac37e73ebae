// One request to the server: what comes of it, and how long to wait before it is sent again.

const PATIENCE_MS = 20_000;
const LONG_MS = 150; // after which another is sent instead of a request that is out of date
const AGAIN_MS = 300; // doubled each time up to
const LONGEST_PAUSE_MS = 4_800;
export const TIMES = 4; // that what is asked for once is sent, at most

/** What is no answer, but may be one when it is asked again: the server is busy, or was not reached. */
export class Again extends Error {}

/**
 * How long to wait before a request that was sent so often already is sent again. Not all pages wait alike, lest all
 * ask at the same time.
 *
 * @param {number} times
 */
export const pauseAfter = (times) =>
  Math.min(LONGEST_PAUSE_MS, AGAIN_MS * 2 ** (times - 1)) * (0.75 + Math.random() / 2);

/**
 * A server function's answer; an error in it, none at all or too long a wait becomes an exception that says so.
 *
 * @param {(request: object) => Promise<any>} call
 * @param {object} request
 */
export async function ask(call, request) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("The server has not answered for 20 seconds.")), PATIENCE_MS);
  });
  try {
    const answer = await Promise.race([call(request).catch(() => null), late]);
    if (!answer) throw new Again("The server could not be reached.");
    if (answer.error) throw answer.again ? new Again(answer.error) : new Error(answer.error);
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a newer request is wanted while one is on its way. */
export class Newer {
  wanted = () => {};

  /**
   * @param {{pause: (ms: number) => Promise<void>}} store
   */
  constructor(store) {
    this.store = store;
  }

  /**
   * An answer; undefined if it is long on its way and a newer one is wanted.
   *
   * @template T
   * @param {Promise<T>} answer
   * @returns {Promise<T | undefined>}
   */
  async orElse(answer) {
    const begun = performance.now();
    const newer = new Promise((/** @type {(value: null) => void} */ wanted) => {
      this.wanted = () => wanted(null);
    })
      .then(() => this.store.pause(LONG_MS - (performance.now() - begun)))
      .then(() => undefined);
    const first = await Promise.race([answer, newer]);
    this.wanted = () => {};
    return first;
  }
}
