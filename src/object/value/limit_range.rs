//! LimitRanges: defaults and validation. What they do to Pods is admission's.
//!
//! Models `SetDefaults_LimitRangeItem` (kubernetes `pkg/apis/core/v1/defaults.go`) and `ValidateLimitRange`
//! (`pkg/apis/core/validation/validation.go`).

use serde_json::{Map, Value};

use super::look::{each, entries, given, inside, list, quantity, text};
use super::rules::{PLAIN, Rules};
use super::{ValueBody, resource_name};
use crate::object::field::{Errors, Path};
use crate::object::{Object, names};
use crate::quantity::Quantity;

pub(super) const LIMIT_RANGE: Rules = Rules { default, validate, ..PLAIN };

/// Each default falls back on another bound: to fill, from.
const FALLBACKS: [(&str, &str); 3] =
    [("default", "max"), ("defaultRequest", "default"), ("defaultRequest", "min")];

/// The bounds of an item, in the order in which they are looked at.
const BOUNDS: [&str; 5] = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

fn default(fields: &mut Map<String, Value>) {
    let Some(spec) = inside(fields, "spec") else { return };
    for item in each(spec, "limits") {
        if item.get("type").and_then(Value::as_str) != Some("Container") {
            continue;
        }
        for (to, from) in FALLBACKS {
            let Some(source) = item.get(from).and_then(Value::as_object).cloned() else { continue };
            item.entry(to).or_insert_with(|| Value::Object(Map::new()));
            let Some(target) = inside(item, to) else { continue };
            for (name, amount) in source {
                target.entry(name).or_insert(amount);
            }
        }
    }
}

fn validate(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let spec_path = Path::new("spec");
    let path = spec_path.child("limits");
    let mut seen: Vec<&str> = Vec::new();
    for (index, item) in list(body.spec(), "limits").iter().enumerate() {
        let here = path.index(index);
        let kind = text(item, "type");
        validate_type(errors, kind, &here.child("type"));
        if seen.contains(&kind) {
            errors.duplicate(&here.child("type"), kind);
        }
        seen.push(kind);
        validate_item(errors, item, kind, &here);
    }
}

fn validate_type(errors: &mut Errors, kind: &str, path: &Path<'_>) {
    let found = names::qualified_name(kind);
    let standard = matches!(kind, "Pod" | "Container" | "PersistentVolumeClaim");
    if found.is_empty() && !kind.contains('/') && !standard {
        errors.invalid(path, kind, "must be a standard limit type or fully qualified");
    }
    errors.invalid_each(path, kind, found);
}

fn validate_item(errors: &mut Errors, item: &Value, kind: &str, path: &Path<'_>) {
    let mut resources: Vec<&str> = Vec::new();
    for bound in BOUNDS {
        let here = path.child(bound);
        let is_default = matches!(bound, "default" | "defaultRequest");
        if kind == "Pod" && is_default {
            if entries(item, bound).next().is_some() {
                errors.forbidden(&here, "may not be specified when `type` is 'Pod'");
            }
            continue;
        }
        if bound == "maxLimitRequestRatio" && kind == "PersistentVolumeClaim" {
            let has = |bound: &str| entries(item, bound).any(|(name, _)| name == "storage");
            if !has("min") && !has("max") {
                let detail =
                    "either minimum or maximum storage value is required, but neither was provided";
                errors.required(&path.child("limits"), detail);
            }
        }
        for (name, _) in entries(item, bound) {
            if matches!(kind, "Pod" | "Container") {
                resource_name::validate_of_container(errors, name, &here.key(name));
            } else {
                resource_name::validate(errors, name, &here.key(name));
            }
            if !resources.contains(&name) {
                resources.push(name);
            }
        }
    }
    crate::order::sort(&mut resources);
    for name in resources {
        let of = |bound: &str| {
            let skipped = kind == "Pod" && matches!(bound, "default" | "defaultRequest");
            given(item, bound)?.get(name).filter(|_| !skipped).map(quantity)
        };
        validate_resource(errors, name, &Bounds::of(of), path);
    }
}

/// What an item says of one resource.
struct Bounds {
    min: Option<Quantity>,
    max: Option<Quantity>,
    limit: Option<Quantity>,
    request: Option<Quantity>,
    ratio: Option<Quantity>,
}

impl Bounds {
    fn of(of: impl Fn(&str) -> Option<Quantity>) -> Self {
        Self {
            min: of("min"),
            max: of("max"),
            limit: of("default"),
            request: of("defaultRequest"),
            ratio: of("maxLimitRequestRatio"),
        }
    }
}

fn validate_resource(errors: &mut Errors, name: &str, bounds: &Bounds, path: &Path<'_>) {
    let Bounds { min, max, limit, request, ratio } = bounds;
    let mut order = |bound: &str,
                     shown: &Option<Quantity>,
                     (low, low_word): (&Option<Quantity>, &str),
                     (high, high_word): (&Option<Quantity>, &str)| {
        if let (Some(shown), Some(low), Some(high)) = (shown, low, high)
            && low > high
        {
            let detail = format!("{low_word} value {low} is greater than {high_word} value {high}");
            errors.invalid(&path.child(bound).key(name), &shown.to_string(), &detail);
        }
    };
    order("min", min, (min, "min"), (max, "max"));
    order("defaultRequest", request, (min, "min"), (request, "default request"));
    order("defaultRequest", request, (request, "default request"), (max, "max"));
    order("defaultRequest", request, (request, "default request"), (limit, "default limit"));
    order("default", min, (min, "min"), (limit, "default"));
    order("default", max, (limit, "default"), (max, "max"));
    if let Some(ratio) = ratio {
        let bound_path = path.child("maxLimitRequestRatio");
        let here = bound_path.key(name);
        if *ratio < Quantity::decimal(1) {
            errors.invalid(&here, &ratio.to_string(), &format!("ratio {ratio} is less than 1"));
        }
        if let (Some(min), Some(max)) = (min, max)
            && let Some(limit) = exceeded_ratio(ratio, min, max)
        {
            let detail = format!("ratio {ratio} is greater than max/min = {limit}");
            errors.invalid(&here, &ratio.to_string(), &detail);
        }
    }
    if let (Some(limit), Some(request)) = (limit, request)
        && limit != request
        && !resource_name::overcommits(name)
    {
        let detail =
            format!("default value {limit} must equal to defaultRequest value {request} in {name}");
        let bound_path = path.child("defaultRequest");
        errors.invalid(&bound_path.key(name), &request.to_string(), &detail);
    }
}

/// `max / min` to six places, where the ratio is beyond it.
fn exceeded_ratio(ratio: &Quantity, min: &Quantity, max: &Quantity) -> Option<String> {
    let [ratio, min, max] = [ratio, min, max].map(|amount| i128::from(amount.milli_value()));
    let micro = max.checked_mul(1_000_000)?.checked_div(min)?;
    let beyond = ratio.checked_mul(min.abs())? > max.checked_mul(1000)? * min.signum();
    let sign = if micro < 0 { "-" } else { "" };
    let (whole, part) = (micro.unsigned_abs() / 1_000_000, micro.unsigned_abs() % 1_000_000);
    beyond.then(|| format!("{sign}{whole}.{part:06}"))
}
