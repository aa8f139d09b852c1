// Lessons by link: each is opened as a student would, and played to its end with what its pane offers to click.

import assert from "node:assert/strict";

import { faults, visit } from "./visit.mjs";

/** The lesson pane, and what can be done in it. */
class Lesson {
  constructor(harbour) {
    this.harbour = harbour;
    this.page = harbour.page;
    this.pane = harbour.page.locator("#lesson-pane");
  }

  async title() {
    return this.pane.locator("h3").innerText();
  }

  /** Answers the question of the step: the choice with this number, or a number. */
  async predict(answer) {
    const box = this.pane.locator(".prediction");
    if (typeof answer === "number") await box.locator("input[type=radio]").nth(answer).check();
    else await box.locator("input[type=number]").fill(answer);
    await box.getByRole("button").first().click();
  }

  /** Clicks the commands of the step, one after another, each when the one before is over. */
  async runAll() {
    const commands = this.pane.locator("button.run");
    for (let index = 0; index < (await commands.count()); index += 1) {
      const before = await this.harbour.blocks().count();
      await commands.nth(index).click();
      await this.harbour.blocks().nth(before).waitFor();
      await this.page.locator(".terminal .pane-head .chip").waitFor({ state: "detached" });
    }
  }

  /** Waits for the end of the step; answers what is told of the prediction. */
  async done() {
    await this.pane.locator(".why").waitFor();
    const verdict = this.pane.locator(".verdict");
    return (await verdict.count()) ? (await verdict.innerText()).replace(/\s+/g, " ") : "";
  }

  async next() {
    await this.pane.locator(".lesson-foot .next").click();
  }
}

visit("self-healing, from the first step to the last", { hash: "#/lesson/self-healing" }, async (harbour, page) => {
  const lesson = new Lesson(harbour);
  await harbour.speed(30);
  assert.equal(await lesson.title(), "Say “I want three”");
  await lesson.runAll();
  await lesson.done();
  await lesson.next();

  await page.waitForURL(/#\/lesson\/self-healing\/2$/);
  assert.ok(await lesson.pane.locator("button.run").first().isDisabled(), "the prediction comes first");
  await lesson.predict(0);
  assert.match(await lesson.pane.locator("button.run").first().innerText(), /^kubectl delete pod web-[a-z0-9]+-[a-z0-9]{5}$/);
  await lesson.runAll();
  assert.match(await lesson.done(), /Three: a replacement is made Not as you said/);
  assert.match(await lesson.pane.locator(".lesson-news").innerText(), /Step done/);
  await lesson.next();

  await lesson.predict(1);
  await lesson.runAll();
  assert.match(await lesson.done(), /The ReplicaSet As you said/);
  await lesson.next();

  await lesson.runAll();
  await lesson.done();
  await lesson.next();

  await lesson.predict(1);
  await lesson.runAll();
  assert.match(await lesson.done(), /does not come back As you said/);
  await lesson.next();

  await lesson.predict("4");
  await lesson.runAll();
  assert.match(await lesson.done(), /: 4 As you said/);
  assert.match(await lesson.pane.locator(".why h4").innerText(), /Lesson complete/);
  assert.equal(await lesson.pane.locator(".step-mark.done").count(), 6);
});

visit("rolling-update, with its solutions played back", { hash: "#/lesson/rolling-update" }, async (harbour) => {
  const lesson = new Lesson(harbour);
  const expected = [[0, /: One As/], ["5", /: 5 As/], [1, /Not a single one As/], ["3", /: 4 Not/], [1, /They stay/], ["2", /: 2 As/]];
  for (const [index, [guess, told]] of expected.entries()) {
    await lesson.predict(guess);
    await lesson.pane.getByRole("button", { name: "Show me" }).click();
    await harbour.speed(30);
    assert.match(await lesson.done(), told, `step ${index + 1}`);
    if (index + 1 < expected.length) await lesson.next();
  }
  assert.match(await lesson.pane.locator(".why h4").innerText(), /Lesson complete/);
});

visit("node-failure, in Japanese, by its own commands", { hash: "#/lesson/node-failure?lang=ja" }, async (harbour, page) => {
  const lesson = new Lesson(harbour);
  assert.equal(await page.locator("html").getAttribute("lang"), "ja");
  await harbour.speed(30);
  await lesson.predict(1);
  await lesson.runAll();
  assert.match(await lesson.done(), /1 分近く 予想どおり/);
  await page.locator(".transport .play").click();
  await lesson.next();

  await lesson.predict(1);
  await lesson.runAll();
  assert.match(await lesson.done(), /Running 予想と違いました/);
  await lesson.next();

  await lesson.predict(2);
  await page.locator(".transport .play").click();
  await harbour.speed(300);
  assert.match(await lesson.done(), /別の Pod がほかの船に作られる 予想どおり/);
  await harbour.speed(10);
  await lesson.next();

  await lesson.predict(1);
  await lesson.runAll();
  assert.match(await lesson.done(), /戻らず/);
  await lesson.next();

  await lesson.predict(0);
  await lesson.runAll();
  await harbour.speed(100);
  assert.match(await lesson.done(), /が先 予想どおり/);
  assert.match(await lesson.pane.locator(".why h4").innerText(), /レッスン完了/);
});

visit("a goal that must always hold says when and why it broke, and the step can be tried again", { hash: "#/lesson/self-healing/4" }, async (harbour, page) => {
  const lesson = new Lesson(harbour);
  assert.equal(await lesson.title(), "Delete all of them at once");
  await harbour.run("kubectl scale deployment web --replicas=0");
  const broken = lesson.pane.locator(".goal.broken");
  await broken.waitFor();
  assert.match(await broken.innerText(), /You changed the number that is wanted/);
  assert.match(await broken.innerText(), /Broken at \d\d:\d\d:\d\d .*web.* kubectl scale deployment web --replicas=0/);
  await lesson.pane.getByRole("button", { name: "Try this step again" }).click();
  await page.waitForFunction(() => document.querySelector("#lesson-pane .goal.holds") && !document.querySelector("#lesson-pane .goal.broken"));
  assert.match(page.url(), /#\/lesson\/self-healing\/4$/);
  assert.match(await harbour.run("kubectl get deployment web"), /3\/3/);
});

visit("known mistakes are named, hints come one at a time", { hash: "#/lesson/self-healing/2" }, async (harbour) => {
  const lesson = new Lesson(harbour);
  const hint = lesson.pane.getByRole("button", { name: /^Hint/ });
  await hint.click();
  assert.equal(await lesson.pane.locator(".lesson-hints li").count(), 1);
  await hint.click();
  assert.equal(await hint.count(), 0, "there are no more");
  await harbour.run("kubectl delete deployment web");
  assert.match(await lesson.pane.locator(".lesson-notice").innerText(), /The Deployment itself is gone/);
});

visit("a lesson has its own world, and leaving it comes back to the learner's", {}, async (harbour, page) => {
  await harbour.run("kubectl create configmap mine");
  await page.getByRole("link", { name: "Lessons" }).click();
  const listed = page.locator(".lesson-list a");
  await harbour.until(async () => (await listed.count()) === 3, "three lessons in the list");
  await listed.first().click();
  await page.locator("#lesson-pane h3").waitFor();
  assert.match(await harbour.run("kubectl get configmap mine"), /NotFound/);
  await harbour.run("kubectl create configmap lesson");

  await page.getByRole("link", { name: "Back to my harbour" }).click();
  await page.locator("#lesson-pane").waitFor({ state: "detached" });
  assert.match(await harbour.run("kubectl get configmap mine lesson"), /^NAME +DATA +AGE\nmine .*\n.*"lesson" not found/);

  await page.goBack();
  await page.locator("#lesson-pane h3").waitFor();
  assert.match(await harbour.run("kubectl get configmap lesson"), /lesson +0/);
});

visit("back and forward walk through the steps, and a reload keeps them", { hash: "#/lesson/self-healing" }, async (harbour, page) => {
  const lesson = new Lesson(harbour);
  await harbour.speed(30);
  await lesson.runAll();
  await lesson.done();
  await lesson.next();
  await lesson.predict(1);
  await page.goBack();
  await harbour.until(async () => (await lesson.title()).startsWith("Say"), "the first step");
  assert.ok(await lesson.pane.locator(".why").isVisible(), "what is done stays done");
  await page.goForward();
  await harbour.until(async () => (await lesson.title()).startsWith("Delete"), "the second step");
  await page.reload();
  await lesson.pane.locator(".said").waitFor();
  assert.match(await lesson.pane.locator(".said").innerText(), /You said: Three/);
  assert.equal(await lesson.pane.locator(".step-mark.done").count(), 1);
  assert.match(await harbour.run("kubectl get deployment web"), /3\/3/);
});

visit("a lesson nobody wrote is named, with the lessons that there are", { hash: "#/lesson/no-such/2" }, async (harbour, page) => {
  const pane = page.locator("#lesson-pane");
  assert.match(await pane.getByRole("alert").innerText(), /There is no lesson “no-such” here/);
  assert.equal(await pane.locator(".lesson-list a").count(), 3);
  await page.getByRole("button", { name: "日本語" }).click();
  assert.match(await pane.getByRole("alert").innerText(), /「no-such」というレッスンはありません/);
  assert.match(await harbour.run("kubectl get nodes"), /node-1 +Ready/);
});

visit("the language can be switched at any time, and the link's wish is forgotten", { hash: "?lang=ja#/lesson/self-healing" }, async (harbour, page) => {
  const lesson = new Lesson(harbour);
  assert.equal(await lesson.title(), "「3 個ほしい」と伝える");
  await page.getByRole("button", { name: "English" }).click();
  assert.equal(await lesson.title(), "Say “I want three”");
  assert.ok(!page.url().includes("lang="), page.url());
  assert.match(page.url(), /#\/lesson\/self-healing\/1$/);
});

visit("a lesson is not fetched before it is asked for", {}, async (harbour) => {
  assert.deepEqual(harbour.requests.filter((url) => url.includes("/lessons/")), []);
});

visit("a lesson by keyboard alone, on a phone", { hash: "#/lesson/self-healing/2", viewport: { width: 390, height: 844 } }, async (harbour, page) => {
  const lesson = new Lesson(harbour);
  await page.evaluate(() => document.activeElement.blur());
  await lesson.pane.locator(".lesson-body").focus();
  await page.keyboard.press("Tab");
  for (let presses = 0; !(await page.evaluate(() => document.activeElement.matches("input[type=radio]"))); presses += 1) {
    assert.ok(presses < 12, "Tab leads to the prediction");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await lesson.pane.locator(".said").waitFor();
  for (let presses = 0; !(await page.evaluate(() => document.activeElement.matches("button.run"))); presses += 1) {
    assert.ok(presses < 20, "Tab leads to a command");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await lesson.done();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `${width} pixels wide`);
});

for (const colorScheme of ["light", "dark"]) {
  for (const locale of ["en-GB", "ja-JP"]) {
    visit(`axe finds nothing to complain about, ${colorScheme}, ${locale}`, { colorScheme, locale, hash: "#/lesson/self-healing/4" }, async (harbour, page) => {
      const lesson = new Lesson(harbour);
      await harbour.speed(30);
      assert.deepEqual(await faults(page, "#lesson-pane"), []);
      await lesson.pane.locator(".lesson-foot button").first().click();
      await lesson.runAll();
      await lesson.done();
      assert.deepEqual(await faults(page, "#lesson-pane"), []);
      await lesson.next();
      await lesson.pane.locator(".prediction").waitFor();
      await harbour.run("kubectl scale deployment web --replicas=0");
      assert.deepEqual(await faults(page, "#lesson-pane"), []);
    });
  }
}
