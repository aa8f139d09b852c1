// Times the scenarios of `benches/scenarios.rs` in Node: CPU time of this process with all its threads, each in a fresh
// one; of it the main thread, which is what a page feels; and all again once the engine has compiled what it wants to.
//
// Columns: scenario, Pods running, CPU ms, of it the main thread, CPU ms once compiled.
//
// usage: node benches/run.mjs MODULE   (what `wasm-bindgen --target nodejs` wrote)

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** CPU time of this thread in nanoseconds; only Linux tells. */
const SCHEDSTAT = "/proc/thread-self/schedstat";
const thread = () => (existsSync(SCHEDSTAT) ? Number(readFileSync(SCHEDSTAT, "utf8").split(" ")[0]) : NaN);

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
    const [before, begun] = [process.cpuUsage(), thread()];
    running = scenarios.run(Number(index));
    const ended = thread();
    const { user, system } = process.cpuUsage(before);
    times.push(Math.round((user + system) / 1000));
    if (round === 0) times.push(Math.round((ended - begun) / 1e6));
    // The engine compiles on threads of its own, and may not have finished.
    await new Promise((done) => setTimeout(done, 500));
  }
  console.log([names[index], running, ...times].join("\t"));
}
