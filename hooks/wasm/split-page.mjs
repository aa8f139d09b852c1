// Splits the wasm of a built page in two (`split.mjs`, `parts.mjs`) and lets the page fetch the second when it is needed.

import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeHashed } from "./hashed.mjs";
import { parse } from "./module.mjs";
import { isLater } from "./parts.mjs";
import { split } from "./split.mjs";

/** Splits the page's wasm. The second part gets a name that changes with it. */
export async function splitPage(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith("_bg.wasm"));
  for (const name of names) {
    const { first, second } = split(parse(await readFile(join(folder, name))), isLater);
    for (const part of [first, second]) if (!WebAssembly.validate(part)) throw new Error(`${name} is no valid module any more`);
    await writeFile(join(folder, name), first);
    const later = await writeHashed(folder, "later", "wasm", second);
    const script = await writeHashed(folder, "later", "js", await readFile("hooks/wasm/later.mjs"));
    const glue = join(folder, name.replace("_bg.wasm", ".js"));
    await writeFile(glue, linked(await readFile(glue, "utf8"), script, later));
  }
}

/** What wasm-bindgen wrote, handing the second part to the first. */
function linked(glue, script, part) {
  const from = "const imports = __wbg_get_imports();";
  if (!glue.includes(from)) throw new Error(`wasm-bindgen's script lost \`${from}\`: nowhere to hand over the second part`);
  const imports = "const imports = { ...__wbg_get_imports(), later: { load: () => link(wasm) } };";
  return `import { fetchWhenTouched, link } from "./${script}";\nfetchWhenTouched(new URL("${part}", import.meta.url));\n${glue.replaceAll(from, imports)}`;
}
