// Runs in the page: fetches the packed wasm and unpacks it. `pack.mjs` bundles it.
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

/** The wasm behind an address. */
export async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return unpack(new Uint8Array(await answer.arrayBuffer()));
}
