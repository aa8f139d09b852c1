// Runs in the page: fetches the second part of the wasm when somebody first touches the page, or at once where a link asks
// for more than the page itself, and gives it to the first part when that calls one of its functions. `split-page.mjs` puts it there; the contract is that of `split.mjs`.
//
// A call of WebAssembly cannot wait. One that comes before the part has arrived fetches it on the spot, which stops the page
// for that long; it is a press of a key or of a button ahead, so this is rare.

const TOUCHES = ["pointerdown", "keydown", "paste", "drop"];
const ASK_AGAIN = {
  ja: "ページの残りを取得できませんでした。ネットワークを確かめてください。もう一度試しますか？",
  en: "The rest of the page could not be fetched. Check the network. Try again?",
};

let address;
let compiled;

/** Says behind which address the part is, and fetches it as soon as it is likely to be needed. */
export function fetchWhenTouched(from) {
  address = from;
  if (location.hash) return start();
  const touched = () => {
    for (const kind of TOUCHES) removeEventListener(kind, touched, true);
    start();
  };
  for (const kind of TOUCHES) addEventListener(kind, touched, { capture: true, passive: true });
}

function start() {
  // If that fails, the first call tries again and says so.
  fetched().then((module) => { compiled ??= module; }, () => {});
}

/** Links the second part to the first, whose exports these are. */
export function link(first) {
  compiled ??= fetchNow();
  new WebAssembly.Instance(compiled, { first });
}

async function fetched() {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return WebAssembly.compile(await answer.arrayBuffer());
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
    if (!confirm(ASK_AGAIN[document.documentElement.lang] ?? ASK_AGAIN.en)) throw new Error(`${address} could not be fetched`);
  }
}
