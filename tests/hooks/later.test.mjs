// What runs in the page for the second part of the wasm: it is fetched at the first touch, once; a failure can be tried
// again; a download that stalls is a failure; and a call finds the part without asking the network.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

/** A module without anything in it. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** A page of its own: its listeners, and what the network answers next. */
async function open({ hash = "", answers = [] } = {}) {
  const page = { listeners: new Map(), asked: 0, onTheSpot: 0 };
  globalThis.location = { hash };
  globalThis.addEventListener = (kind, hear) => page.listeners.set(kind, hear);
  globalThis.removeEventListener = (kind) => page.listeners.delete(kind);
  globalThis.fetch = (_, { signal }) => answers[page.asked++](signal);
  globalThis.XMLHttpRequest = class {
    constructor() {
      page.onTheSpot += 1;
      throw new Error("no network");
    }
  };
  page.later = await import(`../../hooks/wasm/later.mjs?page=${Math.random()}`);
  page.later.fetchWhenTouched("later.wasm");
  page.rest = globalThis.kobuneRest;
  return page;
}

const found = async () => new Response(EMPTY);
const missing = async () => new Response("", { status: 404 });
const noNetwork = async () => {
  throw new TypeError("Failed to fetch");
};
/** Begins to answer, and then nothing more comes until it is given up. */
const stalls = async (signal) =>
  new Response(new ReadableStream({
    start(stream) {
      stream.enqueue(EMPTY.subarray(0, 4));
      signal.addEventListener("abort", () => stream.error(signal.reason));
    },
  }));

beforeEach(() => mock.timers.reset());

test("nothing is fetched before the page is touched, and then once", async () => {
  const page = await open({ answers: [found] });
  assert.equal(page.asked, 0);
  assert.equal(page.rest.here(), false);
  page.listeners.get("keydown")();
  assert.equal(page.listeners.size, 0, "one touch is enough");
  assert.equal(await page.rest.fetched(), true);
  await page.rest.arrived;
  assert.equal(page.rest.here(), true);
  assert.equal(await page.rest.fetched(), true);
  assert.equal(page.asked, 1);
  page.later.link({});
  assert.equal(page.onTheSpot, 0, "a call needs no network any more");
});

test("a link that asks for more than the page fetches at once", async () => {
  const page = await open({ hash: "#/lessons", answers: [found] });
  assert.equal(page.asked, 1);
  assert.equal(await page.rest.fetched(), true);
});

for (const [what, failure] of [["no network", noNetwork], ["no such file", missing]]) {
  test(`after a failure it is fetched when it is asked for again: ${what}`, async () => {
    const page = await open({ answers: [failure, failure, found] });
    assert.equal(await page.rest.fetched(), false);
    assert.equal(await page.rest.fetched(), false);
    assert.equal(page.rest.here(), false);
    assert.equal(await page.rest.fetched(), true);
    assert.equal(page.asked, 3);
  });
}

test("after a failure the next touch tries again, but not at once", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const page = await open({ answers: [noNetwork, found] });
  page.listeners.get("pointerdown")();
  await new Promise(setImmediate);
  assert.equal(page.listeners.size, 0);
  mock.timers.tick(3_000);
  page.listeners.get("pointerdown")();
  assert.equal(await page.rest.fetched(), true);
  assert.equal(page.asked, 2);
});

test("a download that stalls is given up", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const page = await open({ answers: [stalls, found] });
  const first = page.rest.fetched();
  await new Promise(setImmediate);
  mock.timers.tick(20_000);
  assert.equal(await first, false);
  assert.equal(await page.rest.fetched(), true);
});

test("a call that could not wait asks the network itself, again as long as it is told to", async () => {
  const page = await open();
  const answers = [true, false];
  globalThis.confirm = () => answers.shift();
  assert.throws(() => page.later.link({}), /could not be fetched/);
  assert.equal(page.onTheSpot, 2);
});
