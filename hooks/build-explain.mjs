// Trunk's pre_build hook: builds what `kubectl explain` fetches into `static/generated/explain/`, one file a kind.
//
// The builder is our own binary (`cargo run -- explain build`): it has the texts from k8s-openapi, which never reach the
// page's code. It runs only when they or the builder changed.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const OUTPUT = "static/generated/explain";
const STAMP = "static/generated/explain.stamp";
const INPUTS = ["src/headless/explain/document.rs", "src/headless/explain/enums.txt", "Cargo.lock"];

const hash = createHash("sha256");
for (const path of INPUTS) hash.update(await readFile(join(path))).update("\0");
const stamp = hash.digest("hex");
const built = await readdir(OUTPUT).catch(() => []);
if (built.length === 0 || (await readFile(STAMP, "utf8").catch(() => "")) !== stamp) {
  await mkdir(OUTPUT, { recursive: true });
  const { status } = spawnSync("cargo", ["run", "--quiet", "--locked", "--", "explain", "build", OUTPUT], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  await writeFile(STAMP, stamp);
}
