// Nothing is lost: reloads, second tabs, damaged and foreign saves, full or missing storage, files in and out.
//
// What a visit leaves is looked at, and damaged, through IndexedDB itself; the clock and the terminal are what a student
// would compare.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { start } from "./harbour.mjs";

let host;
before(async () => {
  host = await start();
});
after(() => host.stop());

/** A test that visits the page. */
function visit(name, options, steps) {
  test(name, async () => {
    const harbour = await host.open(options);
    await steps(harbour, harbour.page);
    await harbour.close();
  });
}

const clock = (page) => page.locator(".transport [role=timer]").innerText();

const terminal = (page) =>
  page.locator(".terminal .block").evaluateAll((blocks) => blocks.map((block) => block.innerText).join("\n"));

/** Everything that is stored, as pairs of key and value. */
const stored = (page) =>
  page.evaluate(async () => {
    const answer = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
    const database = await answer(indexedDB.open("kobune"));
    const store = database.transaction("saves").objectStore("saves");
    const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())]);
    database.close();
    return keys.map((key, index) => [key, values[index]]);
  });

/** Writes over what is stored under a key, or (with null) removes it. */
const overwrite = (page, key, value) =>
  page.evaluate(
    async ([key, value]) => {
      const answer = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
      const database = await answer(indexedDB.open("kobune"));
      const store = database.transaction("saves", "readwrite").objectStore("saves");
      await answer(value === null ? store.delete(key) : store.put(value, key));
      database.close();
    },
    [key, value],
  );

async function reload(harbour) {
  await harbour.page.reload();
  await harbour.page.locator("#command-line").waitFor({ state: "attached" });
  await harbour.page.waitForFunction(() => customElements.get("kobune-editor"));
}

visit("a reload in the middle of a rollout comes back to the same moment", {}, async (harbour, page) => {
  await harbour.speed(10);
  await page.locator("button.apply").click();
  await harbour.readyPods("web", 3);
  await harbour.run("kubectl set image deployment/web '*=nginx:1.28' && echo started");
  await page.waitForTimeout(300);
  await page.locator(".transport .play").click();
  const pods = await harbour.run("kubectl get pods -o wide");
  const before = { clock: await clock(page), terminal: await terminal(page), pods };
  assert.match(pods, /ContainerCreating|Terminating|Running/);

  await reload(harbour);
  assert.equal(await clock(page), before.clock);
  assert.equal(await terminal(page), before.terminal);
  assert.equal(await page.locator(".transport select").inputValue(), "10");
  assert.equal(await harbour.run("kubectl get pods -o wide"), before.pods);
  assert.match(await page.locator("kobune-editor .cm-content").innerText(), /kind: Deployment/);

  // It goes on as it would have.
  await page.locator(".transport .play").click();
  await harbour.readyPods("web", 3);
  assert.match(await harbour.run("kubectl rollout status deployment web"), /successfully rolled out/);
});

visit("a command that runs, time that runs and typed text survive a reload", {}, async (harbour, page) => {
  await harbour.run("kubectl create deployment shop --image=nginx:1.27");
  await page.locator("#command-line").fill("kubectl get pods -w");
  await page.locator("#command-line").press("Enter");
  await page.locator("kobune-editor .cm-content").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# mine\n");
  await harbour.until(async () => /Running/.test(await terminal(page)), "a running Pod in the watch");

  await reload(harbour);
  assert.match(await page.locator("kobune-editor .cm-content").innerText(), /^# mine/);
  assert.match(await terminal(page), /ContainerCreating[^]*Running/);
  const then = await clock(page);
  await harbour.until(async () => (await clock(page)) !== then, "time to go on");
  await page.locator("#command-line").press("Control+c");
  assert.match(await harbour.output(1), /\^C/);
  assert.match(await harbour.run("kubectl get deployments"), /shop\s+1\/1/);
});
