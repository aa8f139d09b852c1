// Runs in the page: fetches the packed wasm and unpacks it as it arrives. `pack.mjs` puts it there; `crates/pack` does the work.

/** The wasm behind an address, unpacked by the one behind another: an answer that can be compiled while it arrives. */
export async function load(address, unpacker) {
  const [packed, program] = await Promise.all([fetched(address), fetched(unpacker)]);
  const { instance } = await WebAssembly.instantiate(await program.arrayBuffer());
  return new Response(unpacked(packed.body, instance.exports), { headers: { "Content-Type": "application/wasm" } });
}

/** A stream of packed bytes, unpacked. */
export function unpacked(stream, { memory, room, unpack, unpacked }) {
  let done = 0;
  const pass = (controller, complete) => {
    const length = unpack(complete);
    if (length < 0) throw new Error("the wasm is damaged");
    if (length > done) controller.enqueue(new Uint8Array(memory.buffer, unpacked() + done, length - done).slice());
    done = length;
  };
  return stream.pipeThrough(new TransformStream({
    transform(bytes, controller) {
      const place = room(bytes.length);
      new Uint8Array(memory.buffer, place, bytes.length).set(bytes);
      pass(controller, false);
    },
    flush: (controller) => pass(controller, true),
  }));
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer;
}
