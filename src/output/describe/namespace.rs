//! What `kubectl describe` says of a Namespace: its phase, its quotas and its limits.
//!
//! Models `describeNamespace`.

use k8s_openapi::api::core::v1::{NamespaceSpec, NamespaceStatus};

use super::page::{Page, rfc1123};
use super::{View, quota};
use crate::object::Split;

/// Writes the description.
pub(super) fn describe(
    page: &mut Page,
    view: &View<'_>,
    namespace: &Split<NamespaceSpec, NamespaceStatus>,
) {
    page.name(view.object);
    page.labels_and_annotations(view.object);
    page.field(0, "Status", namespace.status.phase.as_deref().unwrap_or_default());
    let conditions = namespace.status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        page.line(1, "----\t------\t------------------\t------\t-------");
        for condition in conditions {
            page.line(
                1,
                format!(
                    "{}\t{}\t{}\t{}\t{}",
                    condition.type_,
                    condition.status,
                    rfc1123(condition.last_transition_time.as_ref()),
                    condition.reason.as_deref().unwrap_or_default(),
                    condition.message.as_deref().unwrap_or_default()
                ),
            );
        }
    }
    page.line(0, "");
    quota::quotas_of(page, view);
    page.line(0, "");
    quota::limit_ranges_of(page, view);
}
