// How the page reaches its server: a frame comes as bytes from an address of its own, all else through Gradio.

import { opened } from "./decode.js";

/**
 * Asks for a frame. Gives what the server says, with the blob of its arrays; or why there is none.
 *
 * @param {object} request
 * @returns {Promise<any>}
 */
async function frame(request) {
  const body = JSON.stringify(request);
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(new URL("frame", document.baseURI), { method: "POST", headers, body });
  return response.ok ? opened(await response.arrayBuffer()) : response.json();
}

/**
 * The server of the page's store, of the functions that Gradio gives; what answers all itself, a
 * saved page or a notebook's kernel, is reached as it is.
 *
 * @param {Record<string, any>} functions
 */
export const reached = (functions) => (functions.answersAll ? functions : { ...functions, frame });
