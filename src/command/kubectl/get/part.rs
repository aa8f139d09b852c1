//! `kubectl get --subresource`: objects as their `status` or `scale` shows them.
//!
//! Models cli-runtime `pkg/resource/builder.go`, which asks for subresources of named objects only, and the columns of a
//! `Scale` in kubernetes `pkg/printers/internalversion/printers.go`.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::{self, Format};
use super::super::patch;
use super::super::resource::{self, Request};
use super::super::verb::Outcome;
use super::{block_text, table_options};
use crate::object::Object;
use crate::output::{age, tabwriter};
use crate::store::Subresource;

pub(super) fn run(call: &Call, format: &Format, request: &Request) -> Outcome {
    let part = patch::subresource(call)?;
    if matches!(request, Request::Lists(_)) {
        let problem = "subresource cannot be used when bulk resources are specified";
        return Err(Failure::plain(problem));
    }
    let found = resource::find_request(call, request)?;
    let mut failures = found.failures;
    let mut shown = Vec::new();
    for object in &found.objects {
        match patch::shown(object, part) {
            Ok(value) => shown.push((object, value)),
            Err(failure) => failures.push(failure),
        }
    }
    match shown.as_slice() {
        [] => {}
        _ if format.is_table() => call.out(table(call, format, part, &shown))?,
        [(_, value)] if found.single => call.out(format.print(value)?)?,
        _ => {
            let mut list = format::list(std::iter::empty());
            list["items"] = shown.iter().map(|(_, value)| value.clone()).collect();
            call.out(format.print(&list)?)?;
        }
    }
    Failure::all(failures)
}

fn table(
    call: &Call,
    format: &Format,
    part: Subresource,
    shown: &[(&Arc<Object>, Value)],
) -> String {
    let headers = !call.flags.on("no-headers");
    let options = table_options(call, format);
    if part != Subresource::Scale {
        let objects: Vec<Arc<Object>> =
            shown.iter().map(|(object, _)| Arc::clone(object)).collect();
        return block_text(&objects, headers, &options, call.now());
    }
    let mut text = String::from(if headers { "NAME\tDESIRED\tAVAILABLE\tAGE\n" } else { "" });
    for (object, scale) in shown {
        let age = age::of(object.meta.creation_timestamp.as_ref(), call.now());
        let (desired, there) = (&scale["spec"]["replicas"], &scale["status"]["replicas"]);
        let name = object.name();
        writeln!(text, "{name}\t{desired}\t{there}\t{age}").expect("a String takes everything");
    }
    tabwriter::align(&text, tabwriter::TABLE)
}
