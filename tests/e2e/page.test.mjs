// The built page, used as a student would, in Chromium, below a path of a plain static host.
//
// Each test opens the page afresh and closes it; closing fails on any console error, exception, breach of the policy or
// request to another origin.

import assert from "node:assert/strict";

import { faults, visit } from "./visit.mjs";

const SHOP = `\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 3
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector: {app: shop}
  ports:
  - port: 80
`;

visit("a pasted manifest becomes three ready Pods, and a deleted one is replaced", {}, async (harbour, page) => {
  await harbour.speed(30);
  await harbour.paste(SHOP);
  await page.keyboard.press("Control+Enter");
  const pods = await harbour.readyPods("shop", 3);

  assert.match(await harbour.output(0), /^deployment\.apps\/shop created\nservice\/shop created\n$/);
  const rows = (await harbour.run("kubectl get pods --no-headers")).trimEnd().split("\n");
  assert.deepEqual(rows.map((row) => row.split(/\s+/).slice(0, 3)), pods.map((pod) => [pod, "1/1", "Running"]));
  assert.match(await harbour.run("curl -s http://shop"), /Welcome to nginx!/);

  assert.equal(await harbour.run(`kubectl delete pod ${pods[0]}`), `pod "${pods[0]}" deleted from default namespace\n`);
  const healed = await harbour.readyPods("shop", 3);
  assert.ok(!healed.includes(pods[0]), "the deleted Pod is gone");
  assert.equal(healed.filter((pod) => pods.includes(pod)).length, 2, "the others were left alone");
});

visit("the example is applied with a click, scaled and deleted", {}, async (harbour, page) => {
  await harbour.speed(100);
  await page.locator("button.apply").click();
  await harbour.readyPods("web", 3);
  assert.equal(await harbour.run("kubectl scale deployment web --replicas=5"), "deployment.apps/web scaled\n");
  await harbour.readyPods("web", 5);
  assert.match(await harbour.run("kubectl delete deployment web"), /^deployment\.apps "web" deleted/);
  await harbour.readyPods("web", 0);
});

visit("a refused manifest says why and leaves the world as it was", {}, async (harbour, page) => {
  const world = await harbour.run("kubectl get all");
  await harbour.paste(SHOP.replace("replicas: 3", "replicaz: 3"));
  await page.keyboard.press("Control+Enter");
  await harbour.until(async () => (await harbour.blocks().count()) === 2, "the answer");
  assert.match(await harbour.output(1), /strict decoding error: unknown field "spec\.replicaz"/);
  assert.match(await page.locator(".problems").innerText(), /replicaz/);
  await harbour.paste("kind: Pod\n  bad: [\n");
  assert.equal((await harbour.run("kubectl get deployments")).trim(), "No resources found in default namespace.");
  assert.ok(world.length > 0);
});

visit("time stands when paused, and a command that waits says so", {}, async (harbour, page) => {
  await page.locator(".transport .play").click();
  const clock = page.locator(".transport [role=timer]");
  const stood = await clock.innerText();
  await harbour.paste(SHOP);
  await page.keyboard.press("Control+Enter");
  await harbour.output(0);
  await page.locator("#command-line").fill("kubectl wait --for=condition=Available deployment/shop");
  await page.keyboard.press("Enter");
  await page.locator(".terminal .waiting").waitFor();
  assert.equal(await clock.innerText(), stood);

  await page.locator(".terminal .waiting button").click();
  await harbour.speed(100);
  assert.equal(await harbour.output(1), "deployment.apps/shop condition met\n");
});

visit("at rest no frame is asked for", {}, async (harbour, page) => {
  await harbour.speed(100);
  await page.locator("button.apply").click();
  await harbour.readyPods("web", 3);
  await page.locator(".transport .play").click();
  await page.waitForTimeout(1500);
  const before = await page.evaluate(() => window.frames_asked);
  await page.waitForTimeout(1000);
  assert.equal(await page.evaluate(() => window.frames_asked), before);
});

visit("the page speaks Japanese where the browser does", { locale: "ja-JP" }, async (_, page) => {
  assert.equal(await page.evaluate(() => document.documentElement.lang), "ja");
  assert.match(await page.locator("body").innerText(), /タブの中の Kubernetes の港/);
});

visit("the language can be changed at any time, and is remembered", {}, async (harbour, page) => {
  await harbour.run("kubectl get nodes");
  await page.getByRole("button", { name: "日本語" }).click();
  await page.getByRole("button", { name: "適用" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "ja");
  assert.equal(await harbour.blocks().count(), 1, "the terminal kept what it showed");
  const english = await page.locator("button").evaluateAll((buttons) =>
    buttons.map((button) => button.getAttribute("aria-label") ?? button.innerText).filter((name) => /^(Play|Pause|Next|Skip|New|Open|Apply|Stop)/.test(name)),
  );
  assert.deepEqual(english, []);
  await page.reload();
  await page.getByRole("button", { name: "適用" }).waitFor();
});

visit("Japanese typed with an input method reaches the editor and the terminal", {}, async (harbour, page) => {
  const client = await page.context().newCDPSession(page);
  const compose = async (...steps) => {
    for (const text of steps) {
      await client.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    }
    await client.send("Input.insertText", { text: steps.at(-1) });
  };
  await harbour.paste("name: ");
  await compose("こ", "こぶ", "小舟");
  await page.keyboard.type("x");
  assert.equal(await page.evaluate(() => document.querySelector("kobune-editor").text), "name: 小舟x");
  await page.locator("#command-line").click();
  await page.keyboard.type("echo ");
  await compose("み", "みな", "港");
  await page.keyboard.press("Enter");
  assert.equal(await harbour.output(0), "港\n");
});

visit("everything is reached by keyboard", {}, async (harbour, page) => {
  await harbour.speed(100);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "command-line", "the first stop leads to the terminal");
  await page.keyboard.type("kubectl create deployment hello --image nginx --replicas 2");
  await page.keyboard.press("Enter");
  await harbour.readyPods("hello", 2);
  await page.keyboard.type("kubectl get pods --no-hea");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal((await harbour.output(1)).split("\n").filter((line) => line.includes("Running")).length, 2);
  await page.keyboard.press("ArrowUp");
  assert.equal(await page.locator("#command-line").inputValue(), "kubectl get pods --no-headers");

  const picture = page.locator(".harbour-view");
  for (let stops = 0; !(await picture.evaluate((view) => view === document.activeElement)); stops += 1) {
    assert.ok(stops < 80, "the picture is among the stops of Tab");
    // Tab belongs to the editor while it is in there, unless Escape goes before.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Shift+Tab");
  }
  const inspector = page.locator(".inspector h2 .name");
  for (let steps = 0; !/^hello-/.test((await inspector.count()) ? await inspector.innerText() : ""); steps += 1) {
    assert.ok(steps < 40, "arrow keys lead to a Pod");
    await page.keyboard.press("ArrowRight");
  }
  assert.match(await page.locator(".inspector").innerText(), /Running/);

  await page.locator("kobune-editor .cm-content").focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "KOBUNE-EDITOR", "Escape, then Tab, leaves the editor");
});

visit("what is selected can be read: YAML, events, logs", {}, async (harbour, page) => {
  await harbour.speed(100);
  await page.locator("button.apply").click();
  const [pod] = await harbour.readyPods("web", 3);
  await page.locator(`.picture .is-ready[aria-label^="${pod}:"]`).click();
  const inspector = page.locator(".inspector");
  const sheets = { YAML: [/kind: Pod/, /name: web-/], Events: [/Scheduled/, /Started/], Logs: [/ready for start up/, /kube-probe/] };
  for (const [tab, expected] of Object.entries(sheets)) {
    await inspector.getByRole("tab", { name: tab }).click();
    for (const words of expected) {
      await harbour.until(async () => words.test(await inspector.innerText()), `${words} in ${tab} of ${pod}`);
    }
  }
});

visit("a link nobody knows and bytes nobody wants do no harm", { hash: "#/no/such/lesson" }, async (harbour, page) => {
  await page.locator(".notice").waitFor();
  await harbour.paste("a\0b: \u0007\n");
  await page.keyboard.press("Control+Enter");
  await harbour.until(async () => (await harbour.blocks().count()) === 1, "an answer");
  assert.match(await harbour.output(0), /error/);
  await harbour.paste(`text: "${"0123456789".repeat(500_000)}"\n`);
  await page.keyboard.press("Control+Enter");
  await harbour.until(async () => (await harbour.blocks().count()) === 2, "an answer to 5 MB");
  assert.match(await harbour.output(1), /error/);
  assert.match(await harbour.run("kubectl get nodes"), /node-1 +Ready/);
});

visit("the policy is in force", {}, async (harbour, page) => {
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
  assert.match(policy, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'( 'sha256-[^']+')+; style-src 'self';/);
  const refused = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.intruder = true";
    document.body.append(script);
    const fetched = await fetch("http://localhost:9/").then(() => true, () => false);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { script: window.intruder === undefined, fetch: !fetched, breaches: window.breaches.splice(0).length };
  });
  assert.deepEqual(refused, { script: true, fetch: true, breaches: 2 });
  // The browser told of the two, as it should, and of nothing else.
  assert.ok(harbour.complaints.splice(0).every((complaint) => /Content Security Policy/.test(complaint)));
});

visit("the first load asks for each file once", {}, async (harbour) => {
  const asked = harbour.requests.filter((url) => !url.startsWith("data:"));
  assert.deepEqual(asked, [...new Set(asked)]);
});

for (const colorScheme of ["light", "dark"]) {
  visit(`axe finds nothing to complain about, ${colorScheme}`, { colorScheme }, async (harbour, page) => {
    await harbour.speed(100);
    await page.locator("button.apply").click();
    const [pod] = await harbour.readyPods("web", 3);
    await page.locator(`.picture .is-ready[aria-label^="${pod}:"]`).click();
    await page.locator(".inspector h2").waitFor();
    assert.deepEqual(await faults(page), []);
  });
}

visit("a phone shows one pane at a time and nothing sticks out", { viewport: { width: 360, height: 740 } }, async (_, page) => {
  const panes = page.locator(".pane-switch button");
  assert.ok((await panes.count()) >= 4);
  for (let pane = 0; pane < (await panes.count()); pane += 1) {
    await panes.nth(pane).click();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `pane ${pane} is ${width} pixels wide`);
  }
});

visit("kubectl explain fetches a kind's descriptions when asked, and an answer outlives the page without them", {}, async (harbour, page) => {
  const fetched = () => harbour.requests.filter((url) => url.includes("/explain/")).map((url) => url.split("/").pop());
  assert.deepEqual(fetched(), []);
  const said = await harbour.run("kubectl explain deploy.spec.replicas");
  assert.match(said, /^GROUP: {6}apps\nKIND: {7}Deployment\nVERSION: {4}v1\n\nFIELD: replicas <integer>\n/);
  assert.match(await harbour.run("kubectl explain deploy.spec.nope"), /field "nope" does not exist/);
  assert.deepEqual([...new Set(fetched())], ["apps.v1.Deployment.json"]);
  await page.route("**/explain/**", (route) => route.abort());
  await page.reload();
  await harbour.until(async () => /FIELD: replicas/.test(await page.locator(".terminal").innerText()), "what was said before");
  assert.match(await harbour.run("kubectl explain pods"), /could not be fetched/);
  harbour.complaints.splice(0);
});
