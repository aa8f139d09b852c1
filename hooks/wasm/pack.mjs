// Packs the wasm of a built page with `crates/pack`, and lets the page unpack it.
//
// A static host compresses with gzip at best, which knows nothing of wasm. The page fetches the packed wasm and, beside it,
// the unpacker, a small wasm of its own; the module is unpacked and compiled while it still arrives. The loader that Trunk
// wrote keeps its shape: it is handed an answer instead of an address.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { parse, write } from "./module.mjs";
import { unpacked } from "./unpack.mjs";

const TARGET = "target/pack";

/** Packs every wasm in the folder and names the packed one in the page. */
export async function pack(folder) {
  cargo("build");
  cargo("build", "--target", "wasm32-unknown-unknown");
  const program = await readFile(`${TARGET}/wasm32-unknown-unknown/release/kobune-pack.wasm`);
  const unpacker = withoutNames(program);
  const wasm = await written(folder, "wasm", unpacker);
  const { code } = await transform(await readFile("hooks/wasm/unpack.mjs", "utf8"), { minify: true, target: "es2022" });
  const script = await written(folder, "js", code);

  const path = join(folder, "index.html");
  let page = await readFile(path, "utf8");
  for (const name of (await readdir(folder)).filter((name) => name.endsWith("_bg.wasm"))) {
    const from = join(folder, name);
    run(`${TARGET}/release/kobune-pack`, from, `${from}.packed`);
    await check(unpacker, await readFile(`${from}.packed`), await readFile(from));
    await rm(from);
    page = replaced(page, `module_or_path: './${name}'`, `module_or_path: load('./${name}.packed', './${wasm}')`);
    const hint = (file) => `href="./${file}" crossorigin="anonymous" as="fetch"`;
    page = replaced(page, `<link rel="preload" ${hint(name)} type="application/wasm">`, `<link rel="preload" ${hint(`${name}.packed`)}><link rel="preload" ${hint(wasm)}>`);
    page = replaced(page, "\nimport init,", `\nimport { load } from './${script}';\nimport init,`);
  }
  await writeFile(path, page);
}

/** Makes sure that what the page will run gives the same bytes, in pieces as a network brings them. */
async function check(unpacker, packed, module) {
  const pieces = new Blob([packed]).stream();
  const { instance } = await WebAssembly.instantiate(unpacker);
  const bytes = await new Response(unpacked(pieces, instance.exports)).arrayBuffer();
  if (Buffer.compare(Buffer.from(bytes), module) !== 0) throw new Error("the wasm is not itself again after unpacking");
}

/** The module without what only tools read. */
function withoutNames(bytes) {
  const module = parse(bytes);
  return write(module, [...module.bodies.keys()]);
}

/** Writes a file under a name that changes with it. */
async function written(folder, kind, contents) {
  const name = `unpack-${createHash("sha256").update(contents).digest("hex").slice(0, 16)}.${kind}`;
  await writeFile(join(folder, name), contents);
  return name;
}

/** Replaces what must be there: Trunk's page might change with its next version. */
function replaced(page, from, to) {
  if (!page.includes(from)) throw new Error(`the built page lost ${from}: nothing to unpack the wasm with`);
  return page.replaceAll(from, to);
}

function cargo(...args) {
  run("cargo", ...args, "--quiet", "--release", "--locked", "--package", "kobune-pack", "--target-dir", TARGET);
}

function run(program, ...args) {
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${program} failed`);
}
