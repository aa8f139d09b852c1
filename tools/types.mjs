// Writes `src/manifest/types.txt`, the table of Kubernetes' types, from upstream's Go sources:
//
//     node tools/types.mjs FOLDER > src/manifest/types.txt
//
// FOLDER holds `api`, `apimachinery` and `apiextensions-apiserver` of k8s.io, in the version that `Cargo.toml` names for
// k8s-openapi; `cargo test --test types` proves that both say the same. The form is told in `src/manifest/types.rs`.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);

/** The table's packages: their word, their folder. */
const PACKAGES = [
  ["meta", "apimachinery/pkg/apis/meta/v1"],
  ["core", "api/core/v1"],
  ["apps", "api/apps/v1"],
  ["autoscaling", "api/autoscaling/v2"],
  ["autoscaling1", "api/autoscaling/v1"],
  ["batch", "api/batch/v1"],
  ["coordination", "api/coordination/v1"],
  ["discovery", "api/discovery/v1"],
  ["events", "api/events/v1"],
  ["networking", "api/networking/v1"],
  ["policy", "api/policy/v1"],
  ["rbac", "api/rbac/v1"],
  ["scheduling", "api/scheduling/v1"],
  ["storage", "api/storage/v1"],
  ["apiextensions", "apiextensions-apiserver/pkg/apis/apiextensions/v1"],
];

/** What Go's packages are called where a type is used: the word before the dot in the importing file. */
const IMPORTS = { metav1: "meta", v1: "core", corev1: "core", apiv1: "core" };

/** Types that read themselves, and what each is called in the table. */
const SCALARS = {
  "meta.Time": "Time",
  "meta.MicroTime": "MicroTime",
  "meta.FieldsV1": "any",
  "resource.Quantity": "Quantity",
  "intstr.IntOrString": "IntOrString",
  "runtime.RawExtension": "any",
  "types.UID": "types.UID",
  "apiextensions.JSON": "any",
  "apiextensions.JSONSchemaPropsOrBool": "any",
  "apiextensions.JSONSchemaPropsOrArray": "any",
  "apiextensions.JSONSchemaPropsOrStringArray": "any",
  byte: "byte",
};

const structs = new Map();
const named = new Map();

for (const [word, path] of PACKAGES) {
  const files = ["types.go"];
  if (word === "apiextensions") files.push("types_jsonschema.go");
  for (const file of files) read(word, readFileSync(join(folder, path, file), "utf8"));
}

function read(word, text) {
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    // Types stand alone or in a `type (...)` block, one tab further in.
    const struct = /^(?:type |\t)(\w+) struct \{$/.exec(lines[at]);
    if (struct) {
      const fields = [];
      for (at++; !/^\t?\}/.test(lines[at]); at++) fields.push(...field(word, lines[at]));
      structs.set(`${word}.${struct[1]}`, fields);
      continue;
    }
    const empty = /^type (\w+) struct ?\{\}/.exec(lines[at]);
    if (empty) structs.set(`${word}.${empty[1]}`, []);
    const alias = /^(?:type |\t)(\w+) (=? ?)((?:\[\]|map\[\w+\])*[\w.]+)$/.exec(lines[at].replace(/ \/\/.*$/, ""));
    if (alias && !["interface", "struct"].includes(alias[3])) {
      named.set(`${word}.${alias[1]}`, { is: qualify(word, alias[3]), same: alias[2] !== "" });
    }
  }
}

function field(word, line) {
  const match = /^\s+(?:(\w+)\s+)?(\S+)\s+`([^`]*json:"[^`]*)`/.exec(line);
  if (!match) return [];
  const [, go, type, tags] = match;
  const tag = (name) => new RegExp(`(?:^| )${name}:"([^"]*)"`).exec(tags)?.[1];
  const [json, ...options] = tag("json").split(",");
  if (json === "-") return [];
  const strategies = tag("patchStrategy")?.split(",") ?? [];
  return [
    {
      go: go ?? type.replace(/^.*\./, ""),
      json,
      inline: options.includes("inline") || json === "",
      omitempty: options.includes("omitempty"),
      omitzero: options.includes("omitzero"),
      type: qualify(word, type),
      merge: strategies.includes("merge"),
      replace: strategies.includes("replace"),
      retain: strategies.includes("retainKeys"),
      key: tag("patchMergeKey"),
    },
  ];
}

/** A Go type with the table's packages: `[]v1.Toleration` as `[]core.Toleration`. */
function qualify(word, type) {
  return type.replace(/(?:(\w+)\.)?(\w+)$/, (whole, from, name) => {
    if (!from) return /^(string|bool|int|int32|int64|float64|byte|any)$/.test(name) ? name : `${word}.${name}`;
    return IMPORTS[from] ? `${IMPORTS[from]}.${name}` : whole;
  });
}

/** The struct or the named type at the heart of a type: `core.Volume` of `[]core.Volume`. */
const heart = (type) => type.replace(/^(\*|\[\]|map\[[^\]]+\])+/, "");

/** Whether Go's encoder leaves out an empty value; with `omitempty` alone it keeps structs. */
function leftOut({ type, omitempty, omitzero }) {
  const name = named.get(type)?.is ?? type;
  const struct = structs.has(name) || ["Time", "MicroTime", "Quantity", "IntOrString", "any"].includes(SCALARS[name]);
  return omitzero || (omitempty && !struct);
}

const reached = new Set();
function reach(name) {
  if (reached.has(name) || SCALARS[name]) return;
  reached.add(name);
  if (named.has(name)) reach(heart(named.get(name).is));
  for (const { type } of structs.get(name) ?? []) reach(heart(type));
}
for (const [name, fields] of structs) {
  const is = (type) => fields.some((field) => field.inline && field.type === type);
  const whole = is("meta.TypeMeta") && fields.some((field) => field.type === "meta.ObjectMeta");
  if (whole && !name.startsWith("meta.")) reach(name);
}
reach("core.Binding");

for (const [word] of PACKAGES) {
  const own = [...reached].filter((name) => name.startsWith(`${word}.`)).sort();
  const texts = own.filter((name) => named.has(name));
  const plain = (type) => {
    const name = heart(type);
    const is = SCALARS[name] ?? (named.get(name)?.same ? named.get(name).is : name);
    return type.replace(name, () => is.replace(`${word}.`, ""));
  };
  console.log(`package ${word}`);
  for (const name of texts.filter((name) => !named.get(name).same)) {
    console.log(`type ${name.slice(word.length + 1)} ${plain(named.get(name).is)}`);
  }
  for (const name of own.filter((name) => structs.has(name))) {
    console.log(`struct ${name.slice(word.length + 1)}`);
    for (const field of structs.get(name)) {
      if (field.inline) {
        console.log(`+ ${plain(field.type)}`);
        continue;
      }
      const capital = field.json[0].toUpperCase() + field.json.slice(1);
      const words = [field.json + (leftOut(field) ? "?" : ""), plain(field.type)];
      if (field.go !== capital) words.push(`go=${field.go}`);
      if (field.merge) words.push(`merge=${field.key ?? ""}`);
      if (field.replace) words.push("replace");
      if (field.retain) words.push("retain");
      console.log(words.join(" "));
    }
  }
}
