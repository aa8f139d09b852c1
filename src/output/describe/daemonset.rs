//! What `kubectl describe` says of a DaemonSet. Models `describeDaemonSet`.

use k8s_openapi::api::apps::v1::{DaemonSetSpec, DaemonSetStatus};

use super::page::Page;
use super::replicaset::phases;
use super::{View, event, template};
use crate::object::Split;
use crate::output::columns::{format_selector, node_selector};

/// Writes the description.
pub(super) fn describe(
    page: &mut Page,
    view: &View<'_>,
    set: &Split<DaemonSetSpec, DaemonSetStatus>,
) {
    page.name(view.object);
    page.field(0, "Selector", format_selector(&set.spec.selector));
    let pod = set.spec.template.spec.as_ref();
    page.field(0, "Node-Selector", node_selector(pod.and_then(|pod| pod.node_selector.as_ref())));
    page.labels_and_annotations(view.object);
    let status = &set.status;
    for (what, count) in [
        ("Desired Number of Nodes Scheduled", status.desired_number_scheduled),
        ("Current Number of Nodes Scheduled", status.current_number_scheduled),
        (
            "Number of Nodes Scheduled with Up-to-date Pods",
            status.updated_number_scheduled.unwrap_or(0),
        ),
        ("Number of Nodes Scheduled with Available Pods", status.number_available.unwrap_or(0)),
        ("Number of Nodes Misscheduled", status.number_misscheduled),
    ] {
        page.line(0, format!("{what}: {count}"));
    }
    let [running, waiting, succeeded, failed] = phases(view);
    page.field(
        0,
        "Pods Status",
        format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed"),
    );
    template::describe(page, Some(&set.spec.template));
    event::table(page, view);
}
