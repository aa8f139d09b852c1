//! `kubectl create namespace NAME`: a Namespace with nothing but its name.

use serde_json::json;

use super::super::verb::Verb;
use super::{SHARED, finish, name_of};
use crate::object::Kind;

pub(super) const NAMESPACE: Verb = Verb {
    name: "namespace",
    aliases: &["ns"],
    summary: "Create a namespace with the specified name",
    usage: "NAME [--dry-run=server|client|none]",
    examples: &[("Create a namespace named team-a", "kubectl create namespace team-a")],
    flags: SHARED,
    run: |call| {
        Box::pin(async move {
            let body = json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name_of(&call)?},
                "spec": {},
                "status": {},
            });
            finish(&call, Kind::Namespace, body, |failure| failure)
        })
    },
    ..Verb::BASE
};
