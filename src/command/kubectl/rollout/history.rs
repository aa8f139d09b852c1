//! `kubectl rollout history`: the revisions of a Deployment, and what one of them ran.
//!
//! Models kubectl `pkg/polymorphichelpers/history.go` (`DeploymentHistoryViewer`).

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::verb::Outcome;
use super::{require_deployment, revisions, targets};
use crate::object::{Body, Object};
use crate::output::describe;

/// Where a revision's cause is written down.
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// Runs the subcommand.
pub(super) fn run(call: &Call) -> Outcome {
    let wanted = call.flags.int("revision");
    if wanted < 0 {
        return Err(Failure::plain(format!("revision must be a positive integer: {wanted}")));
    }
    let found = targets(call)?;
    Failure::all(found.failures)?;
    for object in &found.objects {
        require_deployment(object, "history viewer")?;
        let named = format!("{}/{}", object.kind().info().qualified_singular(), object.name());
        let text = if wanted > 0 {
            format!("{named} with revision #{wanted}\n{}\n", detail(call, object, wanted)?)
        } else {
            format!("{named} \n{}\n", table(call, object))
        };
        call.out(text)?;
    }
    Ok(())
}

fn table(call: &Call, deployment: &Object) -> String {
    let mut text = String::from("REVISION\tCHANGE-CAUSE\n");
    for (revision, set) in revisions(call, deployment) {
        let cause = set.annotation(CHANGE_CAUSE).filter(|cause| !cause.is_empty());
        text.push_str(&[&revision.to_string(), "\t", cause.unwrap_or("<none>"), "\n"].concat());
    }
    crate::output::tabwriter::align(&text, crate::output::tabwriter::DESCRIBE)
}

/// The Pod template of one revision, tabs as they are.
fn detail(call: &Call, deployment: &Object, wanted: i64) -> Result<String, Failure> {
    let found = revisions(call, deployment).into_iter().find(|(revision, _)| *revision == wanted);
    let Some((_, set)) = found else {
        return Err(Failure::plain("unable to find the specified revision"));
    };
    let Body::ReplicaSet(body) = &set.body else { return Ok(String::new()) };
    let mut template = body.spec.template.clone().unwrap_or_default();
    if let Some(cause) = set.annotation(CHANGE_CAUSE) {
        let meta = template.metadata.get_or_insert_default();
        let annotations = meta.annotations.get_or_insert_default();
        annotations.insert(CHANGE_CAUSE.to_owned(), cause.to_owned());
    }
    Ok(describe::template_text(&template))
}
