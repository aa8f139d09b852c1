// What the built page asks of the browser's main thread: from opening to the first prompt, and while 300 Pods start, are
// listed, and are replaced.
//
// usage: KOBUNE_PAGE=FOLDER node benches/page.mjs   Prints a table; the browser reports tasks over 50 ms by itself.

import { start } from "../tests/e2e/harbour.mjs";

const PODS = 300;

const host = await start();
const harbour = await host.open();
const { page } = harbour;
const lines = [];

const interactive = await page.evaluate(() => Math.round(performance.getEntriesByName("prompt")[0].startTime));
lines.push(["from opening to the prompt", interactive]);

await page.evaluate(() => {
  window.tasks = [];
  const watch = new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)));
  watch.observe({ type: "longtask", buffered: true });
});

/** The tasks over 50 ms that an act caused, longest first. */
async function measure(what, act) {
  await act();
  // The browser tells of a task some time after it ended.
  await page.waitForTimeout(1000);
  const tasks = await page.evaluate(() => window.tasks.splice(0).sort((a, b) => b - a));
  lines.push([`${what}: tasks over 50 ms`, tasks.length ? `${tasks.length}, longest ${Math.round(tasks[0])}` : "none"]);
}

const number = async (path) => Number(await harbour.run(`kubectl get deployment crowd -o jsonpath={.status.${path}}`));

await measure("opening", async () => {});
await harbour.speed(10);
await measure(`${PODS} Pods start`, async () => {
  await harbour.run(`kubectl create deployment crowd --image nginx:1.27 --replicas ${PODS}`);
  await harbour.until(async () => (await number("readyReplicas")) === PODS, `${PODS} ready Pods`);
});
await measure(`kubectl get pods of ${PODS}`, () => harbour.run("kubectl get pods -o wide"));
await measure(`${PODS} Pods are replaced`, async () => {
  await harbour.run("kubectl set image deployment/crowd nginx=nginx:1.28");
  await harbour.until(async () => {
    const [updated, ready, all] = [await number("updatedReplicas"), await number("readyReplicas"), await number("replicas")];
    return updated === PODS && ready === PODS && all === PODS;
  }, "the rollout's end");
});
await measure(`${PODS} Pods rest`, () => page.waitForTimeout(3000));
await measure(`${PODS} Pods are deleted`, async () => {
  await harbour.run("kubectl delete deployment crowd");
  await harbour.until(async () => (await harbour.run("kubectl get pods -o name")).trim() === "", "the end of the Pods");
});
await host.stop();

console.log("| page in Chromium | ms |\n| --- | ---: |");
for (const line of lines) console.log(`| ${line.join(" | ")} |`);
