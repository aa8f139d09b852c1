// What the editor tells while somebody types: marks, plain sentences in both languages, repairs that can be undone, and
// what is told below a command that sent something which is not simulated.

import assert from "node:assert/strict";

import { faults, visit } from "./visit.mjs";

const BROKEN = `\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: "3"
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.27
        imagepullpolicy: Always
        resources:
          requests:
            memory: 128MB
`;

const KEPT = `\
apiVersion: v1
kind: Pod
metadata:
  name: kept
spec:
  dnsPolicy: Default
  containers:
  - name: web
    image: nginx:1.27
`;

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

const text = (page) => page.locator("kobune-editor").evaluate((editor) => editor.text);
const problem = (page, words) => page.locator(".problem", { hasText: words });

visit("each fault has its mark and a button that mends it, which can be undone", {}, async (harbour, page) => {
  await harbour.paste(BROKEN);
  await problem(page, "128Mi").waitFor();
  assert.equal(await page.locator("kobune-editor .cm-lintRange-error").count(), 3, "three marks");
  await page.locator("kobune-editor .cm-lint-marker-error").first().waitFor();
  assert.deepEqual(await faults(page), []);

  await problem(page, "128Mi").locator("button", { hasText: "Change to 128Mi" }).click();
  await problem(page, "128Mi").waitFor({ state: "detached" });
  assert.match(await text(page), /memory: 128Mi\n/);
  await page.keyboard.press("Control+z");
  await problem(page, "128Mi").waitFor();
  assert.match(await text(page), /memory: 128MB\n/);

  await page.locator(".problem-text", { hasText: "imagePullPolicy" }).click();
  await page.keyboard.press("Control+.");
  await problem(page, "imagepullpolicy").waitFor({ state: "detached" });
  assert.match(await text(page), /imagePullPolicy: Always\n/);

  await page.locator("kobune-editor .cm-lintRange-error").first().hover();
  const tooltip = page.locator("kobune-editor .cm-diagnostic");
  assert.match(await tooltip.innerText(), /whole number without quotes[^]*cannot unmarshal string/);
  await tooltip.locator("button").click();
  await problem(page, "without quotes").waitFor({ state: "detached" });
  assert.match(await text(page), /replicas: 3\n/);
  await page.locator("kobune-editor .cm-lintRange-error").first().waitFor();
  await problem(page, "128Mi").locator(".repair").first().click();
  await page.locator(".problems.none").waitFor({ state: "attached" });
  await page.keyboard.press("Control+Enter");
  assert.match(await harbour.output(0), /deployment\.apps\/web created/);
});

visit("what the cluster holds counts: an immutable field is marked once its object is there", {}, async (harbour, page) => {
  const fixed = BROKEN.replace('"3"', "1").replace("imagepullpolicy", "imagePullPolicy").replace("128MB", "128Mi");
  await harbour.paste(fixed);
  await page.keyboard.press("Control+Enter");
  await harbour.until(async () => (await harbour.blocks().count()) === 1, "the answer");
  await harbour.output(0);
  await harbour.paste(fixed.replaceAll("app: web", "app: shop"));
  await problem(page, "immutable").waitFor();
  assert.match(await problem(page, "immutable").innerText(), /Delete the object first/);
  await harbour.run("kubectl delete deployment web");
  await page.locator(".problems.none").waitFor({ state: "attached" });
});

visit("in Japanese, on a phone, in the dark", { ...PHONE, locale: "ja-JP", colorScheme: "dark" }, async (harbour, page) => {
  await page.locator(".pane-switch button", { hasText: "エディター" }).click();
  await harbour.paste(BROKEN);
  const unit = problem(page, "128Mi");
  await unit.waitFor();
  assert.match(await unit.innerText(), /量は数と単位で書きます/);
  assert.deepEqual(await faults(page), []);
  await unit.locator("button", { hasText: "128Mi に直す" }).tap();
  await unit.waitFor({ state: "detached" });
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(widths[0] <= widths[1], `nothing is wider than the page: ${widths}`);
});

visit("what is not simulated is told once, beside the output", {}, async (harbour, page) => {
  await harbour.paste(KEPT);
  await problem(page, "does not simulate spec.dnsPolicy").waitFor();
  assert.equal(await page.locator("kobune-editor .cm-lintRange-info").count(), 1);
  await page.keyboard.press("Control+Enter");
  const aside = page.locator(".terminal .aside");
  await aside.waitFor();
  assert.match(await aside.innerText(), /does not simulate pod\.spec\.dnsPolicy/);
  assert.equal(await harbour.output(0), "pod/kept created\n");
  await harbour.run("kubectl delete pod kept --wait=false");
  assert.equal(await harbour.run("kubectl run other --image=nginx:1.27"), "pod/other created\n");
  assert.equal(await aside.count(), 1);
  assert.deepEqual(await faults(page), []);
});
