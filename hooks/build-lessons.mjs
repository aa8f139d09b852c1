// Trunk's pre_build hook: builds `lessons/` into `static/generated/lessons/`, one small file a lesson.
//
// The builder is our own binary (`cargo run -- lessons build`), so Markdown is read natively and its reader never
// reaches the page. It runs only when a lesson or the builder changed: what they were is kept beside the output. A fault
// in a lesson fails the build with its file and line.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const OUTPUT = "static/generated/lessons";
const STAMP = "static/generated/lessons.stamp";
const INPUTS = ["lessons", "src/lesson", "src/headless/lessons", "src/manifest", "Cargo.lock"];

async function files(path) {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
  if (!entries) return [path];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort();
}

const hash = createHash("sha256");
for (const path of (await Promise.all(INPUTS.map(files))).flat()) {
  hash.update(`${path}\0`).update(await readFile(path)).update("\0");
}
const stamp = hash.digest("hex");
const built = await readdir(OUTPUT).catch(() => []);
if (built.length === 0 || (await readFile(STAMP, "utf8").catch(() => "")) !== stamp) {
  await mkdir(OUTPUT, { recursive: true });
  const { status } = spawnSync("cargo", ["run", "--quiet", "--locked", "--", "lessons", "build", OUTPUT], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  await writeFile(STAMP, stamp);
}
