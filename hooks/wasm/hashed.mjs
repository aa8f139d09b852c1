// Writes files whose names change with what is in them, so that caches may keep them for ever.

import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes `later-0123456789abcdef.js`; answers the name. */
export async function writeHashed(folder, start, kind, contents) {
  const name = `${start}-${createHash("sha256").update(contents).digest("hex").slice(0, 16)}.${kind}`;
  await writeFile(join(folder, name), contents);
  return name;
}
