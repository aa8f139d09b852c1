// What the files of tests share: one browser a file, a test a visit, and axe-core over what is shown.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { start } from "./harbour.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** The parts of the picture are named by a sentence that says more than what is written on them. */
const LONGER_NAMES = "label-content-name-mismatch";

/** The browser and the host of the page; there from the first test on. */
export let host;
before(async () => {
  host = await start();
});
after(() => host.stop());

/** A test that visits the page. Closing it fails on any console error, exception, breach of the policy or foreign request. */
export function visit(name, options, steps) {
  test(name, async () => {
    const harbour = await host.open(options);
    await steps(harbour, harbour.page);
    await harbour.close();
  });
}

/** What axe-core finds wrong on the page, or in a part of it, a line each. */
export async function faults(page, part = null) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(
    async ([part, rule]) => {
      const all = await window.axe.run(part ?? document, { rules: { [rule]: { enabled: false } } });
      const names = await window.axe.run({ include: part ?? "body", exclude: [".picture"] }, { runOnly: [rule] });
      return [...all.violations, ...names.violations];
    },
    [part, LONGER_NAMES],
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(", ")}`);
}
