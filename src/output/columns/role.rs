//! `NAME ROLE AGE` of the bindings of roles; roles themselves have but a name and a time. Models `printRoleBinding`
//! and `printClusterRoleBinding`.

use serde_json::Value;

use super::{Cell, Columns, always, created, name, wide};
use crate::object::Object;
use crate::object::value::look::text;
use crate::time::Time;

pub(super) const BINDING: Columns = Columns {
    columns: &[
        always("Name"),
        always("Role"),
        always("Age"),
        wide("Users"),
        wide("Groups"),
        wide("ServiceAccounts"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let role = body.field("roleRef");
    let subjects = body.field("subjects").as_array().map(Vec::as_slice).unwrap_or_default();
    vec![
        name(object),
        format!("{}/{}", text(role, "kind"), text(role, "name")).into(),
        created(object, now),
        of_kind(subjects, "User").into(),
        of_kind(subjects, "Group").into(),
        of_kind(subjects, "ServiceAccount").into(),
    ]
}

/// The names of the subjects of a kind (`extractSubjects`).
fn of_kind(subjects: &[Value], kind: &str) -> String {
    let names: Vec<String> = subjects
        .iter()
        .filter(|subject| text(subject, "kind") == kind)
        .map(|subject| match kind {
            "ServiceAccount" => format!("{}/{}", text(subject, "namespace"), text(subject, "name")),
            _ => text(subject, "name").to_owned(),
        })
        .collect();
    names.join(", ")
}
