//! The Events of an object, oldest first. Models `DescribeEvents`.

use k8s_openapi::api::core::v1::Event;

use super::View;
use super::page::Page;
use crate::object::{Body, Kind};
use crate::order;
use crate::output::age;
use crate::time::Time;

/// The table under `Events:`, where Events are shown.
pub(super) fn table(page: &mut Page, view: &View<'_>) {
    if !view.events {
        return;
    }
    let events = about(view);
    if events.is_empty() {
        return page.field(0, "Events", "<none>");
    }
    page.line(0, "Events:");
    page.line(1, "Type\tReason\tAge\tFrom\tMessage");
    page.line(1, "----\t------\t----\t----\t-------");
    for event in events {
        let text = |value: Option<&String>| value.cloned().unwrap_or_default();
        let source = event
            .source
            .as_ref()
            .and_then(|source| source.component.clone())
            .filter(|component| !component.is_empty())
            .unwrap_or_else(|| text(event.reporting_component.as_ref()));
        let message = text(event.message.as_ref());
        let message = match event.involved_object.field_path.as_deref() {
            Some(path) if !path.is_empty() => format!("{path}: {}", message.trim()),
            _ => message.trim().to_owned(),
        };
        page.line(
            1,
            format!(
                "{}\t{}\t{}\t{source}\t{message}",
                text(event.type_.as_ref()),
                text(event.reason.as_ref()),
                interval(event, view.now)
            ),
        );
    }
}

/// Events whose involved object is this one, in order of their last time.
fn about<'a>(view: &View<'a>) -> Vec<&'a Event> {
    let object = view.object;
    // Events about what has no namespace stand in the default one.
    let namespace = if object.namespace().is_empty() { "default" } else { object.namespace() };
    let mut events: Vec<&Event> = view
        .store
        .list(Kind::Event, Some(namespace))
        .filter_map(
            |event| if let Body::Event(event) = &event.body { Some(&**event) } else { None },
        )
        .filter(|event| {
            let about = &event.involved_object;
            let kind = about.kind.as_deref() == Some(object.kind().info().name);
            // A Node's Events carry its name as uid.
            let uid = about.uid.as_deref().is_none_or(|uid| uid == object.uid())
                || object.kind() == Kind::Node;
            kind && uid && about.name.as_deref() == Some(object.name())
        })
        .collect();
    order::sort_by_key(&mut events, |event| event.last_timestamp.as_ref().map(Time::from));
    events
}

fn interval(event: &Event, now: Time) -> String {
    let first = match &event.event_time {
        Some(time) => age::since(time.into(), now),
        None => age::of(event.first_timestamp.as_ref(), now),
    };
    if let Some(series) = &event.series {
        let last = series.last_observed_time.as_ref().map(Time::from);
        let last = last.map_or_else(|| "<unknown>".to_owned(), |last| age::since(last, now));
        return format!("{last} (x{} over {first})", series.count.unwrap_or(0));
    }
    match event.count {
        Some(count) if count > 1 => {
            let last = age::of(event.last_timestamp.as_ref(), now);
            format!("{last} (x{count} over {first})")
        }
        _ => first,
    }
}
