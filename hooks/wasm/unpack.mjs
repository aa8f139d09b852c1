// Unpacks what `pack.mjs` packed. Runs in the page's worker, so that the page stays alive, or in the page where there is no
// worker (`load.mjs`).
//
// Of the library only the decoder is taken; its entry would bring the encoder too.

import { Decoder } from "../../node_modules/lzma1/lib/decoder.js";
import { InputBuffer, OutputBuffer } from "../../node_modules/lzma1/lib/streams.js";

/** The bytes that were packed. */
export function unpack(packed) {
  const output = new OutputBuffer(4 * packed.length);
  new Decoder().decompress(new InputBuffer(packed), output);
  return output.toArray();
}

if (globalThis.WorkerGlobalScope) {
  onmessage = ({ data }) => {
    const bytes = unpack(data);
    postMessage(bytes, [bytes.buffer]);
  };
}
