//! Which words name resources: of containers, of quotas, of limits.
//!
//! Models kubernetes `pkg/apis/core/helper/helpers.go` and the validators of resource names in
//! `pkg/apis/core/validation/validation.go`.

use crate::object::field::{Errors, Path};
use crate::object::names;

/// What quotas count that is not compute.
pub(super) const COUNTED: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// What quotas sum up over Pods and claims.
const SUMMED: [&str; 10] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
];

fn is_quota_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-") || name.starts_with("requests.hugepages-")
}

/// `IsStandardQuotaResourceName`.
pub(super) fn is_standard_in_quotas(name: &str) -> bool {
    COUNTED.contains(&name) || SUMMED.contains(&name) || is_quota_huge_page(name)
}

/// `IsNativeResource`.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// `IsExtendedResourceName`.
fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && names::qualified_name(&format!("requests.{name}")).is_empty()
}

/// `IsIntegerResourceName`.
pub(super) fn is_whole(name: &str) -> bool {
    COUNTED.contains(&name) || is_extended(name)
}

/// Whether more may be promised than there is (`IsOvercommitAllowed`).
pub(super) fn overcommits(name: &str) -> bool {
    is_native(name) && !name.starts_with("hugepages-")
}

/// `validateResourceName`.
pub(super) fn validate(errors: &mut Errors, name: &str, path: &Path<'_>) {
    let found = names::qualified_name(name);
    if found.is_empty() && !name.contains('/') && !is_standard_in_quotas(name) && name != "storage"
    {
        errors.invalid(path, name, "must be a standard resource type or fully qualified");
    }
    errors.invalid_each(path, name, found);
}

/// `validateContainerResourceName`.
pub(super) fn validate_of_container(errors: &mut Errors, name: &str, path: &Path<'_>) {
    validate(errors, name, path);
    if !name.contains('/') {
        let standard = matches!(name, "cpu" | "memory" | "ephemeral-storage");
        if !standard && !name.starts_with("hugepages-") {
            errors.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        errors.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

/// `ValidateResourceQuotaResourceName`.
pub(super) fn validate_of_quota(errors: &mut Errors, name: &str, path: &Path<'_>) {
    validate(errors, name, path);
    if !name.contains('/') && !is_standard_in_quotas(name) {
        errors.invalid(path, name, "must be a standard resource for quota");
    }
}
