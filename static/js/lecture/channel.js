// What passes between a lecture and the window with its notes: two windows of one browser, which find one another by a number
// in the second one's address, so that two lectures do not mix.

const NAME = "cutaway-lecture-";

/** The lecture's end. `move(by)` goes on or back, `hello()` is called when the other window is there. */
export class Channel {
  constructor({ move, hello }) {
    this.number = Math.random().toString(36).slice(2);
    this.channel = new BroadcastChannel(NAME + this.number);
    this.channel.onmessage = ({ data }) => (data.hello ? hello() : move(data.by));
  }

  /** Opens the window; false where the browser does not. */
  open() {
    const address = `${location.pathname}?view=notes&of=${this.number}`;
    return window.open(address, NAME + this.number, "width=900,height=700") !== null;
  }

  tell(told) {
    this.channel.postMessage(told);
  }

  close() {
    this.channel.postMessage(null);
    this.channel.close();
  }
}

/**
 * The notes' end: calls `show(told)` with what the lecture tells, and with null when it has ended; gives `move(by)`.
 *
 * @param {string} number
 */
export function listen(number, show) {
  const channel = new BroadcastChannel(NAME + number);
  channel.onmessage = ({ data }) => data?.hello || data?.by || show(data);
  channel.postMessage({ hello: true });
  return (by) => channel.postMessage({ by });
}
