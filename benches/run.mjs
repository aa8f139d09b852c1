// Times the scenarios of `benches/scenarios.rs` in Node: CPU time of this process with all its threads, each in a fresh
// one, and again once the engine has compiled what it wants to.
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
  const times = [];
  let running;
  for (let round = 0; round < 2; round++) {
    scenarios.prepare(Number(index));
    const before = process.cpuUsage();
    running = scenarios.run(Number(index));
    const { user, system } = process.cpuUsage(before);
    times.push(Math.round((user + system) / 1000));
    // The engine compiles on threads of its own, and may not have finished.
    await new Promise((done) => setTimeout(done, 500));
  }
  console.log([names[index], running, ...times].join("\t"));
}
