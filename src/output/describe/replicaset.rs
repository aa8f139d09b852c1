//! What `kubectl describe` says of a ReplicaSet. Models `describeReplicaSet`.

use k8s_openapi::api::apps::v1::{ReplicaSetSpec, ReplicaSetStatus};

use super::page::Page;
use super::{View, event, template};
use crate::object::{Body, Split};
use crate::output::columns::format_selector;

/// Writes the description.
pub(super) fn describe(
    page: &mut Page,
    view: &View<'_>,
    set: &Split<ReplicaSetSpec, ReplicaSetStatus>,
) {
    page.name(view.object);
    page.field(0, "Selector", format_selector(&set.spec.selector));
    page.labels_and_annotations(view.object);
    page.controlled_by(view.object);
    let wanted = set.spec.replicas.unwrap_or(0);
    page.field(0, "Replicas", format!("{} current / {wanted} desired", set.status.replicas));
    let [running, waiting, succeeded, failed] = phases(view);
    page.field(
        0,
        "Pods Status",
        format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed"),
    );
    template::describe(page, set.spec.template.as_ref());
    let conditions = set.status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tReason");
        page.line(1, "----\t------\t------");
        for condition in conditions {
            let reason = condition.reason.as_deref().unwrap_or_default();
            page.line(1, format!("{} \t{}\t{reason}", condition.type_, condition.status));
        }
    }
    event::table(page, view);
}

/// How many Pods of the controller are running, waiting, succeeded, failed (`getPodStatusForController`).
pub(super) fn phases(view: &View<'_>) -> [usize; 4] {
    let mut counts = [0; 4];
    for object in view.store.owned_by(view.object.uid()) {
        let Body::Pod(pod) = &object.body else { continue };
        let place = match pod.status.phase.as_deref() {
            Some("Running") => 0,
            Some("Pending") => 1,
            Some("Succeeded") => 2,
            Some("Failed") => 3,
            _ => continue,
        };
        counts[place] += 1;
    }
    counts
}
