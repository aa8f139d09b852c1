//! `kubectl events`: newest last. Models kubectl `pkg/cmd/events`.

use std::sync::Arc;

use super::call::Call;
use super::common::{ALL_NAMESPACES, PRINT};
use super::failure::Failure;
use super::format::{self, Format};
use super::get::{changes_after, deadline};
use super::kinds;
use super::verb::{Flag, Group, Outcome, Verb};
use crate::object::{Body, Kind, Object};
use crate::order;
use crate::output::columns;
use crate::output::tabwriter::{self, Growing};
use crate::store::Store;
use crate::time::Time;

/// The verb.
pub(super) static EVENTS: Verb = Verb {
    name: "events",
    group: Group::Troubleshooting,
    summary: "List events",
    details: &[
        "Display events. Prints a table of the most important information about events. You can request events for a namespace, for all namespace, or filtered to only those pertaining to a specified resource.",
    ],
    usage: "events [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
    examples: &[
        ("List recent events in the namespace", "kubectl events"),
        ("List events about a Deployment", "kubectl events --for deployment/web"),
        ("Go on with those that come", "kubectl events --watch"),
    ],
    flags: &[FLAGS, PRINT, ALL_NAMESPACES],
    run: |call| Box::pin(async move { run(&call).await }),
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::int("chunk-size", "500", "Return large lists in chunks rather than all at once."),
    Flag::text("for", "", "Filter events to only those pertaining to the specified resource."),
    Flag::switch("no-headers", "When using the default output format, don't print headers."),
    Flag::list("types", "Output only events of given types."),
    Flag::switch("watch", "After listing the requested events, watch for more events.").letter('w'),
];

/// Which Events are asked for.
struct Filter<'a> {
    about: Option<(Kind, String)>,
    types: &'a [String],
}

impl<'a> Filter<'a> {
    fn of(call: &'a Call) -> Result<Self, Failure> {
        let about = match call.flags.text("for") {
            "" => None,
            text => {
                let (kind, name) = text
                    .split_once('/')
                    .ok_or_else(|| Failure::plain("--for must be in resource/name form"))?;
                Some((kinds::of_word(call.known(), kind)?, name.to_owned()))
            }
        };
        let types = call.flags.list("types");
        if !types.iter().all(|kind| ["normal", "warning"].contains(&kind.to_lowercase().as_str())) {
            return Err(Failure::plain("valid --types are Normal or Warning"));
        }
        Ok(Self { about, types })
    }

    fn lets(&self, object: &Object) -> bool {
        let Body::Event(event) = &object.body else { return false };
        let involved = &event.involved_object;
        let kind = self.about.as_ref().is_none_or(|(kind, name)| {
            involved.kind.as_deref() == Some(kind.info().name)
                && involved.name.as_deref() == Some(name.as_str())
        });
        let given = event.type_.as_deref().unwrap_or_default();
        let mut types = self.types.iter();
        kind && (types.len() == 0 || types.any(|wanted| wanted.eq_ignore_ascii_case(given)))
    }
}

async fn run(call: &Call) -> Outcome {
    let format = Format::of_writer(call)?;
    let filter = Filter::of(call)?;
    let namespace = (!call.all_namespaces()).then(|| call.namespace());
    let mut events: Vec<Arc<Object>> = call.read(|store| {
        store.list(Kind::Event, namespace).filter(|object| filter.lets(object)).cloned().collect()
    });
    if call.flags.on("watch") {
        return watch(call, format.as_ref(), &filter, events).await;
    }
    if events.is_empty() {
        return call.err(match namespace {
            Some(namespace) => format!("No events found in {namespace} namespace."),
            None => "No events found.".to_owned(),
        });
    }
    order::sort_by_key(&mut events, |object| {
        let Body::Event(event) = &object.body else { return None };
        let last = event.last_timestamp.as_ref().map(Time::from);
        last.or_else(|| event.event_time.as_ref().map(Time::from))
    });
    match format {
        Some(format) => {
            let list = format::list(events.iter().map(Arc::as_ref));
            call.out(format.print(&list)?)
        }
        None => call.out(tabwriter::align(&table(call, &events), tabwriter::TABLE)),
    }
}

/// Prints what there is, and each Event that comes or is told again, until `--request-timeout` ends it.
async fn watch(
    call: &Call,
    format: Option<&Format>,
    filter: &Filter<'_>,
    events: Vec<Arc<Object>>,
) -> Outcome {
    let mut seen = call.read(Store::revision);
    let end = deadline(call)?;
    let (mut shown, mut new) = (Growing::default(), events);
    loop {
        if let Some(format) = format {
            for object in &new {
                call.out(format.print(&object.to_value())?)?;
            }
        } else if !new.is_empty() {
            let lines = table(call, &new);
            let skipped = usize::from(!shown.text.is_empty() && !call.flags.on("no-headers"));
            shown.text.extend(lines.split_inclusive('\n').skip(skipped));
            call.out(shown.take())?;
        }
        if !changes_after(call, seen, end).await {
            return Ok(());
        }
        new = call.read(|store| {
            let changes = store.log().since(seen).filter(|change| change.key.kind == Kind::Event);
            let mine = changes.filter(|change| {
                call.all_namespaces() || *change.key.namespace == *call.namespace()
            });
            let events = mine.filter_map(|change| change.after.clone());
            events.filter(|object| filter.lets(object)).collect()
        });
        seen = call.read(Store::revision);
    }
}

fn table(call: &Call, events: &[Arc<Object>]) -> String {
    let all = call.all_namespaces();
    let mut text = String::new();
    if !call.flags.on("no-headers") {
        text.push_str(if all { "NAMESPACE\t" } else { "" });
        text.push_str("LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n");
    }
    let now = call.now();
    for object in events {
        let Body::Event(event) = &object.body else { continue };
        let line = columns::of(Kind::Event).row(object, now);
        let text_of = |index: usize| line.cells.get(index).map_or("", |text| &**text);
        let involved = &event.involved_object;
        let about = format!(
            "{}/{}",
            involved.kind.as_deref().unwrap_or_default(),
            involved.name.as_deref().unwrap_or_default()
        );
        if all {
            text.push_str(object.namespace());
            text.push('\t');
        }
        text.push_str(&[text_of(0), text_of(1), text_of(2), &about, text_of(6)].join("\t"));
        text.push('\n');
    }
    text
}
