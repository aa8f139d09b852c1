// What the built page asks of the browser's main thread: from opening to the first prompt, and while 300 Pods start.
//
// usage: KOBUNE_PAGE=FOLDER node benches/page.mjs   Prints a table; the browser reports tasks over 50 ms by itself.

import { start } from "../tests/e2e/harbour.mjs";

const PODS = 300;

const host = await start();
const harbour = await host.open();
const { page } = harbour;

const interactive = await page.evaluate(() => Math.round(performance.getEntriesByName("prompt")[0].startTime));

await page.evaluate(() => {
  window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
});
await harbour.speed(10);
await harbour.run(`kubectl create deployment crowd --image nginx --replicas ${PODS}`);
await harbour.until(async () => {
  const ready = await harbour.run("kubectl get deployment crowd -o jsonpath={.status.readyReplicas}");
  return Number(ready) === PODS;
}, `${PODS} ready Pods`);
const tasks = await page.evaluate(() => window.tasks);
await host.stop();

console.log("| page in Chromium | ms |\n| --- | ---: |");
console.log(`| from opening to the prompt | ${interactive} |`);
console.log(`| longest main-thread task while ${PODS} Pods start (50 and less are not told) | ${tasks.length ? Math.round(Math.max(...tasks)) : "≤ 50"} |`);
console.log(`| tasks over 50 ms | ${tasks.length} |`);
