// What the page fetches only when somebody first touches it: the functions of the wasm's second part, by their paths.
//
// In the first part stays what the page shows by itself (the picture, the editor, the clock) and the everyday of a cluster:
// Pods, ReplicaSets, Deployments, Services, `kubectl apply`, `get` and `delete`. What only functions of the second part call
// follows them by itself. A path in the wrong list makes the second part come early or the first one heavier, never a wrong
// result; `tests/size.mjs` prints what either weighs.

/** Paths below `kobune::` that can wait... */
const LATER = new RegExp([
  "app::panel::lesson", "archive", "bash::arithmetic", "cluster::(exec|load|request)", "command",
  "controller::(cronjob|daemon|definition|disruption|history|job|namespace|podautoscaler|resourcequota|statefulset|volume)",
  "engine::script", "journal::save", "kubelet::(eviction|exec)", "lesson::(check|read)", "network::route",
  "object::(cron|internal|metrics|storage|usage|value)", "object::custom::(cel|format|schema|validate)",
  "output::(describe|diff|explain|gotemplate|jsonpath|kyaml|yaml)",
  "output::columns::(autoscaler|controller_revision|custom|daemonset|endpoint_slice|endpoints|ingress|job|lease|quota|role|stateful_set|storage)",
  "store::(authorize|server_apply)", "text", "view::diagnostics::(foreign|place|refusal|reindent|syntax|traps|wide)",
].map((path) => `kobune::${path}::`).join("|"));

/** ... but for these. */
const FIRST = new RegExp([
  "command::files", "command::tool",
  `command::kubectl::(${["apply", "call", "change", "common", "delete", "fields", "first_argument", "flags", "get(?!::(part|raw))", "kinds", "kubeconfig", "manifests", "record", "resource", "scale", "server", "start", "subcommand", "verb"].join("|")})`,
  "controller::(\\w+::)+(\\w+_)?keys", // Asked at every change.
  "object::value::(endpoints|look|priority_class|role|rules|storage_class)", // A fresh cluster has them.
  "store::authorize::check",
].map((path) => `kobune::${path}::`).join("|"));

/** Whether the function of this name belongs to the second part. */
export const isLater = (name) => LATER.test(name) && !FIRST.test(name);
