// The widget of a notebook: a frame with the page in it, between whose store and the notebook's kernel this carries
// questions, answers and the state. It imports nothing: anywidget loads it as one module.
//
// Kernel: `model` holds the state in traits, and answers {id, ask, request} by {answer: id} with the bytes behind it; what
// is asked for first is the "document" of the frame. Frame: js/notebook/bridge.js.

const STATE = [
  "exhibit",
  "model",
  "text",
  "layer",
  "head",
  "query",
  "key",
  "view",
  "theme",
  "sampling",
  "interventions",
];
const LEAST = 120; // px that the frame is high before it says so

/** The theme that fits a notebook which writes in a colour: that of a dark notebook is light. */
function themeOf(colour) {
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return 0.299 * red + 0.587 * green + 0.114 * blue > 128 ? "blueprint" : "paper";
}

function render({ model, el }) {
  const view = Math.random().toString(36).slice(2); // several views of one model hear each other's answers
  const own = STATE.filter((name) => model.get(name) !== undefined);
  const kept = document.createElement("img"); // what was seen last, until the kernel answers, or where there is none
  kept.alt = "What was seen last.";
  kept.style.cssText = "max-width:100%;height:auto";
  const frame = document.createElement("iframe");
  frame.title = "Cutaway";
  frame.style.cssText = `display:block;width:100%;height:${LEAST}px;border:0`;
  const post = (said) => frame.contentWindow?.postMessage({ cutaway: said }, "*");
  const ask = (id, name, request) => model.send({ id: `${view} ${id}`, ask: name, request });

  const show = () => {
    const picture = model.get("picture");
    if (picture) kept.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`;
    kept.hidden = !picture;
  };

  /** An answer of the kernel. */
  function answered({ answer }, buffers) {
    const [whose, id] = (answer ?? "").split(" ");
    if (whose !== view) return;
    const [{ buffer, byteOffset, byteLength }] = buffers;
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
    if (id !== "document") return post({ answer: Number(id), bytes });
    frame.srcdoc = new TextDecoder().decode(bytes);
    el.replaceChildren(frame);
  }

  let telling = false; // what the frame says is being written into the model

  /** The state as the notebook has it, for the page; what it has not said stays as it is there, but for the theme. */
  const give = () => {
    if (telling) return;
    const said = own.map((name) => [name, model.get(name)]).filter(([, value]) => value !== null);
    post({ set: { theme: themeOf(getComputedStyle(el).color), ...Object.fromEntries(said) }, names: own });
  };

  function heard({ source, data }) {
    if (source !== frame.contentWindow || !data?.cutaway) return;
    const { ask: name, id, request, state, height, isReady } = data.cutaway;
    if (name) ask(id, name, request);
    if (isReady) give();
    if (height) frame.style.height = `${Math.max(LEAST, height)}px`;
    if (!state) return;
    telling = true;
    for (const [part, value] of Object.entries(state)) model.set(part, value);
    model.save_changes();
    telling = false;
  }

  addEventListener("message", heard);
  model.on("msg:custom", answered);
  for (const name of own) model.on(`change:${name}`, give);
  show();
  el.replaceChildren(kept);
  ask("document", "document", null);

  return () => {
    removeEventListener("message", heard);
    model.off("msg:custom", answered);
    for (const name of own) model.off(`change:${name}`, give);
  };
}

export default { render };
