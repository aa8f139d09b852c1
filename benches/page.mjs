// What the built page asks of the browser's main thread: while it opens, and while 300 Pods start, are listed, are
// replaced and are deleted, at ten times the speed.
//
// usage: KOBUNE_PAGE=FOLDER node benches/page.mjs   Prints a table. A task's length is the CPU time it took, from the
// browser's trace: that of the clock grows with whatever else the machine does. A task is whatever keeps the main thread
// without a break, promises that go on after a script included; only the page's own renderer counts, not the browser's pages.

import { start } from "../tests/e2e/harbour.mjs";

const PODS = 300;
// From here on a browser calls a task long.
const LONG = 50;

const host = await start();
const harbour = await host.open();
const { page } = harbour;
const browser = harbour.context.browser();
const lines = [];

/** The longest task of a page while something is done, in CPU milliseconds. */
async function measure(what, act) {
  await browser.startTracing(undefined, { categories: ["toplevel", "blink.user_timing"] });
  await page.evaluate(() => performance.mark("measured"));
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const lengths = tasks(traceEvents).map(({ tdur }) => tdur / 1000);
  const long = lengths.filter((length) => length > LONG).length;
  lines.push([what, Math.round(Math.max(0, ...lengths)), long, Math.round(lengths.reduce((sum, length) => sum + length, 0))]);
}

/** What kept the page's main thread: events that are in no other. The page is known by its marks: the one that opens by its prompt. */
function tasks(events) {
  const { pid, tid } = events.find(({ name }) => name === "prompt") ?? events.find(({ name }) => name === "measured");
  const own = events.filter((event) => event.pid === pid && event.tid === tid && event.tdur).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  let end = 0;
  return own.filter(({ ts, dur }) => {
    if (ts < end) return false;
    end = ts + dur;
    return true;
  });
}

const number = async (path) => Number(await harbour.run(`kubectl get deployment crowd -o jsonpath={.status.${path}}`));

const interactive = await page.evaluate(() => Math.round(performance.getEntriesByName("prompt")[0].startTime));
await measure("the page opens", async () => (await host.open()).context.close());
await measure("the first touch", async () => {
  await page.locator(".terminal").click();
  await page.waitForTimeout(1000);
});
await harbour.speed(10);
await measure(`${PODS} Pods start`, async () => {
  await harbour.run(`kubectl create deployment crowd --image nginx:1.27 --replicas ${PODS}`);
  await harbour.until(async () => (await number("readyReplicas")) === PODS, `${PODS} ready Pods`);
});
await measure("kubectl get pods -o wide", () => harbour.run("kubectl get pods -o wide"));
await measure("kubectl set image, to the rollout's end", async () => {
  await harbour.run("kubectl set image deployment/crowd nginx=nginx:1.28");
  await harbour.until(async () => {
    const [updated, ready, all] = [await number("updatedReplicas"), await number("readyReplicas"), await number("replicas")];
    return updated === PODS && ready === PODS && all === PODS;
  }, "the rollout's end");
});
await measure("ten seconds of rest", () => page.waitForTimeout(10_000));
await measure("kubectl delete, to the last Pod's end", async () => {
  await harbour.run("kubectl delete deployment crowd");
  await harbour.until(async () => (await harbour.run("kubectl get pods -o name")).trim() === "", "the end of the Pods");
});
await host.stop();

console.log(`From opening to the prompt: ${interactive} ms.\n`);
console.log(`| page in Chromium | longest task, CPU ms | tasks over ${LONG} | all tasks |\n| --- | ---: | ---: | ---: |`);
for (const line of lines) console.log(`| ${line.join(" | ")} |`);
