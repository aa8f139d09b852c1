//! `NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE-SELECTOR AGE` of DaemonSets. Models `printDaemonSet`.

use super::{Cell, Columns, NONE, always, containers, created, format_selector, name, wide};
use crate::object::{Body, Object};
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[
        always("Name"),
        always("Desired"),
        always("Current"),
        always("Ready"),
        always("Up-to-date"),
        always("Available"),
        always("Node Selector"),
        always("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::DaemonSet(set) = &object.body else { return Vec::new() };
    let pod = set.spec.template.spec.as_ref();
    let (names, images) = containers(pod);
    let status = &set.status;
    vec![
        name(object),
        status.desired_number_scheduled.to_string().into(),
        status.current_number_scheduled.to_string().into(),
        status.number_ready.to_string().into(),
        status.updated_number_scheduled.unwrap_or(0).to_string().into(),
        status.number_available.unwrap_or(0).to_string().into(),
        node_selector(pod.and_then(|pod| pod.node_selector.as_ref())).into(),
        created(object, now),
        names,
        images,
        format_selector(&set.spec.selector).into(),
    ]
}

/// A node selector as `labels.FormatLabels` prints it.
pub(in crate::output) fn node_selector(labels: Option<&crate::object::Labels>) -> String {
    let pairs = labels.into_iter().flatten().map(|(key, value)| format!("{key}={value}"));
    let text = pairs.collect::<Vec<_>>().join(",");
    if text.is_empty() { NONE.to_owned() } else { text }
}
