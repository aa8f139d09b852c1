// The second part of the page's code, on lines that are slow and on lines that are down: what was done waits, is shown and is
// done in the end, the page stays alive, and nothing is ever fetched on the spot (`harbour.mjs` watches that in every test).

import assert from "node:assert/strict";

import { faults, visit } from "./visit.mjs";

const REST = /\/later-[^/]*\.wasm$/;
const asked = (harbour) => harbour.requests.filter((url) => REST.test(url)).length;

/** Holds the part back; answers how to let it through. */
async function slowLine(context) {
  let arrive;
  const arrived = new Promise((resolve) => {
    arrive = resolve;
  });
  await context.route(REST, async (route) => {
    await arrived;
    await route.continue();
  });
  return arrive;
}

/** Refuses the part until it is told otherwise. */
async function noLine(context) {
  const line = { up: false };
  await context.route(REST, (route) => (line.up ? route.continue() : route.abort()));
  return line;
}

/** Forgets what the browser says of downloads that fail on purpose. */
const forgive = (harbour) => {
  harbour.complaints = harbour.complaints.filter((complaint) => !/ERR_FAILED/.test(complaint));
};

const held = (page) => page.locator(".terminal .typed.held");
const note = (page) => page.locator(".rest");
const clock = async (page) => (await page.locator(".transport").innerText()).match(/\d\d:\d\d:\d\d/)[0];

visit("the rest of the page is fetched once, when it is first touched", {}, async (harbour, page) => {
  await page.waitForLoadState("networkidle");
  assert.equal(asked(harbour), 0);
  await page.locator(".terminal").click();
  assert.match(await harbour.run("kubectl describe node node-1"), /Capacity:/);
  assert.equal(asked(harbour), 1);
});

for (const locale of ["en-GB", "ja-JP"]) {
  const words = locale === "en-GB" ? /on its way/ : /読み込んでいます/;
  visit(`on a slow line commands wait and the page lives, ${locale}`, { locale }, async (harbour, page) => {
    const arrive = await slowLine(harbour.context);
    const input = page.locator("#command-line");
    await input.fill("kubectl get nodes");
    await input.press("Enter");
    await held(page).waitFor();
    assert.match(await held(page).innerText(), /\$ kubectl get nodes$/);
    await page.locator("button.apply").click();
    await note(page).waitFor();
    assert.match(await note(page).innerText(), words);
    // The prompt is taken: what is written meanwhile stays.
    await input.fill("kubectl get pods");
    await input.press("Enter");
    assert.equal(await input.inputValue(), "kubectl get pods");
    assert.equal(await held(page).count(), 2);
    const before = await clock(page);
    await harbour.until(async () => (await clock(page)) !== before, "the clock");
    assert.deepEqual(await faults(page), []);
    arrive();
    await harbour.readyPods("web", 3);
    assert.match(await harbour.output(0), /^NAME +STATUS/);
    assert.match(await harbour.output(1), /deployment.apps\/web created/);
    assert.equal(await held(page).count(), 0);
    assert.equal(await note(page).count(), 0);
    assert.equal(await input.inputValue(), "kubectl get pods");
    assert.equal(asked(harbour), 1);
  });
}

visit("on a slow line everything else that needs it waits too", {}, async (harbour, page) => {
  const arrive = await slowLine(harbour.context);
  const input = page.locator("#command-line");
  await input.pressSequentially("kubectl get dep");
  await input.press("Tab");
  await page.locator('.boat[aria-label^="node-1:"]').click();
  await harbour.paste("kind: Pod\napiVersion: v1\nmetadata:\n  name: a\nspec:\n  contaners: []\n");
  await page.waitForTimeout(500);
  assert.equal(await page.locator(".inspector-head").count(), 0);
  arrive();
  await page.locator(".inspector-head").waitFor();
  await page.locator(".problems").getByText("contaners").first().waitFor();
  assert.equal(await input.inputValue(), "kubectl get deployment");
  assert.equal(asked(harbour), 1);
});

visit("a line that waits can be taken back", {}, async (harbour, page) => {
  const arrive = await slowLine(harbour.context);
  const input = page.locator("#command-line");
  await input.fill("kubectl delete node node-1");
  await input.press("Enter");
  await held(page).waitFor();
  await input.press("Control+c");
  await held(page).waitFor({ state: "detached" });
  // What is not complete is asked for more, as always.
  await input.fill("echo 'a");
  await input.press("Enter");
  assert.equal(await page.locator(".prompt .ps1").innerText(), "> ");
  await input.fill("b'");
  await input.press("Enter");
  await held(page).waitFor();
  arrive();
  await harbour.until(async () => (await harbour.blocks().count()) === 1, "the command");
  assert.equal(await harbour.output(0), "a\nb\n");
});

for (const [locale, words, again] of [["en-GB", /could not be fetched/, "Try again"], ["ja-JP", /取得できませんでした/, "もう一度試す"]]) {
  visit(`without a line the page says so and tries again, ${locale}`, { locale }, async (harbour, page) => {
    const line = await noLine(harbour.context);
    await page.locator("#command-line").fill("kubectl describe node node-1");
    await page.locator("#command-line").press("Enter");
    const retry = note(page).getByRole("button", { name: again });
    await retry.waitFor();
    assert.match(await note(page).innerText(), words);
    assert.deepEqual(await faults(page), []);
    await retry.click();
    await retry.waitFor();
    await page.locator(".transport .play").click();
    line.up = true;
    await retry.click();
    await note(page).waitFor({ state: "detached" });
    await harbour.until(async () => (await harbour.blocks().count()) === 1, "the command");
    await page.locator(".transport .play").click();
    assert.match(await harbour.output(0), /Capacity:/);
    forgive(harbour);
  });
}

visit("a network that comes back is noticed", {}, async (harbour, page) => {
  const line = await noLine(harbour.context);
  await page.locator("button.apply").click();
  await note(page).getByRole("button").waitFor();
  line.up = true;
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await harbour.readyPods("web", 3);
  forgive(harbour);
});

visit("a world in which nothing was done needs no more than the first part", {}, async (harbour, page) => {
  await noLine(harbour.context);
  await harbour.speed(1000);
  await harbour.until(async () => (await clock(page)) > "00:40:00", "forty minutes");
  assert.equal(await page.locator(".picture .boat").count(), 3);
  forgive(harbour);
});

visit("a save waits for all of the code, and comes back when it is here", {}, async (harbour, page) => {
  await harbour.run("kubectl create deployment kept --image=nginx");
  await harbour.readyPods("kept", 1);
  const line = await noLine(harbour.context);
  await page.reload();
  const retry = note(page).getByRole("button", { name: "Try again" });
  await retry.waitFor();
  assert.equal(await page.locator("#command-line").count(), 0);
  line.up = true;
  await retry.click();
  await harbour.readyPods("kept", 1);
  assert.equal(await note(page).count(), 0);
  forgive(harbour);
});

visit("a link to a lesson waits for all of the code", {}, async (harbour, page) => {
  const arrive = await slowLine(harbour.context);
  await page.evaluate(() => {
    location.hash = "#/lesson/self-healing";
  });
  await note(page).waitFor();
  arrive();
  await page.locator("#lesson-pane h3").waitFor();
  assert.equal(await note(page).count(), 0);
});
