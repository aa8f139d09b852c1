// Puts the Content-Security-Policy into the built page.
//
// Static hosts send no headers of ours, so the policy stands in a <meta>, first in <head>. Only what the page was
// built with may run: its own files, and the inline scripts that Trunk wrote, each by its hash. No other origin, no
// inline style, no eval; WebAssembly is allowed to compile.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes the policy into the page of a folder, over the scripts that stand in it now. */
export async function addPolicy(folder) {
  const path = join(folder, "index.html");
  const page = await readFile(path, "utf8");

  const hashes = [...page.matchAll(/<script(?<attributes>[^>]*)>(?<code>[^]*?)<\/script>/g)]
    .filter(({ groups }) => !/\ssrc=/.test(groups.attributes))
    .map(({ groups }) => `'sha256-${createHash("sha256").update(groups.code).digest("base64")}'`);

  const policy = [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${hashes.join(" ")}`,
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

  // After <meta charset>, which must be among the first bytes; before everything that loads.
  const place = /<meta charset="utf-8"\s*\/?>/;
  if (!place.test(page)) {
    throw new Error("static/index.html lost its <meta charset=\"utf-8\">: no place for the policy");
  }
  await writeFile(path, page.replace(place, (meta) => `${meta}<meta http-equiv="Content-Security-Policy" content="${policy}">`));
}
