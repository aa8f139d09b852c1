//! `kubectl rollout history`: the revisions of a Deployment or DaemonSet, and what one of them ran.
//!
//! Models kubectl `pkg/cmd/rollout/rollout_history.go` and `pkg/polymorphichelpers/history.go`.

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::verb::Outcome;
use super::{CHANGE_CAUSE, Revision, require_template, revisions, targets};
use crate::object::Object;
use crate::output::describe;

/// Runs the subcommand.
pub(super) async fn run(call: &Call) -> Outcome {
    let wanted = call.flags.int("revision");
    if wanted < 0 {
        return Err(Failure::plain(format!("revision must be a positive integer: {wanted}")));
    }
    let format = Format::of_writer(call)?;
    let found = targets(call).await?;
    Failure::all(found.failures)?;
    for object in &found.objects {
        require_template(object, "history viewer")?;
        let mut all = revisions(call, object);
        if wanted > 0 {
            all.retain(|revision| revision.number == wanted);
            if all.is_empty() {
                return Err(Failure::plain("unable to find the specified revision"));
            }
        }
        match (&format, all.first()) {
            (Some(format), _) => objects(call, format, &all)?,
            (None, Some(one)) if wanted > 0 => {
                call.out(format!("{} with revision #{wanted}\n{}\n", named(object), detail(one)))?;
            }
            (None, _) => call.out(format!("{} \n{}\n", named(object), table(&all)))?,
        }
    }
    Ok(())
}

fn named(object: &Object) -> String {
    format!("{}/{}", object.kind().info().qualified_singular(), object.name())
}

/// What keeps the revisions, one after the other.
fn objects(call: &Call, format: &Format, all: &[Revision]) -> Outcome {
    for (index, revision) in all.iter().enumerate() {
        if index > 0 && matches!(format, Format::Yaml) {
            call.out("---\n")?;
        }
        call.out(format.print(&revision.object.to_value())?)?;
    }
    Ok(())
}

fn table(all: &[Revision]) -> String {
    let mut text = String::from("REVISION\tCHANGE-CAUSE\n");
    for revision in all {
        let cause = revision.cause().unwrap_or("<none>");
        text.push_str(&[&revision.number.to_string(), "\t", cause, "\n"].concat());
    }
    crate::output::tabwriter::align(&text, crate::output::tabwriter::DESCRIBE)
}

/// The Pod template of one revision, tabs as they are.
fn detail(revision: &Revision) -> String {
    let mut template = revision.template.clone();
    // A DaemonSet's revision keeps its cause to itself.
    if let Some(cause) = revision.cause().filter(|_| revision.object.as_replica_set().is_some()) {
        let meta = template.metadata.get_or_insert_default();
        let annotations = meta.annotations.get_or_insert_default();
        annotations.insert(CHANGE_CAUSE.to_owned(), cause.to_owned());
    }
    describe::template_text(&template)
}
