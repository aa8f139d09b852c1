// The first load of the built page, all of it, as a host with gzip sends it; and the budget it must keep. What the page
// fetches only when it is asked for (`ON_DEMAND`) is listed and not counted; a test in the browser (`lessons.test.mjs`)
// watches that none of it comes before.
//
// usage: node tests/size.mjs [--table] FOLDER

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

// What the first load may weigh, in bytes.
const BUDGET = 1_100_000;

const ON_DEMAND = /^(lessons|explain)\/|^later\.wasm$/;

const args = process.argv.slice(2);
const asTable = args[0] === "--table";
const folder = args.at(-1);

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .map((path) => {
    const bytes = readFileSync(path);
    // The hash in a name changes with every build; the table should not.
    const name = path.slice(folder.length + 1).replace(/-[0-9a-f]{12,16}(?=[._])/, "");
    return { name, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
  })
  .sort((a, b) => b.gzip - a.gzip);
const first = files.filter(({ name }) => !ON_DEMAND.test(name));
const later = files.filter(({ name }) => ON_DEMAND.test(name));
const all = first.reduce((sum, { raw, gzip }) => ({ name: "all", raw: sum.raw + raw, gzip: sum.gzip + gzip }), { raw: 0, gzip: 0 });

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const [left, right] = asTable ? ["| ", " |"] : ["", ""];
const row = (name, raw, gzip) => console.log(left + [name.padEnd(24), raw.padStart(10), gzip.padStart(10)].join(asTable ? " | " : "  ") + right);
row("first load", "raw", "gzip");
if (asTable) console.log("| --- | ---: | ---: |");
for (const { name, raw, gzip } of [...first, all, ...later.map((file) => ({ ...file, name: `(${file.name})` }))]) row(name, kilobytes(raw), kilobytes(gzip));

if (all.gzip > BUDGET) {
  console.log(`over the budget of ${kilobytes(BUDGET)} by ${kilobytes(all.gzip - BUDGET)}`);
  process.exit(1);
}
