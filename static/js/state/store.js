// What the page knows, in one place: the state that a person sets, and the last frame that the server computed for it.
//
// The rule of the two loops lives here. A change that changes numbers (text, model, sampling, which exhibit is open)
// asks the server; everything else only redraws. What was typed while a request is in flight is sent as soon as it
// returns, or instead of it once it has been long on its way. So the newest text wins and the last keystroke is never lost.
// After an error the last good frame stays, a message says so, and the next change asks again; where the server was busy
// or out of reach, the page asks again by itself, for what is wanted by then.

import { Again, Newer, TIMES, ask, pauseAfter } from "./asking.js";
import { decode } from "./decode.js";
import { land } from "./landing.js";
import { changedModel, sent } from "./requests.js";

const ASKS = ["text", "model", "exhibit", "sampling", "interventions", "pin"];
/** What else the numbers of a family depend on: where its prediction is read. */
/** @type {Record<Family, string[]>} */
const ASKS_OF_FAMILY = { gpt: [], bert: ["query"], t5: ["written"] };
const MARKS_KEPT = 400;

/** @param {unknown} error */
const said = (error) => (error instanceof Error ? error.message : String(error));

export class Store {
  /**
   * `server` has frame, draw and the exhibits' own functions; `state` is the first state; `answered()` is called when a
   * frame has come, or why none came, and `changed()` after every other change; `open(exhibit)` opens one, and
   * `address()` is the link to what is seen; `exhibits` are those of registry.js.
   *
   * @param {Record<string, (request: object, part?: string) => Promise<any>>} server
   * @param {Catalog} catalog
   * @param {State} state
   * @param {{changed: () => void, answered: () => void, open: (exhibit: string) => void, address: () => string}} page
   * @param {Record<string, Exhibit>} exhibits
   */
  constructor(server, catalog, state, { changed, answered, open, address }, exhibits) {
    this.server = server;
    this.catalog = catalog;
    this.state = state;
    this.changed = changed;
    this.answered = answered;
    this.open = open;
    this.address = address;
    this.exhibits = exhibits;
    /** @type {Frame | null} */
    this.frame = null;
    /** @type {string | null} */
    this.error = null;
    /** @type {any} */
    this.cell = null; // the exact numbers of one attention cell
    /** @type {any} */
    this.drawn = null; // the last draw, with the one before it and what was chosen in the text then
    /** @type {(Find & {text: string | null}) | null} */
    this.wanted = null; // what is to be found in the next picture
    /** @type {{text?: string, query?: number | null, character: number} | null} */
    this.landing = null; // the character whose token is to be chosen in the picture of a text
    /** @type {Away | null} */
    this.away = null; // a link to a model that is not here, as long as another stands in for it
    /** @type {{text: string, shows: string} | null} */
    this.example = null; // the last that was taken
    /** @type {{said: string | null, text: string, exhibit: string} | null} */
    this.amiss = null; // what of the link that opened the page could not be read
    /** @type {number | null} */
    this.typedAt = null; // when the key was pressed whose picture has not been shown
    /** @type {State | null} */
    this.asked = null;
    this.seq = 0;
    this.session = Math.random().toString(36).slice(2); // so that its calls are known to be one visitor's
    this.inFlight = false;
    this.shown = 0; // the number of the request that the last frame came with
    this.newest = 0; // that of the last one for a frame
    this.newer = new Newer(this);
    this.cellInFlight = false;
    this.drawing = false;
  }

  /**
   * The part of the state that the open exhibit's numbers depend on: what a frame is asked for with.
   *
   * @param {State} state
   */
  asks(state) {
    const family = ASKS_OF_FAMILY[this.catalog.models[state.model].family];
    const names = new Set([...ASKS, ...family, ...this.exhibits[state.exhibit].asks]);
    return Object.fromEntries([...names].map((name) => [name, state[name]]));
  }

  /**
   * Whether two states ask for different frames.
   *
   * @param {State} state
   * @param {State} other
   */
  differ(state, other) {
    return Object.entries(this.asks(state)).some(([name, value]) => other[name] !== value);
  }

  /**
   * Changes some of the state.
   *
   * @param {Partial<State>} patch
   */
  set(patch) {
    const before = this.state;
    if (Object.keys(patch).every((key) => Object.is(before[key], patch[key]))) return;
    this.state = { ...before, ...patch };
    if (this.state.interventions !== before.interventions) this.cell = null; // it was the other model's
    if (this.differ(this.state, before)) this.refresh();
    this.changed();
  }

  /**
   * Takes a text that was typed: it stands in the box already, and what else changes comes with its frame.
   *
   * @param {string} text
   */
  type(text) {
    if (text === this.state.text) return;
    this.state = { ...this.state, text, draws: 0 };
    this.refresh();
  }

  /**
   * The exhibit that enlarges a part of the model; undefined where none does.
   *
   * @param {string} part
   */
  enlarging(part) {
    return Object.keys(this.exhibits).find((name) => this.exhibits[name].enlarges.includes(part));
  }

  /** Opens the exhibit that enlarges a part of the model, if there is one. */
  enter(/** @type {string} */ part) {
    const exhibit = this.enlarging(part);
    if (exhibit) this.open(exhibit);
  }

  /**
   * Asks for the frame that belongs to the state, now or as soon as the one in flight is back; again and again while
   * the server is busy or out of reach.
   */
  async refresh() {
    if (this.inFlight) return this.newer.wanted();
    this.inFlight = true;
    let failures = 0;
    /** @type {number | null} */
    let overtaken = null; // the number of the request that is still in flight and not waited for
    while (this.asked === null || this.differ(this.state, this.asked)) {
      this.asked = this.state;
      /** @type {boolean | undefined} */
      const came = await this.newer.orElse(this.exchange(this.state, overtaken));
      overtaken = came === undefined ? this.newest : null;
      if (came === false) {
        await this.pause(pauseAfter(++failures));
        this.asked = null;
      } else failures = 0;
    }
    this.inFlight = false;
  }

  /** @returns {Promise<void>} */
  pause(/** @type {number} */ ms) {
    return new Promise((done) => setTimeout(done, ms));
  }

  /** @param {object} request what is sent with the number that its answer comes back with and the name of this page */
  numbered(request) {
    return { seq: ++this.seq, session: this.session, ...request };
  }

  /**
   * An answer to what is asked for once; of a busy server it is asked for a few times.
   *
   * @param {string} name
   * @param {object} request
   */
  async answerTo(name, request, part = "") {
    for (let times = 1; ; times++) {
      try {
        return await ask((asked) => this.server[name](asked, part), request);
      } catch (error) {
        if (!(error instanceof Again) || times === TIMES) throw error;
        await this.pause(pauseAfter(times));
      }
    }
  }

  /**
   * Gives whether it was answered, be it by a refusal; not where it may be asked again. What comes later than the answer to
   * a newer request is nothing any more.
   *
   * @param {State} state
   * @param {number | null} overtaken
   * @returns {Promise<boolean>}
   */
  async exchange(state, overtaken = null) {
    const request = this.asks(state);
    const numbered = this.numbered({ ...sent(request), ...(overtaken === null ? {} : { instead_of: overtaken }) });
    const { seq } = numbered;
    this.newest = seq;
    if (seq % MARKS_KEPT === 0) performance.clearMarks();
    try {
      performance.mark("cutaway:sent", { detail: seq });
      const answer = await ask(this.server.frame, numbered);
      if (seq < this.shown) return true;
      performance.mark("cutaway:received", { detail: seq });
      this.frame = /** @type {Frame} */ ({ ...request, ...decode(answer), seq }); // what a T5 wrote stands where it was asked for one token of it
      performance.mark("cutaway:decoded", { detail: seq });
      this.shown = seq;
      land(this);
      this.error = null;
    } catch (error) {
      if (seq < this.newest) return true; // another is on its way instead of it
      this.error = said(error);
      this.answered();
      return !(error instanceof Again);
    }
    this.answered();
    return true;
  }

  /**
   * The frame of another state, which is not shown.
   *
   * @param {State} state
   * @returns {Promise<Frame>}
   */
  async peek(state) {
    const request = this.asks(state);
    const answer = await this.answerTo("frame", this.numbered(sent(request)));
    return /** @type {Frame} */ ({ ...request, ...decode(answer) });
  }

  /**
   * Fetches the exact numbers of one attention cell; `cell` holds the last one that came.
   *
   * @param {{model: string, [more: string]: any}} request
   */
  async fetchCell(request) {
    if (this.cellInFlight) return;
    this.cellInFlight = true;
    const { interventions } = this.state;
    try {
      const asked = this.numbered({ ...request, ...changedModel({ ...request, interventions }) });
      const cell = { ...request, ...(await this.answerTo("cell", asked)) };
      this.cell = interventions === this.state.interventions ? cell : null;
      this.error = null;
    } catch (error) {
      this.error = said(error);
      this.cell = { ...request, error: this.error };
    }
    this.cellInFlight = false;
    this.changed();
  }

  /**
   * A server function's answer to the present text, model and settings, and to `what`; `part` as in js/page/take.js.
   *
   * @param {string} name
   * @param {object} what
   */
  call(name, what = {}, part = "") {
    const { text, sampling } = this.state;
    return this.answerTo(name, this.numbered({ text, sampling, ...changedModel(this.state), ...what }), part);
  }

  /** The last draw, as long as the text is the one that it made; else null. */
  get lastDraw() {
    return this.drawn?.text === this.state.text ? this.drawn : null;
  }

  /** Takes the last draw back: the text is what it was, and the same number decides again. */
  takeBack() {
    const last = this.lastDraw;
    if (!last || this.drawing) return;
    this.drawn = last.former.drawn;
    this.set({ ...last.former.chosen, draws: Math.max(0, this.state.draws - 1) });
  }

  /** Draws the next token with the settings and appends it to the text. */
  async draw() {
    if (this.drawing) return;
    this.drawing = true;
    const { state } = this;
    const { text, sampling, draws } = state;
    try {
      const request = this.numbered({ text, ...changedModel(state), sampling, draw: draws });
      const answer = await this.answerTo("draw", request);
      this.error = null;
      this.drawing = false;
      if (this.state.text !== text) return;
      const { query, key } = state;
      this.drawn = { ...answer, former: { drawn: this.lastDraw, chosen: { text, query, key } } };
      this.set({ text: answer.text, draws: draws + 1, query: null, key: null });
    } catch (error) {
      this.drawing = false;
      this.error = said(error);
      this.changed();
    }
  }
}
