//! What `kubectl describe` says of a ReplicationController. Models `describeReplicationController`.

use super::page::Page;
use super::replicaset::phases;
use super::{View, event, template};
use crate::object::ValueBody;
use crate::object::value::look::{list, number, text};
use crate::output::table;

/// Writes the description.
pub(super) fn describe(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    page.name(view.object);
    page.field(0, "Selector", table::labels(body.selector().match_labels.as_ref()));
    page.labels_and_annotations(view.object);
    let wanted = number(body.spec(), "replicas").unwrap_or(0);
    let current = number(&body.status, "replicas").unwrap_or(0);
    page.field(0, "Replicas", format!("{current} current / {wanted} desired"));
    let [running, waiting, succeeded, failed] = phases(view);
    page.field(
        0,
        "Pods Status",
        format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed"),
    );
    template::describe(page, body.template().as_ref());
    let conditions = list(&body.status, "conditions");
    if !conditions.is_empty() {
        page.line(0, "Conditions:\n  Type\tStatus\tReason");
        page.line(1, "----\t------\t------");
    }
    for condition in conditions {
        let [kind, status, reason] =
            ["type", "status", "reason"].map(|field| text(condition, field));
        page.line(1, format!("{kind} \t{status}\t{reason}"));
    }
    event::table(page, view);
}
