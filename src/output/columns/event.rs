//! `LAST SEEN TYPE REASON OBJECT MESSAGE` of Events. Models `printEvent`.

use k8s_openapi::api::core::v1::Event;

use super::{Cell, Columns, always, wide};
use crate::object::{Body, Object};
use crate::output::age;
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[
        always("Last Seen"),
        always("Type"),
        always("Reason"),
        always("Object"),
        wide("Subobject"),
        wide("Source"),
        always("Message"),
        wide("First Seen"),
        wide("Count"),
        wide("Name"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::Event(event) = &object.body else { return Vec::new() };
    let (first, last, count) = seen(event);
    let show = |time: Option<Time>| {
        time.map_or_else(|| "<unknown>".to_owned(), |time| age::since(time, now))
    };
    let involved = &event.involved_object;
    let kind = involved.kind.as_deref().unwrap_or_default().to_lowercase();
    let target = match involved.name.as_deref() {
        Some(name) if !name.is_empty() => format!("{kind}/{name}"),
        _ => kind,
    };
    vec![
        show(last).into(),
        event.type_.as_deref().unwrap_or_default().into(),
        event.reason.as_deref().unwrap_or_default().into(),
        target.into(),
        involved.field_path.as_deref().unwrap_or_default().into(),
        source(event).into(),
        event.message.as_deref().unwrap_or_default().trim().into(),
        show(first).into(),
        count.to_string().into(),
        object.name().into(),
    ]
}

/// When it was first and last seen, and how often.
pub(in crate::output) fn seen(event: &Event) -> (Option<Time>, Option<Time>, i32) {
    let first = event
        .first_timestamp
        .as_ref()
        .map(Time::from)
        .or_else(|| event.event_time.as_ref().map(Time::from));
    let last = event.last_timestamp.as_ref().map(Time::from).or(first);
    match &event.series {
        Some(series) => (
            first,
            series.last_observed_time.as_ref().map(Time::from).or(last),
            series.count.unwrap_or(0),
        ),
        None => (first, last, event.count.filter(|count| *count > 0).unwrap_or(1)),
    }
}

/// `kubelet, node-1`, or the component alone (`formatEventSource`).
fn source(event: &Event) -> String {
    let given = event.source.as_ref();
    let component = given
        .and_then(|source| source.component.as_deref())
        .filter(|text| !text.is_empty())
        .or(event.reporting_component.as_deref())
        .unwrap_or_default();
    let host = given
        .and_then(|source| source.host.as_deref())
        .filter(|text| !text.is_empty())
        .or(event.reporting_instance.as_deref())
        .unwrap_or_default();
    if host.is_empty() { component.to_owned() } else { format!("{component}, {host}") }
}
