// A figure as PNG, with its caption inside: the browser draws the SVG, and a chunk of text is put into what it wrote.

const SIGNATURE = 8; // bytes before the first chunk
const HEADER = 25; // bytes of the chunk that comes first

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = table[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

/** A chunk of international text, as the PNG specification has it (11.3.3.4): a keyword, and what it says in UTF-8. */
function textChunk(keyword, text) {
  const body = new TextEncoder().encode(`iTXt${keyword}\0\0\0\0\0${text}`);
  const chunk = new Uint8Array(body.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  view.setUint32(body.length + 4, checksum(body));
  return chunk;
}

/** A PNG with a description in it. */
export async function described(blob, description) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const at = SIGNATURE + HEADER;
  return new Blob([bytes.slice(0, at), textChunk("Description", description), bytes.slice(at)], { type: "image/png" });
}

/** An SVG document as PNG, `scale` times as large. */
export async function pngOf(svg, scale, description) {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth * scale, image.naturalHeight * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await described(await canvas.convertToBlob({ type: "image/png" }), description);
  } finally {
    URL.revokeObjectURL(address);
  }
}
