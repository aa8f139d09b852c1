// Packs the wasm of a built page with LZMA, and lets the page unpack it.
//
// A static host compresses with gzip at best, which sees 32 kB back; LZMA sees the whole module. Measured: 23 % less to
// load for about 0.15 s of unpacking, in a worker, by 3 kB of JavaScript. The loader that Trunk wrote keeps its shape: it is
// handed the bytes instead of an address.

import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { compress } from "lzma1";
import { writeHashed } from "./hashed.mjs";
import { unpack } from "./unpack.mjs";

/** The library's mode with a window of 8 MiB, more than the module has bytes. */
const MODE = 7;

/** Replaces what must be there: Trunk's page might change with its next version. */
function replaced(page, from, to) {
  if (!page.includes(from)) throw new Error(`the built page lost ${from}: nothing to unpack the wasm with`);
  return page.replaceAll(from, to);
}

/** Packs every wasm in the folder and names the packed one in the page. */
export async function pack(folder) {
  const loader = await loaderOf(folder, await unpacker(folder));
  const path = join(folder, "index.html");
  let page = await readFile(path, "utf8");
  for (const name of (await readdir(folder)).filter((name) => name.endsWith("_bg.wasm"))) {
    const bytes = await readFile(join(folder, name));
    const packed = compress(bytes, MODE);
    if (Buffer.compare(unpack(packed), bytes) !== 0) throw new Error(`${name} is not itself again after unpacking`);
    await writeFile(join(folder, `${name}.lzma`), packed);
    await rm(join(folder, name));
    page = replaced(page, `module_or_path: './${name}'`, `module_or_path: load('./${name}.lzma')`);
    const hint = (file) => `href="./${file}" crossorigin="anonymous" as="fetch"`;
    page = replaced(page, `${hint(name)} type="application/wasm"`, hint(`${name}.lzma`));
    page = replaced(page, "\nimport init,", `\nimport { load } from './${loader}';\nimport init,`);
  }
  await writeFile(path, page);
}

/** Writes what the page loads the wasm with, and answers its name. */
async function loaderOf(folder, unpacker) {
  const code = replaced(await readFile("hooks/wasm/load.mjs", "utf8"), '"UNPACKER"', `"./${unpacker}"`);
  return writeHashed(folder, "load", "js", (await transform(code, { minify: true })).code);
}

/** Writes what unpacks, and answers its name. */
async function unpacker(folder) {
  const { outputFiles } = await build({
    entryPoints: ["hooks/wasm/unpack.mjs"],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    minify: true,
    banner: { js: "/* With lzma1, (c) Filip Seman, MIT licence: https://github.com/xseman/lzma1 */" },
    logLevel: "warning",
  });
  return writeHashed(folder, "unpack", "js", outputFiles[0].contents);
}
