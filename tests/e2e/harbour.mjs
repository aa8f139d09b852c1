// The built page in a real browser, and the few things a person does with it.
//
// Every page is watched: console errors, uncaught exceptions, breaches of the policy and requests to any other origin
// are kept in `complaints`, and `close` fails if there are any.

import assert from "node:assert/strict";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { serve } from "./server.mjs";

const FOLDER = join(process.cwd(), process.env.KOBUNE_PAGE ?? "dist");
const PATH = "/course/kobune/";
// A busy machine is slow, not wrong.
const PATIENCE = Number(process.env.KOBUNE_PATIENCE ?? 60_000);

export async function start() {
  const server = await serve(FOLDER, PATH);
  const browser = await chromium.launch({
    executablePath: process.env.KOBUNE_BROWSER ?? "/usr/bin/chromium",
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return {
    url: server.url,
    /** Opens the page; `options` are Playwright's for a browser context, `hash` is the link's end. */
    open: ({ hash = "", ...options } = {}) => Harbour.open(browser, server.url, hash, options),
    stop: async () => {
      await browser.close();
      await server.close();
    },
  };
}

class Harbour {
  complaints = [];
  requests = [];

  static async open(browser, url, hash, options) {
    const harbour = new Harbour();
    harbour.context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 }, ...options });
    await harbour.context.addInitScript(() => {
      window.frames_asked = 0;
      const seen = new MutationObserver(() => {
        if (!document.getElementById("command-line")) return;
        performance.mark("prompt");
        seen.disconnect();
      });
      seen.observe(document, { childList: true, subtree: true });
      const ask = window.requestAnimationFrame.bind(window);
      window.requestAnimationFrame = (callback) => {
        window.frames_asked += 1;
        return ask(callback);
      };
      window.breaches = [];
      document.addEventListener("securitypolicyviolation", (event) => window.breaches.push(`${event.violatedDirective}: ${event.blockedURI}`));
    });
    const page = await harbour.context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      if (message.type() === "error") harbour.complaints.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => harbour.complaints.push(`exception: ${error.stack}`));
    page.on("request", (request) => {
      harbour.requests.push(request.url());
      if (request.resourceType() === "xhr") harbour.complaints.push(`fetched on the spot: ${request.url()}`);
      if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) harbour.complaints.push(`request: ${request.url()}`);
    });
    harbour.page = page;
    await page.goto(url + hash);
    await page.locator("#command-line").waitFor({ state: "attached" }).catch((error) => {
      throw new Error(["the page did not come up", ...harbour.complaints].join("\n"), { cause: error });
    });
    await page.waitForFunction(() => customElements.get("kobune-editor"));
    return harbour;
  }

  /** Ends the visit: nothing may have gone wrong in it. */
  async close() {
    const breaches = await this.page.evaluate(() => window.breaches);
    await this.context.close();
    assert.deepEqual([...this.complaints, ...breaches], []);
  }

  /** Sets how fast time runs: 1 to 1000. */
  async speed(times) {
    await this.page.locator(".transport select").selectOption(String(times));
  }

  /** Puts a text into the editor as a paste over everything that stood there. */
  async paste(text) {
    await this.page.locator("kobune-editor .cm-content").click();
    await this.page.keyboard.press("Control+a");
    await this.page.locator("kobune-editor .cm-content").evaluate((content, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", pasted);
      content.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true, composed: true }));
    }, text);
  }

  /** Types a command, and answers what it printed, once the prompt is back. */
  async run(line) {
    const input = this.page.locator("#command-line");
    await input.fill(line);
    const before = await this.blocks().count();
    await input.press("Enter");
    await this.blocks().nth(before).waitFor();
    return this.output(before);
  }

  /** What the command printed whose block has this index, once it is over. */
  async output(index) {
    await this.page.locator(".terminal .pane-head .chip").waitFor({ state: "detached" });
    return this.blocks()
      .nth(index)
      .evaluate((block) => [...block.querySelectorAll(":scope > span")].map((piece) => piece.textContent).join(""));
  }

  blocks() {
    return this.page.locator(".terminal .block");
  }

  /** Waits until exactly so many Pods of a Deployment are drawn as ready; answers their names. */
  async readyPods(deployment, count) {
    const ready = this.page.locator(`.picture .is-ready[aria-label^="${deployment}-"]`);
    const all = this.page.locator(`.picture [role=option][aria-label^="${deployment}-"]`);
    await this.until(
      async () => (await ready.count()) === count && (await all.count()) === count,
      `${count} ready Pods of ${deployment} in the picture`,
    );
    return ready.evaluateAll((marks) => marks.map((mark) => mark.getAttribute("aria-label").split(":")[0]).sort());
  }

  async until(met, what) {
    const end = Date.now() + PATIENCE;
    while (!(await met())) {
      assert.ok(Date.now() < end, `waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
