//! `kubectl create serviceaccount NAME`: a ServiceAccount with nothing but its name.

use serde_json::json;

use super::super::verb::Verb;
use super::{SHARED, failed_to_create, finish, name_of};
use crate::object::Kind;

pub(super) const SERVICE_ACCOUNT: Verb = Verb {
    name: "serviceaccount",
    aliases: &["sa"],
    summary: "Create a service account with the specified name",
    usage: "NAME [--dry-run=server|client|none]",
    examples: &[("Create a service account named bot", "kubectl create serviceaccount bot")],
    flags: SHARED,
    run: |call| {
        Box::pin(async move {
            let body = json!({
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": name_of(&call)?},
            });
            finish(&call, Kind::ServiceAccount, body, failed_to_create("serviceaccount"))
        })
    },
    ..Verb::BASE
};
