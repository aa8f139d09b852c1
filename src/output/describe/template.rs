//! The Pod template of a controller. Models `DescribePodTemplate`.

use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec, TopologySpreadConstraint};

use super::page::Page;
use super::{container, volume};
use crate::order;
use crate::output::columns::format_selector;

/// Everything under `Pod Template:`.
pub(super) fn describe(page: &mut Page, template: Option<&PodTemplateSpec>) {
    page.line(0, "Pod Template:");
    let Some(template) = template else { return page.line(1, "<unset>") };
    let meta = template.metadata.as_ref();
    page.pairs("  Labels", meta.and_then(|meta| meta.labels.as_ref()));
    let annotations = meta.and_then(|meta| meta.annotations.as_ref());
    if annotations.is_some_and(|annotations| !annotations.is_empty()) {
        page.annotations("  Annotations", annotations);
    }
    let empty = PodSpec::default();
    let spec = template.spec.as_ref().unwrap_or(&empty);
    page.field_if(1, "Service Account", spec.service_account_name.as_deref());
    let init = spec.init_containers.as_deref().unwrap_or_default();
    if !init.is_empty() {
        container::describe(page, "  Init Containers", init, None, None);
    }
    container::describe(page, "  Containers", &spec.containers, None, None);
    volume::describe(page, "  Volumes", spec.volumes.as_deref());
    spread(page, "  Topology Spread Constraints", spec.topology_spread_constraints.as_deref());
    page.field_if(1, "Priority Class Name", spec.priority_class_name.as_deref());
    page.pairs("  Node-Selectors", spec.node_selector.as_ref());
    page.tolerations("  Tolerations", spec.tolerations.as_deref());
}

/// Topology spread constraints in order of key, where there are any.
pub(super) fn spread(
    page: &mut Page,
    title: &str,
    constraints: Option<&[TopologySpreadConstraint]>,
) {
    let mut constraints: Vec<_> = constraints.unwrap_or_default().iter().collect();
    if constraints.is_empty() {
        return;
    }
    order::sort_by_key(&mut constraints, |constraint| &constraint.topology_key);
    let lines: Vec<String> = constraints
        .into_iter()
        .map(|constraint| {
            let selector = match &constraint.label_selector {
                Some(selector) => format!(" for selector {}", format_selector(selector)),
                None => String::new(),
            };
            format!(
                "{}:{} when max skew {} is exceeded{selector}",
                constraint.topology_key, constraint.when_unsatisfiable, constraint.max_skew
            )
        })
        .collect();
    page.list(title, &lines);
}
