// Nodes that fail, rollouts and crashes in the built page: by mouse, by keyboard alone, and as axe-core sees them.

import assert from "node:assert/strict";

import { faults, visit as open } from "./visit.mjs";

/** A visit with the example applied and ready. */
const visit = (name, options, steps) =>
  open(name, options, async (harbour, page) => {
    await harbour.speed(100);
    // On a narrow page the editor is a pane of its own.
    const editor = page.locator(".pane-switch").getByRole("button", { name: /Editor|エディター/ });
    if (await editor.isVisible()) await editor.click();
    await page.locator("button.apply").click();
    await harbour.readyPods("web", 3);
    await harbour.speed(10);
    await steps(harbour, page);
  });

const boat = (page, name) => page.locator(`.boat[aria-label^="${name}:"]`);
const pods = (page) => page.locator('.picture .pod[aria-label^="web-"]');

/** Waits until what an element does when it appears is over. */
const still = (element) => element.evaluate((node) => Promise.all(node.getAnimations().map((animation) => animation.finished)));

/** Chooses an act in the menu of a thing, by the right button of the mouse. */
async function byMouse(page, thing, words) {
  await thing.click({ button: "right" });
  await page.getByRole("menuitem", { name: words }).click();
  await page.getByRole("menu").waitFor({ state: "detached" });
}

/** The same by keyboard alone: Tab to the picture, arrow keys to the thing, Enter, arrow keys to the act, Enter. */
async function byKeyboard(page, label, words) {
  const picture = page.locator(".harbour-view");
  for (let stops = 0; !(await picture.evaluate((view) => view === document.activeElement)); stops += 1) {
    assert.ok(stops < 80, "the picture is among the stops of Tab");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Shift+Tab");
  }
  await page.keyboard.press("Home");
  const selected = page.locator('.picture [role=option][aria-selected="true"]');
  for (let steps = 0; !(await selected.getAttribute("aria-label")).startsWith(label); steps += 1) {
    assert.ok(steps < 40, `arrow keys lead to ${label}`);
    const before = await selected.getAttribute("id");
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((id) => document.querySelector('.picture [aria-selected="true"]')?.id !== id, before);
  }
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  for (let steps = 0; !(await focused()).includes(words); steps += 1) {
    assert.ok(steps < 20, `the menu has ${words}`);
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor({ state: "detached" });
  assert.ok(await picture.evaluate((view) => view === document.activeElement), "the focus is back on the picture");
}

for (const [how, act] of [
  ["mouse", (page, label, words) => byMouse(page, page.locator(`.picture [role=option][aria-label^="${label}"]`).first(), words)],
  ["keyboard alone", byKeyboard],
]) {
  visit(`a node is cut off and comes back, by ${how}`, {}, async (harbour, page) => {
    await act(page, "node-2:", "Cut the network");
    await page.locator(".boat.cut").waitFor();
    assert.match(await boat(page, "node-2").getAttribute("aria-label"), /network cut · NotReady in/);
    assert.equal(await page.locator(".pod.faded").count(), 0, "its containers run on");
    await harbour.speed(100);
    await page.locator('.boat.cut.down[aria-label*="evicts Pods (1) in"]').waitFor();
    // The replacement stands elsewhere; the lost Pod is still shown, going.
    await harbour.until(async () => (await pods(page).count()) === 4, "a fourth Pod");
    assert.equal(await page.locator(".picture .pod.is-terminating").count(), 1);
    await act(page, "node-2:", "Restore the network");
    await harbour.readyPods("web", 3);
    await page.locator(".boat.cut, .boat.down").waitFor({ state: "detached" });
    const lines = await page.locator(".terminal .typed").allInnerTexts();
    assert.ok(lines.some((line) => line.includes("node disconnect node-2")), "the command is in the terminal");
    assert.ok(lines.some((line) => line.includes("node reconnect node-2")));
    assert.ok((await page.locator(".track .grave").count()) > 0, "failures are red ticks");
  });

  visit(`a node loses its power and gets it back, by ${how}`, {}, async (harbour, page) => {
    await act(page, "node-1:", "Power off");
    await page.locator(".boat.dark").waitFor();
    assert.equal(await page.locator(".pod.faded").count(), 1, "its Pods fade");
    await act(page, "node-1:", "Power on");
    await harbour.readyPods("web", 3);
    await page.locator(".boat.dark, .boat.starting").waitFor({ state: "detached" });
  });

  visit(`a container crashes and comes back, by ${how}`, {}, async (harbour, page) => {
    const [pod] = await harbour.readyPods("web", 3);
    await harbour.speed(1);
    await act(page, `${pod}:`, "Crash its container");
    await harbour.until(
      async () => /restarted 1×/.test(await page.locator(`.picture .pod[aria-label^="${pod}:"]`).getAttribute("aria-label")),
      "the restart to be counted",
    );
    await harbour.speed(30);
    await harbour.readyPods("web", 3);
  });

  visit(`a rollout is restarted, seen and undone, by ${how}`, {}, async (harbour, page) => {
    await harbour.run("kubectl set image deployment/web web=nginx:1.28");
    await page.locator('.gauge[aria-label*="1.28 × 3"]').waitFor();
    await harbour.readyPods("web", 3);
    await act(page, "Deployment web:", "Undo the last rollout");
    await page.locator('.gauge[aria-label*="1.27 × 3"]').waitFor();
    await harbour.readyPods("web", 3);
  });
}

visit("a stalled rollout says why, and its history leads back", {}, async (harbour, page) => {
  await harbour.run("kubectl set image deployment/web web=nginx:9.99");
  await page.locator(".gauge").click();
  const inspector = page.locator(".inspector");
  await harbour.until(async () => /held up: .*ImagePull/.test(await inspector.innerText()), "the reason");
  assert.match(await inspector.innerText(), /at least 3 available, at most 4 Pods/);
  await inspector.getByRole("button", { name: "Back to this: revision 1" }).click();
  await page.locator('.gauge[aria-label*="1.27 × 3"]').waitFor();
  await harbour.readyPods("web", 3);
  assert.match(await harbour.run("kubectl rollout history deployment/web"), /^3 /m);
});

visit("requests are counted, and a Pod that is not ready gets none", {}, async (harbour, page) => {
  await byMouse(page, page.locator(".service"), "Send requests");
  const numbers = page.locator(".service-load");
  await harbour.until(async () => /100 % ok/.test(await numbers.textContent()), "answers");
  assert.ok((await page.locator(".dots circle").count()) > 0, "dots are drawn");
  assert.ok((await page.locator(".dots circle").count()) <= 24, "but never many");
  await byMouse(page, pods(page).first(), "Let its readiness probe fail");
  await page.locator('.service[aria-label*="2 of 3 ready"]').waitFor();
  await byMouse(page, page.locator(".service"), "Stop the requests");
  await numbers.waitFor({ state: "detached" });
});

visit("a menu closes with Escape and leaves what is selected", {}, async (_, page) => {
  await boat(page, "node-3").click();
  await page.locator(".harbour-view").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "menuitem");
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  assert.equal(await boat(page, "node-3").getAttribute("aria-selected"), "true");
  assert.equal(await page.evaluate(() => document.activeElement.id), "picture");
});

visit("with less motion wanted there are numbers and no dots", { reducedMotion: "reduce" }, async (harbour, page) => {
  await harbour.run("load start http://web");
  await page.locator(".service-load").waitFor();
  assert.equal(await page.locator(".dots").evaluate((dots) => getComputedStyle(dots).display), "none");
});

visit("on a phone the menu is a sheet at the foot", { viewport: { width: 390, height: 844 } }, async (harbour, page) => {
  await page.locator(".pane-switch").getByRole("button", { name: "Harbour" }).click();
  await boat(page, "node-1").click();
  await page.locator(".picked-bar button").first().click();
  const menu = page.getByRole("menu");
  await still(menu);
  const box = await menu.boundingBox();
  assert.ok(box.x === 0 && box.width === 390 && Math.round(box.y + box.height) === 844, JSON.stringify(box));
  await page.getByRole("menuitem", { name: "Power off" }).click();
  await page.locator(".boat.dark").waitFor();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});

for (const colorScheme of ["light", "dark"]) {
  for (const locale of ["en-GB", "ja-JP"]) {
    visit(`axe finds nothing on failing screens, ${colorScheme}, ${locale}`, { colorScheme, locale }, async (harbour, page) => {
      await harbour.run("load start http://web; node power-off node-1; node disconnect node-2; kubectl cordon node-3");
      await harbour.run("kubectl set image deployment/web web=nginx:9.99; kubectl create deployment crash --image=busybox -- sh -c 'exit 3'");
      await page.locator(".pod.is-crashing").first().waitFor();
      await page.locator('.gauge[aria-label*="9.99"]').click();
      await page.locator(".rollout").waitFor();
      // Motion makes no good colours.
      await page.locator(".transport .play").click();
      await page.waitForTimeout(1500);
      assert.deepEqual(await faults(page), []);
      await page.locator(".transport .play").click();
      await page.keyboard.press("Escape");
      await page.locator('.boat[aria-label^="node-2:"]').click();
      await page.locator(".inspector h2").waitFor();
      await page.locator(".harbour-view").focus();
      await page.keyboard.press("Enter");
      await still(page.getByRole("menu"));
      assert.deepEqual(await faults(page, ".harbour"), []);
    });
  }
}
