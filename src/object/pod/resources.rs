//! Requests and limits: canonical form and validation.
//!
//! Models `SetDefaults_ResourceList` (kubernetes `pkg/apis/core/v1/defaults.go`) and `validateResourceRequirements`
//! (`pkg/apis/core/validation/validation.go`), with the resource names of `pkg/apis/core/helper/helpers.go`.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, PodResourceClaim, ResourceFieldSelector, ResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as WireQuantity;

use crate::object::field::{Errors, Path};
use crate::object::names;
use crate::quantity::Quantity;

/// The amount as the API server writes it: `1000m` is `1`. What cannot be read stays; decoding refused it before.
pub fn canonical(quantity: &WireQuantity) -> WireQuantity {
    Quantity::parse(&quantity.0)
        .map_or_else(|_| quantity.clone(), |amount| WireQuantity(amount.to_string()))
}

/// Amounts in canonical form, rounded up to thousandths, as resource lists are kept.
pub(super) fn canonical_list(list: &mut BTreeMap<String, WireQuantity>) {
    for amount in list.values_mut() {
        *amount = canonical(amount);
    }
}

/// What a `resourceFieldRef` reads of a container: so many of its divisor, rounded up; 0 where nothing is set
/// (kubernetes `pkg/api/v1/resource/helpers.go`, `ExtractContainerResourceValue`).
pub fn resource_field(container: &Container, field: &ResourceFieldSelector) -> i64 {
    let (list, name) = field.resource.split_once('.').unwrap_or_default();
    let list = container.resources.as_ref().and_then(|all| match list {
        "limits" => all.limits.as_ref(),
        _ => all.requests.as_ref(),
    });
    let Some(have) = list.and_then(|list| list.get(name)).map(amount) else { return 0 };
    in_parts(&have, field)
}

/// How many times an amount holds the divisor of a `resourceFieldRef`, rounded up.
pub fn in_parts(have: &Quantity, field: &ResourceFieldSelector) -> i64 {
    let part = field.divisor.as_ref().map(amount).filter(|part| !part.is_zero());
    let part = part.unwrap_or_else(|| Quantity::decimal(1));
    let (have, part) = if field.resource.strip_suffix(".cpu").is_some() {
        (have.milli_value(), part.milli_value())
    } else {
        (have.value(), part.value())
    };
    let part = part.max(1);
    have / part + i64::from(have % part > 0)
}

fn amount(quantity: &WireQuantity) -> Quantity {
    Quantity::parse(&quantity.0).unwrap_or_else(|_| Quantity::decimal(0))
}

/// Validates the requests and limits of a container, or (`pod_level`) of a whole Pod.
pub(super) fn validate_resources(
    errors: &mut Errors,
    resources: &ResourceRequirements,
    claims: &[PodResourceClaim],
    path: &Path<'_>,
    pod_level: bool,
) {
    let (limits_path, requests_path) = (path.child("limits"), path.child("requests"));
    let empty = BTreeMap::new();
    let limits = resources.limits.as_ref().unwrap_or(&empty);
    let requests = resources.requests.as_ref().unwrap_or(&empty);
    for (name, limit) in limits {
        validate_entry(errors, name, limit, &limits_path.key(name), pod_level);
    }
    for (name, request) in requests {
        validate_entry(errors, name, request, &requests_path.key(name), pod_level);
        let request = amount(request);
        let shown = request.to_string();
        match limits.get(name).map(amount) {
            Some(limit) if request != limit && !overcommits(name) => errors.invalid(
                &requests_path,
                &shown,
                &format!("must be equal to {name} limit of {limit}"),
            ),
            Some(limit) if request > limit => errors.invalid(
                &requests_path,
                &shown,
                &format!("must be less than or equal to {name} limit of {limit}"),
            ),
            None if !overcommits(name) => {
                errors.required(&limits_path, "Limit must be set for non overcommitable resources");
            }
            _ => {}
        }
    }
    let names = || limits.keys().chain(requests.keys());
    if names().any(|name| is_huge_page(name))
        && !names().any(|name| name == "cpu" || name == "memory")
    {
        errors.forbidden(path, "HugePages require cpu or memory");
    }
    validate_claims(errors, resources, claims, path);
}

fn validate_claims(
    errors: &mut Errors,
    resources: &ResourceRequirements,
    known: &[PodResourceClaim],
    path: &Path<'_>,
) {
    let claims_path = path.child("claims");
    for (index, claim) in resources.claims.iter().flatten().enumerate() {
        let here = claims_path.index(index);
        if claim.name.is_empty() {
            errors.required(&here, "");
        } else if !known.iter().any(|one| one.name == claim.name) {
            errors.not_found(&here, &claim.name);
        }
    }
}

fn validate_entry(
    errors: &mut Errors,
    name: &str,
    quantity: &WireQuantity,
    path: &Path<'_>,
    pod_level: bool,
) {
    let complaints = names::qualified_name(name);
    let qualified = complaints.is_empty();
    errors.invalid_each(path, name, complaints);
    let native = !name.contains('/') || name.contains("kubernetes.io/");
    let standard = matches!(name, "cpu" | "memory" | "ephemeral-storage") || is_huge_page(name);
    if !name.contains('/') {
        if qualified && !standard && !is_quota_name(name) {
            errors.invalid(path, name, "must be a standard resource type or fully qualified");
        }
        if !standard && !pod_level {
            errors.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !native && name.starts_with("requests.") {
        errors.invalid(path, name, "doesn't follow extended resource name standard");
    }
    if pod_level && qualified && !matches!(name, "cpu" | "memory") && !is_huge_page(name) {
        errors.not_supported(path, name, &["cpu", "hugepages-", "memory"]);
    }
    let amount = amount(quantity);
    if amount.is_negative() {
        errors.invalid(path, &amount.to_string(), "must be greater than or equal to 0");
    }
    let whole = !native || is_huge_page(name);
    if whole && amount.milli_value() % 1000 != 0 {
        errors.invalid(path, &amount.to_string(), "must be an integer");
    }
}

fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Names that stand in quotas; they are standard resource types, though not for containers.
fn is_quota_name(name: &str) -> bool {
    matches!(
        name,
        "pods"
            | "services"
            | "replicationcontrollers"
            | "resourcequotas"
            | "secrets"
            | "configmaps"
            | "persistentvolumeclaims"
            | "storage"
            | "services.nodeports"
            | "services.loadbalancers"
            | "requests.cpu"
            | "requests.memory"
            | "requests.storage"
            | "requests.ephemeral-storage"
            | "limits.cpu"
            | "limits.memory"
            | "limits.ephemeral-storage"
    )
}

/// Whether a node may promise more of it than it has: native resources but huge pages.
fn overcommits(name: &str) -> bool {
    let native = !name.contains('/') || name.contains("kubernetes.io/");
    native && !is_huge_page(name)
}
