// Writes `src/headless/explain/enums.txt`, what fields of Kubernetes' types may say, from upstream's Go sources:
//
//     node tools/enums.mjs FOLDER > src/headless/explain/enums.txt
//
// FOLDER holds `api` and `apimachinery` of k8s.io, as for `types.mjs`. The server's OpenAPI knows a type's values where its
// comment says `+enum`; k8s-openapi does not carry them. A line is `enum NAME` with its values below it, in JSON with what
// is said of them, or `field DEFINITION NAME ENUM`. Models kube-openapi `pkg/generators/enum.go`.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);

const packages = [["meta", "apimachinery/pkg/apis/meta/v1", "io.k8s.apimachinery.pkg.apis.meta.v1"]];
for (const group of readdirSync(join(folder, "api"))) {
  for (const version of ["v1", "v2"]) {
    const path = `api/${group}/${version}`;
    if (existsSync(join(folder, path, "types.go"))) packages.push([`${group}${version}`, path, `io.k8s.api.${group}.${version}`]);
  }
}
const IMPORTS = { metav1: "meta", v1: "corev1", corev1: "corev1", apiv1: "corev1" };

const enums = new Map();
const fields = [];
for (const [word, path, definition] of packages) {
  const lines = readFileSync(join(folder, path, "types.go"), "utf8").split("\n");
  let comments = [];
  let struct = "";
  for (const line of lines) {
    const text = line.trim();
    if (text.startsWith("//")) {
      comments.push(text.slice(2).replace(/^ /, ""));
      continue;
    }
    const type = text.match(/^type (\w+) string/);
    const value = text.match(/^(\w+)\s+(\w+)\s*=\s*"([^"]*)"/);
    const typed = text.match(/^(?:const )?(\w+)\s+=\s*(\w+)\("([^"]*)"\)/);
    const begin = text.match(/^type (\w+) struct/);
    const field = struct && text.match(/^\w+\s+\*?([\w.]+)\s+`json:"(\w+)/);
    if (type && comments.some((comment) => comment.trim() === "+enum")) enums.set(`${word}.${type[1]}`, new Map());
    if (value || typed) {
      const [name, of, said] = value ? value.slice(1) : typed.slice(1);
      // Lines that are meant for generators describe nothing; the constant's name in front says nothing.
      let shown = comments.filter((comment) => !comment.trim().startsWith("+")).join(" ").trim();
      if (shown.startsWith(name)) shown = shown.slice(name.length);
      shown = shown.replace(/\s+/g, " ").trim();
      const values = enums.get(`${word}.${of}`);
      if (values && !(values.get(said)?.length > shown.length)) values.set(said, shown);
    }
    if (begin) struct = begin[1];
    if (text === "}") struct = "";
    if (field) fields.push([`${definition}.${struct}`, field[2], field[1], word]);
    comments = [];
  }
}

const out = [];
for (const [name, values] of [...enums].sort(([a], [b]) => (a < b ? -1 : 1))) {
  out.push(`enum ${name}`);
  for (const [value, comment] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
    out.push(JSON.stringify(comment ? [value, comment] : [value]));
  }
}
for (const [definition, name, type, word] of fields) {
  const [before, after] = type.split(".");
  const of = after ? `${IMPORTS[before] ?? `${before}`}.${after}` : `${word}.${before}`;
  if (enums.get(of)?.size) out.push(`field ${definition} ${name} ${of}`);
}
process.stdout.write(`${out.join("\n")}\n`);
