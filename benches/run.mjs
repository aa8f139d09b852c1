// Times the scenarios of `benches/scenarios.rs` in Node: CPU time of this process, each in a fresh one.
//
// usage: node benches/run.mjs MODULE   (what `wasm-bindgen --target nodejs` wrote)

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [module, index] = process.argv.slice(2);
const scenarios = createRequire(import.meta.url)(resolve(module));
const names = scenarios.scenarios().split("\n");

if (index === undefined) {
  for (const each of names.keys()) {
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), module, String(each)], { stdio: "inherit" });
  }
} else {
  scenarios.prepare(Number(index));
  const before = process.cpuUsage();
  const running = scenarios.run(Number(index));
  const { user, system } = process.cpuUsage(before);
  console.log(`${names[index]}\t${running}\t${Math.round((user + system) / 1000)}`);
}
