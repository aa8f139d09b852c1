//! `kubectl get -w`: the table first, then a line for each change.
//!
//! Models `watch` in kubectl `pkg/cmd/get/get.go`: columns keep the widths that the first lines gave them unless a wider
//! cell comes.

use std::sync::Arc;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::flags::parse_duration;
use super::super::format::Format;
use super::super::resource::{self, Request, Selection};
use super::super::verb::Outcome;
use super::{shows_kind, table_options};
use crate::cluster::Cluster;
use crate::object::{Kind, Object};
use crate::output::columns;
use crate::output::table::{self, Options};
use crate::output::tabwriter::Growing;
use crate::time::Time;

/// Prints what there is and what changes, until `--request-timeout` ends it.
pub(super) async fn run(call: &Call, format: &Format, request: &Request) -> Outcome {
    let kind = match request {
        Request::Lists(kinds) if kinds.len() == 1 => kinds[0],
        Request::Names(pairs) if pairs.len() == 1 => pairs[0].0,
        Request::Nothing | Request::Lists(_) | Request::Names(_) => {
            return Err(Failure::plain("you may only specify a single resource type for watching"));
        }
    };
    let selection = Selection::of(call)?;
    let found = resource::find_request(call, request)?;
    Failure::all(found.failures)?;
    let name = match request {
        Request::Names(pairs) => Some(pairs[0].1.clone()),
        Request::Lists(_) | Request::Nothing => None,
    };
    let mut seen = call.read(crate::store::Store::revision);
    let mut lines = Lines::new(call, format);
    if !call.flags.on("watch-only") {
        for object in &found.objects {
            lines.add(object, "ADDED", call.now())?;
        }
        call.out(lines.take())?;
    }
    let end = deadline(call)?;
    loop {
        if !changes_after(call, seen, end).await {
            return Ok(());
        }
        let (changes, now) = call.sandbox().read(|cluster| {
            (changes(cluster, seen, call, kind, name.as_deref(), &selection), cluster.now())
        });
        seen = call.read(crate::store::Store::revision);
        for (object, event) in changes {
            lines.add(&object, event, now)?;
        }
        call.out(lines.take())?;
    }
}

/// Waits for a write after a revision; false if the watch is over before one comes.
pub(in crate::command::kubectl) async fn changes_after(
    call: &Call,
    revision: u64,
    end: Option<Time>,
) -> bool {
    let more = call.sandbox().until(|cluster| {
        let changed = cluster.store().revision() > revision;
        let over = end.is_some_and(|end| cluster.now() >= end);
        (changed || over).then_some(changed)
    });
    more.await
}

/// When the watch is over, which wakes it: after `--request-timeout`, given as a duration or in seconds.
pub(in crate::command::kubectl) fn deadline(call: &Call) -> Result<Option<Time>, Failure> {
    let text = call.flags.text("request-timeout");
    let text =
        if text.chars().all(|c| c.is_ascii_digit()) { format!("{text}s") } else { text.into() };
    let invalid = "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)";
    let timeout = parse_duration(&text).ok().ok_or_else(|| Failure::plain(invalid))?;
    let timeout = timeout.positive().filter(|timeout| !timeout.is_zero());
    let end = timeout.map(|timeout| call.now() + timeout);
    if let Some(end) = end {
        call.sandbox().drive(|cluster| cluster.wake_at(end));
    }
    Ok(end)
}

/// What happened to the watched objects since a revision.
fn changes(
    cluster: &Cluster,
    since: u64,
    call: &Call,
    kind: Kind,
    name: Option<&str>,
    selection: &Selection,
) -> Vec<(Arc<Object>, &'static str)> {
    let namespaced = kind.info().namespaced && !call.all_namespaces();
    let concerns = |object: &Object| {
        (!namespaced || object.namespace() == call.namespace())
            && name.is_none_or(|name| name == object.name())
    };
    let log = cluster.store().log().since(since).filter(|change| change.key.kind == kind);
    log.filter(|change| concerns(change.object()))
        .filter_map(|change| {
            let lets = |object: &Option<Arc<Object>>| {
                object.as_ref().is_some_and(|object| selection.lets(object))
            };
            let event = match (lets(&change.before), lets(&change.after)) {
                (false, false) => return None,
                (false, true) => "ADDED",
                (true, true) => "MODIFIED",
                (true, false) => "DELETED",
            };
            Some((Arc::clone(change.object()), event))
        })
        .collect()
}

/// Lines printed so far and to come.
struct Lines<'a> {
    format: &'a Format,
    options: Options,
    headers: bool,
    events: bool,
    table: Growing,
    /// What needs no alignment.
    plain: String,
}

impl<'a> Lines<'a> {
    fn new(call: &Call, format: &'a Format) -> Self {
        let mut options = table_options(call, format);
        options.kind = shows_kind(call, &[]);
        options.namespace = call.all_namespaces();
        Self {
            format,
            options,
            headers: !call.flags.on("no-headers"),
            events: call.flags.on("output-watch-events"),
            table: Growing::default(),
            plain: String::new(),
        }
    }

    fn add(&mut self, object: &Object, event: &str, now: Time) -> Outcome {
        if !self.format.is_table() {
            self.plain.push_str(&self.format.print(&object.to_value())?);
            return Ok(());
        }
        let columns = columns::of(object.kind());
        if self.headers {
            self.headers = false;
            if self.events {
                self.table.text.push_str("EVENT\t");
            }
            table::header(&mut self.table.text, columns.columns, &self.options);
        }
        if self.events {
            self.table.text.push_str(event);
            self.table.text.push('\t');
        }
        table::row(&mut self.table.text, &columns, &columns.row(object, now), &self.options);
        Ok(())
    }

    /// What is new, aligned with what came before.
    fn take(&mut self) -> String {
        std::mem::take(&mut self.plain) + &self.table.take()
    }
}
