//! Questions about permissions that are sent as objects: `SelfSubjectAccessReview`, `SubjectAccessReview`,
//! `LocalSubjectAccessReview`. The API server answers them and keeps nothing.
//!
//! Models kubernetes `pkg/registry/authorization`. *Differs:* fields are not checked; why something is allowed is not told.

use serde_json::{Value, json};

use super::call::Call;
use crate::manifest::Node;
use crate::object::value::look::{at, text, texts};
use crate::store::{Access, User};

const API_VERSION: &str = "authorization.k8s.io/v1";

const KINDS: [&str; 3] =
    ["SelfSubjectAccessReview", "SubjectAccessReview", "LocalSubjectAccessReview"];

/// Whether a document is such a question.
pub(super) fn is_one(node: &Node) -> bool {
    let of = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
    of("apiVersion") == API_VERSION && KINDS.contains(&of("kind"))
}

/// As kubectl names what has no name.
pub(super) fn name(review: &Value) -> String {
    format!("{}.authorization.k8s.io/<unknown>", text(review, "kind").to_lowercase())
}

/// The question with its answer in the status.
pub(super) fn answer(call: &Call, mut review: Value) -> Value {
    let spec = at(&review, &["spec"]);
    let user = if text(&review, "kind") == "SelfSubjectAccessReview" {
        call.user().unwrap_or_else(User::admin)
    } else {
        let groups: Vec<String> = texts(spec, "groups").map(str::to_owned).collect();
        User::new(text(spec, "user"), &groups)
    };
    let resource = at(spec, &["resourceAttributes"]);
    let subresource = text(resource, "subresource");
    let slash = if subresource.is_empty() { "" } else { "/" };
    let plural = format!("{}{slash}{subresource}", text(resource, "resource"));
    let url = at(spec, &["nonResourceAttributes"]);
    let access = if url.is_object() {
        Access::Path { verb: text(url, "verb"), path: text(url, "path") }
    } else {
        Access::Resource {
            verb: text(resource, "verb"),
            group: text(resource, "group"),
            resource: &plural,
            namespace: text(resource, "namespace"),
            name: text(resource, "name"),
        }
    };
    let allowed = call.read(|store| store.may(&user, &access));
    review["status"] = json!({ "allowed": allowed });
    review
}
