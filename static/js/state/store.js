// What the page knows, in one place: the state that a person sets, and the last frame that the server computed for it.
//
// The rule of the two loops lives here. A change that changes numbers (text, model, sampling, which exhibit is open)
// asks the server; everything else only redraws. At most one request is in flight; what was typed meanwhile is sent as
// soon as it returns, so the newest text wins and the last keystroke is never lost. After an error the last good frame
// stays, a message says so, and the next change asks again.

import { decode } from "./decode.js";
import { asSent } from "./interventions.js";

const PATIENCE_MS = 20_000;
const ASKS = ["text", "model", "exhibit", "sampling", "interventions", "pin"];
/** What else the numbers of a family depend on: where its prediction is read. */
const ASKS_OF_FAMILY = { gpt: [], bert: ["query"], t5: ["written"] };
const MARKS_KEPT = 400;

/** A server function's answer; an error in it, none at all or too long a wait becomes an exception that says so. */
async function ask(call, request) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("The server has not answered for 20 seconds.")), PATIENCE_MS);
  });
  try {
    const answer = await Promise.race([call(request), late]);
    if (!answer) throw new Error("The server could not be reached.");
    if (answer.error) throw new Error(answer.error);
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

/** What every request says about the model: its name, and what a person changed in it. */
const changedModel = ({ model, interventions }) => ({ model, interventions: asSent(interventions) });

/** A frame's request as it is sent. */
function sent(request) {
  const { pin } = request;
  return { ...request, ...changedModel(request), pin: pin && { text: pin.text, ...changedModel(pin) } };
}

export class Store {
  /**
   * `server` has frame, draw and the exhibits' own functions; `state` is the first state; `answered()` is called when a
   * frame has come, or why none came, and `changed()` after every other change; `exhibits` are those of registry.js.
   */
  constructor(server, catalog, state, { changed, answered }, exhibits) {
    Object.assign(this, {
      server,
      catalog,
      state,
      changed,
      answered,
      exhibits,
      frame: null,
      error: null,
      cell: null,
      drawn: null,
      wanted: null,
    });
    Object.assign(this, { seq: 0, asked: null, inFlight: false, cellInFlight: false, drawing: false });
  }

  /** The part of the state that the open exhibit's numbers depend on: what a frame is asked for with. */
  asks(state) {
    const family = ASKS_OF_FAMILY[this.catalog.models[state.model].family];
    const names = new Set([...ASKS, ...family, ...this.exhibits[state.exhibit].asks]);
    return Object.fromEntries([...names].map((name) => [name, state[name]]));
  }

  /** Whether two states ask for different frames. */
  differ(state, other) {
    return Object.entries(this.asks(state)).some(([name, value]) => other[name] !== value);
  }

  /** Changes some of the state. */
  set(patch) {
    const before = this.state;
    if (Object.keys(patch).every((key) => Object.is(before[key], patch[key]))) return;
    this.state = { ...before, ...patch };
    if (this.state.interventions !== before.interventions) this.cell = null; // it was the other model's
    if (this.differ(this.state, before)) this.refresh();
    this.changed();
  }

  /** Takes a text that was typed: it stands in the box already, and what else changes comes with its frame. */
  type(text) {
    if (text === this.state.text) return;
    this.state = { ...this.state, text, draws: 0 };
    this.refresh();
  }

  /** The exhibit that enlarges a part of the model; undefined where none does. */
  enlarging(part) {
    return Object.keys(this.exhibits).find((name) => this.exhibits[name].enlarges.includes(part));
  }

  /** Opens the exhibit that enlarges a part of the model, if there is one. */
  enter(part) {
    const exhibit = this.enlarging(part);
    if (exhibit) this.open(exhibit);
  }

  /** Asks for the frame that belongs to the state, now or as soon as the one in flight is back. */
  async refresh() {
    if (this.inFlight) return;
    this.inFlight = true;
    while (this.asked === null || this.differ(this.state, this.asked)) {
      this.asked = this.state;
      await this.exchange(this.state);
    }
    this.inFlight = false;
  }

  async exchange(state) {
    const seq = ++this.seq;
    const request = this.asks(state);
    if (seq % MARKS_KEPT === 0) performance.clearMarks();
    try {
      performance.mark("cutaway:sent", { detail: seq });
      const answer = await ask(this.server.frame, { seq, ...sent(request) });
      performance.mark("cutaway:received", { detail: seq });
      this.frame = { ...request, ...decode(answer), seq }; // what a T5 wrote stands where it was asked for one token of it
      performance.mark("cutaway:decoded", { detail: seq });
      this.error = null;
    } catch (error) {
      this.error = error.message;
    }
    this.answered();
  }

  /** The frame of another state, which is not shown. */
  async peek(state) {
    const request = this.asks(state);
    return { ...request, ...decode(await ask(this.server.frame, { seq: ++this.seq, ...sent(request) })) };
  }

  /** Fetches the exact numbers of one attention cell; `cell` holds the last one that came. */
  async fetchCell(request) {
    if (this.cellInFlight) return;
    this.cellInFlight = true;
    const { interventions } = this.state;
    try {
      const asked = { seq: ++this.seq, ...request, ...changedModel({ ...request, interventions }) };
      const cell = { ...request, ...(await ask(this.server.cell, asked)) };
      this.cell = interventions === this.state.interventions ? cell : null;
      this.error = null;
    } catch (error) {
      this.cell = { ...request, error: error.message };
      this.error = error.message;
    }
    this.cellInFlight = false;
    this.changed();
  }

  /** What a server function of an exhibit answers to the present text, model and settings, and to `what` besides. */
  call(name, what = {}) {
    const { text, sampling } = this.state;
    return ask(this.server[name], { seq: ++this.seq, text, sampling, ...changedModel(this.state), ...what });
  }

  /** Draws the next token with the settings and appends it to the text. */
  async draw() {
    if (this.drawing) return;
    this.drawing = true;
    const { state } = this;
    const { text, sampling, draws } = state;
    try {
      const request = { seq: ++this.seq, text, ...changedModel(state), sampling, draw: draws };
      const answer = await ask(this.server.draw, request);
      this.error = null;
      this.drawing = false;
      if (this.state.text !== text) return;
      const known = this.frame.text === text && this.frame.sampling === sampling;
      this.drawn = { ...answer, from: known ? this.frame.next.top : null };
      this.set({ text: answer.text, draws: draws + 1, query: null, key: null });
    } catch (error) {
      this.drawing = false;
      this.error = error.message;
      this.changed();
    }
  }
}
