//! `kubectl version`: of client and server. Models kubectl `pkg/cmd/version/version.go`.

use serde_json::{Value, json};

use super::call::Call;
use super::failure::Failure;
use super::verb::{Flag, Group, Outcome, Verb};
use crate::shell::LocalFuture;

/// The release that the sandbox simulates.
pub(super) const KUBERNETES: &str = "v1.36.2";

/// The kustomize that this kubectl has inside.
const KUSTOMIZE: &str = "v5.8.1";

/// The verb.
pub(super) static VERSION: Verb = Verb {
    name: "version",
    group: Group::Other,
    summary: "Print the client and server version information",
    details: &["Print the client and server version information for the current context."],
    usage: "version [--client] [--output=json|yaml] [flags]",
    examples: &[("Print the versions of client and server", "kubectl version")],
    flags: &[&[
        Flag::switch("client", "If true, shows client version only (no server required)."),
        Flag::text("output", "", "One of 'yaml' or 'json'.").letter('o'),
    ]],
    run,
    ..Verb::BASE
};

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { print(&call) })
}

fn print(call: &Call) -> Outcome {
    if !call.args().is_empty() {
        return Err(Failure::plain(format!("extra arguments: [{}]", call.args().join(" "))));
    }
    let client_only = call.flags.on("client");
    match call.flags.text("output") {
        "" => {
            call.line(format!("Client Version: {KUBERNETES}"))?;
            call.line(format!("Kustomize Version: {KUSTOMIZE}"))?;
            if client_only { Ok(()) } else { call.line(format!("Server Version: {KUBERNETES}")) }
        }
        "json" => call.line(pretty(&[
            ("clientVersion", Some(client_version())),
            ("kustomizeVersion", Some(json!(KUSTOMIZE))),
            ("serverVersion", (!client_only).then(server_version)),
        ])),
        "yaml" => Err(Failure::not_simulated("The output format yaml of version")),
        _ => Err(Failure::plain("--output must be 'yaml' or 'json'")),
    }
}

/// Fields of the versions in the order in which Go prints them.
fn client_version() -> Value {
    let mut fields = json!([["major", "1"], ["minor", "36"], ["gitVersion", KUBERNETES]]);
    add_build(&mut fields);
    fields
}

fn server_version() -> Value {
    let mut fields = json!([
        ["major", "1"],
        ["minor", "36"],
        ["emulationMajor", "1"],
        ["emulationMinor", "36"],
        ["minCompatibilityMajor", "1"],
        ["minCompatibilityMinor", "35"],
        ["gitVersion", KUBERNETES],
    ]);
    add_build(&mut fields);
    fields
}

/// What a build says of itself. *Differs:* nobody built this one; the values are placeholders of the right form.
fn add_build(fields: &mut Value) {
    let build = json!([
        ["gitCommit", "0000000000000000000000000000000000000000"],
        ["gitTreeState", "clean"],
        ["buildDate", "2026-04-01T00:00:00Z"],
        ["goVersion", "go1.26.0"],
        ["compiler", "gc"],
        ["platform", "linux/amd64"],
    ]);
    if let (Some(fields), Value::Array(build)) = (fields.as_array_mut(), build) {
        fields.extend(build);
    }
}

/// What `/version` answers.
pub(super) fn server_version_json() -> String {
    pairs(&server_version(), "")
}

/// An object with keys in the given order; the versions inside are lists of pairs for the same reason.
fn pretty(fields: &[(&str, Option<Value>)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| (name, value)))
        .map(|(name, value)| {
            let text = if value.is_array() { pairs(value, "  ") } else { value.to_string() };
            format!("  {name:?}: {text}")
        })
        .collect();
    format!("{{\n{}\n}}", fields.join(",\n"))
}

fn pairs(value: &Value, indent: &str) -> String {
    let lines: Vec<String> = value
        .as_array()
        .into_iter()
        .flatten()
        .map(|pair| format!("{indent}  {}: {}", pair[0], pair[1]))
        .collect();
    format!("{{\n{}\n{indent}}}", lines.join(",\n"))
}
