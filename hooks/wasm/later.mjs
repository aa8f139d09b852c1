// Runs in the page: fetches the second part of the wasm when somebody first touches the page, or at once where a link asks
// for more than the page itself, and gives it to the first part when that calls one of its functions. `split-page.mjs` puts it there; the contract is that of `split.mjs`.
//
// A call of WebAssembly cannot wait, so the page asks first (`kobuneRest`, read by `src/app/browser/outside.js`) and holds
// what may need the part until it is here. A call that comes before that all the same fetches it on the spot, which stops
// the page for that long: the last resort.

const TOUCHES = ["pointermove", "pointerdown", "keydown", "paste", "drop"];
/** Without a byte for so many milliseconds, a download counts as failed. */
const PATIENCE = 20_000;
/** So long after a download that failed, the next touch tries again. */
const PAUSE = 3_000;

let address;
let compiled;
let underWay;
let arrive;
const arrived = new Promise((resolve) => { arrive = resolve; });

/** Says behind which address the part is, and fetches it as soon as it is likely to be needed. */
export function fetchWhenTouched(from) {
  address = from;
  globalThis.kobuneRest = { here: () => compiled !== undefined, fetched, arrived, question: "" };
  if (location.hash) fetched();
  else whenTouched();
}

function whenTouched() {
  const touched = () => {
    for (const kind of TOUCHES) removeEventListener(kind, touched, true);
    // If that fails, what needs the part tries again and says so.
    fetched().then((here) => here || setTimeout(whenTouched, PAUSE));
  };
  for (const kind of TOUCHES) addEventListener(kind, touched, { capture: true, passive: true });
}

/** Promises whether the part is here; asked again after a failure, it tries again. */
function fetched() {
  underWay ??= fetchPart().then(
    (module) => {
      compiled ??= module;
      arrive();
      return true;
    },
    () => {
      underWay = undefined;
      return compiled !== undefined;
    },
  );
  return underWay;
}

async function fetchPart() {
  const stop = new AbortController();
  let alarm;
  const wait = () => {
    clearTimeout(alarm);
    alarm = setTimeout(() => stop.abort(), PATIENCE);
  };
  wait();
  try {
    const answer = await fetch(address, { signal: stop.signal });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    const pieces = [];
    for (const reader = answer.body.getReader(); ; wait()) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
    }
    return await WebAssembly.compile(await new Blob(pieces).arrayBuffer());
  } finally {
    clearTimeout(alarm);
  }
}

/** Links the second part to the first, whose exports these are. */
export function link(first) {
  if (!compiled) {
    compiled = fetchNow();
    arrive();
  }
  new WebAssembly.Instance(compiled, { first });
}

function fetchNow() {
  for (;;) {
    try {
      const request = new XMLHttpRequest();
      request.open("GET", address, false);
      request.overrideMimeType("text/plain; charset=x-user-defined"); // One character a byte.
      request.send();
      if (request.status === 200) return new WebAssembly.Module(Uint8Array.from(request.responseText, (character) => character.charCodeAt(0)));
    } catch {
      // No network.
    }
    if (!confirm(globalThis.kobuneRest.question)) throw new Error(`${address} could not be fetched`);
  }
}
