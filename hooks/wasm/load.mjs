// Runs in the page: fetches the packed wasm and has it unpacked by a worker, so that the page's own thread stays free.
// `pack.mjs` puts it there, with the address of `unpack.mjs` filled in.

const UNPACKER = new URL("UNPACKER", import.meta.url);

/** The wasm behind an address. */
export async function load(address) {
  const unpack = startWorker(); // While the wasm is fetched.
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const packed = new Uint8Array(await answer.arrayBuffer());
  // Where there are no such workers the page does it itself.
  return unpack(packed).catch(async () => (await import(UNPACKER)).unpack(packed));
}

function startWorker() {
  let worker;
  const broken = new Promise((_, reject) => {
    worker = new Worker(UNPACKER, { type: "module" });
    worker.onerror = reject;
  });
  broken.catch(() => {}); // Whoever asks for bytes hears of it.
  return async (packed) => {
    const unpacked = new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.postMessage(packed);
    });
    return Promise.race([broken, unpacked]).finally(() => worker.terminate());
  };
}
