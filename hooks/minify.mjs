// Minifies what wasm-bindgen wrote: the glue of the module and the snippets beside it.

import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";

/** Minifies every script of a folder and its snippets; scripts that the page names with an integrity stay as they are. */
export async function minify(folder) {
  const page = await readFile(join(folder, "index.html"), "utf8");
  const sealed = [...page.matchAll(/src="\.\/(?<name>[^"]+)" integrity=/g)].map(({ groups }) => groups.name);
  const entries = await readdir(folder, { recursive: true });
  for (const name of entries.filter((entry) => entry.endsWith(".js") && !sealed.includes(entry))) {
    const path = join(folder, name);
    const { code } = await transform(await readFile(path, "utf8"), { minify: true, format: "esm", target: "es2022", legalComments: "none" });
    await writeFile(path, code);
  }
}
