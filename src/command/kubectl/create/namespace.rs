//! `kubectl create namespace NAME` and `serviceaccount NAME`: objects with nothing but their name.
//!
//! Models kubectl `pkg/cmd/create/create_namespace.go` and `create_serviceaccount.go`.

use serde_json::{Value, json};

use super::super::failure::Failure;
use super::super::verb::Verb;
use super::SHARED;
use super::generator::{Generator, generate};

pub(super) const NAMESPACE: Verb = Verb {
    name: "namespace",
    aliases: &["ns"],
    summary: "Create a namespace with the specified name",
    usage: "NAME [--dry-run=server|client|none]",
    examples: &[("Create a namespace named team-a", "kubectl create namespace team-a")],
    flags: SHARED,
    run: |call| generate(call, &NAMESPACES),
    ..Verb::BASE
};

pub(super) const SERVICE_ACCOUNT: Verb = Verb {
    name: "serviceaccount",
    aliases: &["sa"],
    summary: "Create a service account with the specified name",
    usage: "NAME [--dry-run=server|client|none]",
    examples: &[("Create a service account named bot", "kubectl create serviceaccount bot")],
    flags: SHARED,
    run: |call| generate(call, &SERVICE_ACCOUNTS),
    ..Verb::BASE
};

static NAMESPACES: Generator = Generator {
    group: "",
    kind: "Namespace",
    required: &[],
    make: |_, name, body| {
        body["spec"] = json!({});
        body["status"] = json!({});
        named(name)
    },
    refused: "",
};

static SERVICE_ACCOUNTS: Generator = Generator {
    group: "",
    kind: "ServiceAccount",
    required: &[],
    make: |_, name, _: &mut Value| named(name),
    refused: "failed to create serviceaccount: ",
};

fn named(name: &str) -> Result<(), Failure> {
    if name.is_empty() { Err(Failure::plain("name must be specified")) } else { Ok(()) }
}
