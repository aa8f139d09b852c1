//! What `kubectl describe` says of a Deployment. Models `describeDeployment`.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{DeploymentSpec, DeploymentStatus};
use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::container::port_text;
use super::page::{Page, rfc1123};
use super::{View, event, template};
use crate::object::{Body, Object, Split};
use crate::order;
use crate::output::columns::format_selector;
use crate::time::Time;

/// Writes the description.
pub(super) fn describe(
    page: &mut Page,
    view: &View<'_>,
    deployment: &Split<DeploymentSpec, DeploymentStatus>,
) {
    let (spec, status) = (&deployment.spec, &deployment.status);
    page.name(view.object);
    page.field(0, "CreationTimestamp", rfc1123(view.object.meta.creation_timestamp.as_ref()));
    page.labels_and_annotations(view.object);
    page.field(0, "Selector", format_selector(&spec.selector));
    let count = |number: Option<i32>| number.unwrap_or(0);
    page.field(
        0,
        "Replicas",
        format!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            count(spec.replicas),
            count(status.updated_replicas),
            count(status.replicas),
            count(status.available_replicas),
            count(status.unavailable_replicas)
        ),
    );
    let strategy = spec.strategy.as_ref();
    let kind = strategy.and_then(|strategy| strategy.type_.as_deref());
    page.field(0, "StrategyType", kind.unwrap_or_default());
    page.field(0, "MinReadySeconds", count(spec.min_ready_seconds));
    if let Some(rolling) = strategy.and_then(|strategy| strategy.rolling_update.as_ref()) {
        let text = |bound: Option<&_>| bound.map(port_text).unwrap_or_default();
        page.field(
            0,
            "RollingUpdateStrategy",
            format!(
                "{} max unavailable, {} max surge",
                text(rolling.max_unavailable.as_ref()),
                text(rolling.max_surge.as_ref())
            ),
        );
    }
    template::describe(page, Some(&spec.template));
    conditions(page, status);
    replica_sets(page, view, &spec.template);
    event::table(page, view);
}

fn conditions(page: &mut Page, status: &DeploymentStatus) {
    let conditions = status.conditions.as_deref().unwrap_or_default();
    if conditions.is_empty() {
        return;
    }
    page.line(0, "Conditions:");
    page.line(1, "Type\tStatus\tReason");
    page.line(1, "----\t------\t------");
    for condition in conditions {
        let reason = condition.reason.as_deref().unwrap_or_default();
        page.line(1, format!("{} \t{}\t{reason}", condition.type_, condition.status));
    }
}

/// The ReplicaSet of the current template, and the others, oldest first (`GetAllReplicaSets`).
fn replica_sets(page: &mut Page, view: &View<'_>, template: &PodTemplateSpec) {
    let mut sets: Vec<&Arc<Object>> = view
        .store
        .owned_by(view.object.uid())
        .filter(|object| matches!(object.body, Body::ReplicaSet(_)))
        .collect();
    if sets.is_empty() {
        return;
    }
    order::sort_by_key(&mut sets, |set| {
        (set.meta.creation_timestamp.as_ref().map(Time::from), set.name().to_owned())
    });
    let new = sets.iter().position(|set| has_template(set, template));
    let (new, old): (Vec<_>, Vec<_>) =
        sets.iter().enumerate().partition(|(index, _)| Some(*index) == new);
    let text = |sets: Vec<(usize, &&Arc<Object>)>| {
        let lines: Vec<String> = sets.into_iter().map(|(_, set)| counted(set)).collect();
        if lines.is_empty() { "<none>".to_owned() } else { lines.join(", ") }
    };
    page.field(0, "OldReplicaSets", text(old));
    page.field(0, "NewReplicaSet", text(new));
}

fn counted(object: &Object) -> String {
    let Body::ReplicaSet(set) = &object.body else { return String::new() };
    let wanted = set.spec.replicas.unwrap_or(0);
    format!("{} ({}/{wanted} replicas created)", object.name(), set.status.replicas)
}

/// Whether a ReplicaSet was made from this template, the hash label aside (`EqualIgnoreHash`).
fn has_template(object: &Object, template: &PodTemplateSpec) -> bool {
    let Body::ReplicaSet(set) = &object.body else { return false };
    let Some(own) = &set.spec.template else { return false };
    let labels = |template: &PodTemplateSpec| {
        let mut labels =
            template.metadata.as_ref().and_then(|meta| meta.labels.clone()).unwrap_or_default();
        labels.remove("pod-template-hash");
        labels
    };
    let annotations = |template: &PodTemplateSpec| {
        template.metadata.as_ref().and_then(|meta| meta.annotations.clone()).unwrap_or_default()
    };
    own.spec == template.spec
        && labels(own) == labels(template)
        && annotations(own) == annotations(template)
}
