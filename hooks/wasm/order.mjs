// An order of functions in which similar ones stand close together, so that gzip finds what they share.
//
// gzip sees 32 kB back, and a compiler strews the copies of a generic function over megabytes. From the first function
// on, the next is always the one with the greatest share of its runs of bytes already within that window. The result
// depends on nothing but the bodies.

/** How far back gzip looks, in bytes. */
const WINDOW = 32 * 1024;
/** How long the compared runs of bytes are. Measured on our own wasm: 6 and 8 do alike, 5 and 12 worse. */
const RUN = 7;
/** A run in more functions than this is everywhere anyway. */
const COMMON = 200;

/** The places of the bodies in the new order. */
export function similarFirst(bodies) {
  const { holders, runs } = shared(bodies);
  const near = new Int32Array(holders.length); // How often a run stands within the window.
  const score = new Int32Array(bodies.length); // How many of a body's runs do.
  const left = new Set(bodies.keys());
  const order = [];
  let [first, bytes] = [0, 0];
  while (left.size > 0) {
    let [next, best] = [-1, -1];
    for (const candidate of left) {
      const share = score[candidate] / (bodies[candidate].length + 20); // A tiny one can wait for its like.
      if (share > best) [next, best] = [candidate, share];
    }
    left.delete(next);
    order.push(next);
    bytes += bodies[next].length;
    for (const run of runs[next]) {
      near[run] += 1;
      if (near[run] === 1) for (const holder of holders[run]) score[holder] += 1;
    }
    for (; bytes > WINDOW && first < order.length - 1; first += 1) {
      bytes -= bodies[order[first]].length;
      for (const run of runs[order[first]]) {
        near[run] -= 1;
        if (near[run] === 0) for (const holder of holders[run]) score[holder] -= 1;
      }
    }
  }
  return order;
}

/** The runs of bytes that several bodies share: which bodies hold each, and which each body holds. */
function shared(bodies) {
  const found = new Map(); // From the hash of a run to its holders.
  const hashes = bodies.map((body, place) => {
    const own = new Set();
    for (let at = 0; at + RUN <= body.length; at += 1) {
      let hash = 0;
      for (let i = at; i < at + RUN; i += 1) hash = (Math.imul(hash, 0x01000193) ^ body[i]) >>> 0;
      own.add(hash);
    }
    for (const hash of own) {
      if (!found.has(hash)) found.set(hash, []);
      found.get(hash).push(place);
    }
    return own;
  });
  const holders = [];
  const numbers = new Map();
  for (const [hash, places] of found) {
    if (places.length > 1 && places.length <= COMMON) numbers.set(hash, holders.push(places) - 1);
  }
  const runs = hashes.map((own) => Int32Array.from([...own].filter((hash) => numbers.has(hash)), (hash) => numbers.get(hash)));
  return { holders, runs };
}
