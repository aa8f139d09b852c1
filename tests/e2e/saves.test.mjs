// Nothing is lost: reloads, second tabs, damaged and foreign saves, full or missing storage, files in and out.
//
// What a visit leaves is looked at, and damaged, through IndexedDB itself; the clock and the terminal are what a student
// would compare.

import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";

import { faults, host, visit } from "./visit.mjs";

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

/** Does something to what is stored while the page is not open. */
async function away(harbour, what) {
  // An empty page of the same origin, which asks for no icon.
  await harbour.page.route(`${host.url}away`, (route) => route.fulfill({ contentType: "text/html", body: '<link rel="icon" href="data:,">' }));
  await harbour.page.goto(`${host.url}away`);
  await what();
  await harbour.page.goto(host.url);
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

visit("a second tab says that it is not saved, and leaves the first one's save alone", {}, async (harbour, page) => {
  await harbour.run("kubectl create deployment one --image=nginx:1.27");
  const second = await harbour.context.newPage();
  await second.goto(page.url());
  await second.locator(".notice").filter({ hasText: "another tab" }).waitFor();
  await second.locator("#command-line").fill("kubectl create deployment two --image=nginx:1.27");
  await second.locator("#command-line").press("Enter");
  await second.locator(".terminal .block").filter({ hasText: "two created" }).waitFor();
  await harbour.run("kubectl scale deployment one --replicas=2");

  await reload(harbour);
  assert.match(await terminal(page), /one created[^]*one scaled/);
  assert.ok(!/two/.test(await terminal(page)), "the second tab wrote nothing");
  // Once the first is gone, the next tab has the save.
  await page.goto("about:blank");
  await second.reload();
  await second.locator(".terminal .block").filter({ hasText: "one scaled" }).waitFor();
  await second.close();
  await page.goto(host.url);
});

visit("a damaged save comes back up to the damage, and is set aside", {}, async (harbour, page) => {
  for (const line of ["echo one", "echo two", "echo three"]) await harbour.run(line);
  await page.waitForTimeout(300);
  const acts = (await stored(page)).filter(([key]) => key.startsWith("main/1act/"));
  const [key, text] = acts.find(([, text]) => text.includes("echo two"));
  await away(harbour, () => overwrite(page, key, text.replace("two", "2")));
  assert.match(await page.locator(".notice").innerText(), /damaged at line \d+/);
  assert.match(await terminal(page), /echo one/);
  assert.ok(!/echo (2|two|three)/.test(await terminal(page)));
  assert.equal(await harbour.run("echo four"), "four\n");

  await page.getByRole("button", { name: "Saves and files" }).click();
  const row = page.locator(".asides li");
  assert.match(await row.innerText(), /was damaged/);
  const [file] = await Promise.all([page.waitForEvent("download"), row.getByRole("button", { name: "Download" }).click()]);
  assert.match(await read(file), /^kobune save\t1\t[^]*echo 2[^]*echo three/);
  await row.getByRole("button", { name: "Discard" }).click();
  await row.waitFor({ state: "detached" });
  await page.keyboard.press("Escape");

  await reload(harbour);
  assert.match(await terminal(page), /echo one[^]*echo four/);
  assert.equal(await page.locator(".notice").count(), 0, "all is well again");
});

visit("a save from the future and one that means nothing are set aside", { locale: "ja-JP" }, async (harbour, page) => {
  for (const [text, notice] of [["kobune save\t9\t9.9.9\nwhat is to come\n", /新しい版/], ["nonsense", /読めなかった/]]) {
    await harbour.run("echo one");
    await away(harbour, async () => {
      for (const [key] of await stored(page)) if (key.startsWith("main/")) await overwrite(page, key, key.endsWith("0head") ? text : null);
    });
    assert.match(await page.locator(".notice").innerText(), notice);
    assert.equal(await terminal(page), "");
    assert.ok((await stored(page)).some(([key, value]) => key.startsWith("aside/") && value.text === text));
    await reload(harbour);
    assert.equal(await page.locator(".notice").count(), 0, "it is told once");
  }
});

visit("a page that dies over a save does not try it again", {}, async (harbour, page) => {
  await harbour.run("kubectl create deployment shop --image=nginx:1.27 --dry-run=client -o yaml > shop.yaml");
  await away(harbour, () => page.evaluate(() => localStorage.setItem("kobune.mark.main", "replaying")));
  assert.match(await page.locator(".notice").innerText(), /did not end well/);
  assert.equal((await harbour.run("ls")).trim(), "shop.yaml  web.yaml");
  assert.match(await harbour.run("cat shop.yaml"), /kind: Deployment/);
  assert.ok((await stored(page)).some(([key, value]) => key.startsWith("aside/") && value.reason === "unfinished"));
});

visit("starting afresh asks first, by keyboard, and can be undone", {}, async (harbour, page) => {
  await harbour.run("echo precious");
  const button = page.getByRole("button", { name: "Saves and files" });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog");
  await dialog.getByRole("button", { name: "Start afresh…" }).focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Cancel");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Saves and files");
  assert.match(await terminal(page), /precious/);

  await button.click();
  await dialog.getByRole("button", { name: "Start afresh…" }).click();
  await Promise.all([page.waitForEvent("load"), dialog.getByRole("button", { name: "Start afresh" }).click()]);
  await page.locator("#command-line").waitFor();
  await harbour.until(async () => (await terminal(page)) === "", "an empty terminal");

  await button.click();
  await dialog.locator(".asides").getByRole("button", { name: "Open" }).click();
  await Promise.all([page.waitForEvent("load"), dialog.getByRole("button", { name: "Open it" }).click()]);
  await page.locator(".terminal .block").filter({ hasText: "precious" }).first().waitFor();
});

visit("a downloaded save brings the same harbour to another browser", {}, async (harbour, page) => {
  await harbour.speed(30);
  await page.locator("button.apply").click();
  await harbour.readyPods("web", 3);
  await page.locator(".transport .play").click();
  const pods = await harbour.run("kubectl get pods -o wide");
  await page.getByRole("button", { name: "Saves and files" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download the save" }).click()]);
  assert.equal(file.suggestedFilename(), "harbour.kobune");

  const other = await host.open({});
  await other.page.locator("input[type=file]").first().setInputFiles({ name: "mine.kobune", mimeType: "", buffer: Buffer.from(await read(file)) });
  await Promise.all([other.page.waitForEvent("load"), other.page.getByRole("button", { name: "Open it" }).click()]);
  await other.page.locator(".terminal .block").filter({ hasText: "get pods -o wide" }).first().waitFor();
  assert.equal(await other.run("kubectl get pods -o wide"), pods);
  await reload(other);
  assert.equal(await other.run("kubectl get pods -o wide"), pods);

  await other.page.locator("input[type=file]").first().setInputFiles({ name: "not.kobune", mimeType: "", buffer: Buffer.from("kobune save\tx\n") });
  assert.match(await other.page.locator(".notice").innerText(), /“not.kobune” cannot be opened/);
  await other.close();
});

visit("files go out and come in, one by one and as a zip", {}, async (harbour, page) => {
  await harbour.run("mkdir -p 小舟 && echo hello > 小舟/a.txt && seq 3000 > numbers.txt");
  const [single] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download this file" }).click()]);
  assert.equal(single.suggestedFilename(), "web.yaml");
  assert.match(await read(single), /kind: Deployment/);
  await page.getByRole("button", { name: "Saves and files" }).click();
  const [zip] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "zip" }).first().click()]);
  const bytes = await read(zip, null);
  await page.keyboard.press("Escape");

  const other = await host.open({});
  const input = other.page.locator("input[type=file]").first();
  await input.setInputFiles({ name: "files.zip", mimeType: "application/zip", buffer: bytes });
  await other.page.locator(".notice").filter({ hasText: "files.zip: 3 files taken in." }).waitFor();
  assert.equal(await other.run("cat 小舟/a.txt; tail -n 1 numbers.txt; ls"), "hello\n3000\nnumbers.txt  web.yaml  小舟\n");

  // Deflated by somebody else, with names that lead elsewhere, a clash, and something that is no text.
  await input.setInputFiles({ name: "odd.zip", mimeType: "application/zip", buffer: oddZip() });
  await other.page.locator(".notice").filter({ hasText: "odd.zip: 2 files taken in. These are no text, or too large: photo.bin" }).waitFor();
  assert.equal(await other.run("cat etc/passwd | wc -c; cat web-2.yaml"), "1000\nnot the same\n");

  await input.setInputFiles({ name: "bad.zip", mimeType: "application/zip", buffer: Buffer.from("PK but no more") });
  await other.page.locator(".notice").filter({ hasText: "bad.zip is no zip archive" }).waitFor();
  await input.setInputFiles({ name: "huge.yaml", mimeType: "", buffer: Buffer.alloc((8 << 20) + 1, "a") });
  await other.page.locator(".notice").filter({ hasText: "huge.yaml is larger than 8 MB" }).waitFor();
  await reload(other);
  assert.equal(await other.run("cat 小舟/a.txt etc/passwd | wc -c"), "1006\n");
  await other.close();
});

visit("without storage, or when it is full, the page says so and goes on", {}, async (harbour, page) => {
  const poor = await host.open({});
  await poor.context.addInitScript(() => {
    Object.defineProperty(window, "indexedDB", { value: { open: () => { throw new Error("SecurityError"); } } });
  });
  await reload(poor);
  await poor.page.locator(".notice").filter({ hasText: "store nothing" }).waitFor();
  assert.equal(await poor.run("echo on"), "on\n");
  await poor.close();

  await page.evaluate(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...args) {
      if (window.full) {
        this.transaction.abort();
        throw new DOMException("full", "QuotaExceededError");
      }
      return put.apply(this, args);
    };
    window.full = true;
  });
  assert.equal(await harbour.run("echo a"), "a\n");
  await page.locator(".notice").filter({ hasText: "storage is full" }).waitFor();
  assert.equal(await harbour.run("echo b"), "b\n");
  await page.evaluate(() => {
    window.full = false;
  });
  assert.equal(await harbour.run("echo c"), "c\n");
  await page.locator(".notice").filter({ hasText: "Saving works again" }).waitFor();
  await reload(harbour);
  assert.match(await terminal(page), /echo a[^]*echo b[^]*echo c/);
});

for (const colorScheme of ["light", "dark"]) {
  for (const locale of ["en-GB", "ja-JP"]) {
    visit(`axe finds nothing in the dialog, ${colorScheme}, ${locale}`, { colorScheme, locale, viewport: { width: 390, height: 844 } }, async (harbour, page) => {
      await page.getByRole("button", { name: locale === "en-GB" ? "Saves and files" : "保存とファイル" }).click();
      await page.locator("dialog").waitFor();
      assert.deepEqual(await faults(page), []);
      await page.locator("dialog").getByRole("button", { name: locale === "en-GB" ? "Start afresh…" : "新しく始める…" }).click();
      assert.deepEqual(await faults(page), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!wide, "nothing sticks out");
    });
  }
}

async function read(download, encoding = "utf8") {
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return encoding ? bytes.toString(encoding) : bytes;
}

/** A zip as a wilful stranger would make it. */
function oddZip() {
  const files = [
    ["../../etc/passwd", Buffer.alloc(1000, "x")],
    ["web.yaml", Buffer.from("not the same\n")],
    ["photo.bin", Buffer.from([0xff, 0xfe, 0, 1])],
  ];
  const [parts, directory] = [[], []];
  let at = 0;
  for (const [name, bytes] of files) {
    const stored = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(stored.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), stored]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), fields, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
