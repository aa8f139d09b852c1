// Trunk's pre_build hook: bundles `editor/` with CodeMirror into `static/generated/editor.js`.
//
// The folder is ignored by git and not watched. The file is written only when its content changes.

import { mkdir, readFile, writeFile } from "node:fs/promises";

const OUTPUT = "static/generated/editor.js";

const esbuild = await import("esbuild").catch(() => {
  console.error("The editor's packages are missing. Run `./dev serve` or `npm ci`.");
  process.exit(1);
});

const { outputFiles } = await esbuild.build({
  entryPoints: ["editor/element.js"],
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
  minify: process.env.TRUNK_PROFILE !== "debug",
  legalComments: "none",
  banner: { js: "/* With CodeMirror 6, (c) Marijn Haverbeke and others, MIT licence: https://codemirror.net */" },
  logLevel: "warning",
});

const [{ text }] = outputFiles;
const before = await readFile(OUTPUT, "utf8").catch(() => null);
if (before !== text) {
  await mkdir("static/generated", { recursive: true });
  await writeFile(OUTPUT, text);
}
