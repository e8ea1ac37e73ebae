// An order of a lecture: links with notes, in a file as JSON, in a link as the base64url of the same, deflated.
//
//     {"cutaway": "order", "version": 1, "items": [{"link": "exhibit=masks&model=gpt&step=2&text=...", "note": "..."}]}
//
// A `link` is what stands behind the "#" of a link to the page. What is read is read whole or not at all.

import { DAMAGED } from "./words.js";

export const VERSION = 1;
export const MOST = { items: 200, link: 4000, note: 2000, bytes: 1_500_000 };

/** @typedef {{link: string, note: string}} Item */

/**
 * The items of an order that somebody made.
 *
 * @param {string} text JSON
 * @returns {Item[]}
 * @throws {Error} with one sentence that says what is wrong with it
 */
export function read(text) {
  let order;
  try {
    order = JSON.parse(text);
  } catch {
    throw new Error(DAMAGED.noJson);
  }
  if (order?.cutaway !== "order" || !Array.isArray(order.items)) throw new Error(DAMAGED.noOrder);
  if (!(order.version <= VERSION)) throw new Error(DAMAGED.newer);
  if (order.items.length > MOST.items) throw new Error(DAMAGED.long(order.items.length, MOST.items));
  return order.items.map(itemOf);
}

/** @param {any} item @param {number} index @returns {Item} */
function itemOf(item, index) {
  const { link, note = "" } = item ?? {};
  if (typeof link !== "string" || !/(^|[#&])exhibit=/.test(link)) throw new Error(DAMAGED.noLink(index + 1));
  if (link.length > MOST.link) throw new Error(DAMAGED.longLink(index + 1, MOST.link));
  if (typeof note !== "string" || note.length > MOST.note) throw new Error(DAMAGED.longNote(index + 1, MOST.note));
  return { link: link.replace(/^[^#]*#/, "").toWellFormed(), note: note.toWellFormed() };
}

/** @param {Item[]} items */
export function write(items) {
  return `${JSON.stringify({ cutaway: "order", version: VERSION, items }, null, 1)}\n`;
}

/**
 * All that flows through a stream of bytes, up to a limit.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 */
async function gathered(stream) {
  const parts = [];
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MOST.bytes) throw new Error(DAMAGED.noOrder);
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** @param {Item[]} items @returns {Promise<string>} */
export async function pack(items) {
  const packed = new Blob([write(items)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = Array.from(await gathered(packed), (byte) => String.fromCharCode(byte)).join("");
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} packed
 * @returns {Promise<Item[]>}
 * @throws {Error} as `read`
 */
export async function unpack(packed) {
  let text;
  try {
    const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    text = new TextDecoder("utf-8", { fatal: true }).decode(await gathered(plain));
  } catch {
    throw new Error(DAMAGED.cutOff);
  }
  return read(text);
}

/** The items with one moved by so many places, as far as there are. @param {Item[]} items @param {number} at @param {number} by */
export function moved(items, at, by) {
  const to = Math.min(items.length - 1, Math.max(0, at + by));
  const rest = items.filter((_, index) => index !== at);
  return [...rest.slice(0, to), items[at], ...rest.slice(to)];
}
