//! CustomResourceDefinitions: defaults and validation, but for what their schemas must be (`definition_schema.rs`).
//!
//! Models kubernetes `staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions` (`v1/defaults.go`,
//! `v1/conversion.go`, `validation/validation.go`) and `pkg/registry/customresourcedefinition/strategy.go`. What all
//! versions say alike is checked once, under the name that it had when a definition had one version.
//! *Differs:* conversion by webhooks is refused; versions that differ are shown in errors without what they differ in.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value, json};

use super::ValueBody;
use super::definition_schema::validate_schema;
use super::look::{at, default_text, list, text, texts};
use super::rules::{PLAIN, Rules};
use crate::object::custom::condition;
use crate::object::field::{Errors, Path, Verbatim};
use crate::object::{Object, names};
use crate::time::Time;

pub(super) const DEFINITION: Rules =
    Rules { default, prepare, validate, validate_new, validate_update, ..PLAIN };

fn default(fields: &mut Map<String, Value>) {
    let spec = super::object(fields, "spec");
    let names = super::object(spec, "names");
    let kind = names.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !kind.is_empty() {
        default_text(names, "singular", &kind.to_lowercase());
        default_text(names, "listKind", &format!("{kind}List"));
    }
    if spec.get("conversion").is_none_or(Value::is_null) {
        spec.insert("conversion".to_owned(), json!({ "strategy": "None" }));
    }
}

fn prepare(_: &mut Arc<ObjectMeta>, body: &mut ValueBody, _: Time) {
    note_stored_version(body);
}

/// Notes in the status in which version objects are stored from now on.
pub(crate) fn note_stored_version(body: &mut ValueBody) {
    let storage = |version: &&Value| version.get("storage") == Some(&Value::Bool(true));
    let Some(version) = list(body.spec(), "versions").iter().find(storage) else { return };
    let name = Value::from(text(version, "name"));
    if list(&body.status, "storedVersions").contains(&name) {
        return;
    }
    let status = Arc::make_mut(&mut body.status);
    if !status.is_object() {
        *status = json!({});
    }
    if let Some(status) = status.as_object_mut() {
        match status.get_mut("storedVersions").and_then(Value::as_array_mut) {
            Some(stored) => stored.push(name),
            None => drop(status.insert("storedVersions".to_owned(), json!([name]))),
        }
    }
}

fn validate_new(errors: &mut Errors, object: &Object, body: &ValueBody) {
    const APPROVED: &str = "api-approved.kubernetes.io";
    let group = text(body.spec(), "group");
    let ours = |domain: &str| {
        group.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if (ours("k8s.io") || ours("kubernetes.io")) && object.annotation(APPROVED).is_none() {
        let detail = format!(
            "protected groups must have approval annotation {APPROVED:?}, see https://github.com/kubernetes/enhancements/pull/1111"
        );
        let annotations = Path::new("metadata").child("annotations").key(APPROVED).to_string();
        errors.required(&Path::new(&annotations), &detail);
    }
}

fn validate(errors: &mut Errors, object: &Object, body: &ValueBody) {
    let (spec, path) = (body.spec(), Path::new("spec"));
    let group = text(spec, "group");
    if object.name() != format!("{}.{group}", text(at(spec, &["names"]), "plural")) {
        let detail = "must be spec.names.plural+\".\"+spec.group";
        errors.invalid(&Path::new("metadata").child("name"), object.name(), detail);
    }
    let problems = names::dns1123_subdomain(group);
    if group.is_empty() {
        errors.required(&path.child("group"), "");
    } else if !problems.is_empty() {
        errors.invalid(&path.child("group"), group, &problems.join(","));
    } else if !group.contains('.') {
        let detail = "should be a domain with at least one dot";
        errors.invalid(&path.child("group"), group, detail);
    }
    match text(spec, "scope") {
        "" => errors.required(&path.child("scope"), ""),
        "Cluster" | "Namespaced" => {}
        scope => {
            errors.not_supported(&path.child("scope"), scope, &["Cluster", "Namespaced"]);
        }
    }
    validate_versions(errors, spec, &path);
    validate_names(errors, at(spec, &["names"]), &path.child("names"));
    validate_shared(errors, spec, &path);
    if spec.get("preserveUnknownFields") == Some(&Value::Bool(true)) {
        let detail = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
        errors.invalid(&path.child("preserveUnknownFields"), &true, detail);
    }
    let conversion = path.child("conversion");
    match text(at(spec, &["conversion"]), "strategy") {
        "None" => {}
        "" => errors.required(&conversion.child("strategy"), ""),
        "Webhook" => errors.forbidden(
            &conversion.child("strategy"),
            "this sandbox has no webhooks, so it cannot convert between versions by one",
        ),
        other => errors.not_supported(&conversion.child("strategy"), other, &["None", "Webhook"]),
    }
}

/// What a version and all versions may say: the schema, subresources, columns.
const SHARED: [&str; 3] = ["schema", "subresources", "additionalPrinterColumns"];

/// Whether all versions say the same in a field, which then counts as said once for all.
fn alike(versions: &[Value], field: &str) -> bool {
    let of = |version: &Value| version.get(field).filter(|value| !value.is_null()).cloned();
    versions.windows(2).all(|pair| of(&pair[0]) == of(&pair[1]))
}

fn validate_versions(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let (versions, path) = (list(spec, "versions"), path.child("versions"));
    for (index, version) in versions.iter().enumerate() {
        if !at(version, &["schema", "openAPIV3Schema"]).is_object() {
            let (path, schema) = (path.index(index), "schema");
            errors.required(&path.child(schema).child("openAPIV3Schema"), "");
        }
    }
    for (index, version) in versions.iter().enumerate() {
        let path = path.index(index);
        let name = text(version, "name");
        let problems = names::dns1035_label(name);
        if !problems.is_empty() {
            errors.invalid(&path.child("name"), name, &problems.join(","));
        }
        for field in SHARED.iter().filter(|field| !alike(versions, field)) {
            validate_part(errors, version, field, &path.child(field));
        }
    }
    let repeated = versions.iter().enumerate().any(|(index, version)| {
        versions[..index].iter().any(|other| text(other, "name") == text(version, "name"))
    });
    if repeated {
        errors.invalid(&path, &shown(versions), "must contain unique version names");
    }
    let storage = versions.iter().filter(|one| one.get("storage") == Some(&Value::Bool(true)));
    if storage.count() != 1 {
        let detail = "must have exactly one version marked as storage version";
        errors.invalid(&path, &shown(versions), detail);
    }
}

/// What versions say alike.
fn validate_shared(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let versions = list(spec, "versions");
    let Some(first) = versions.first() else { return };
    for field in SHARED.iter().filter(|field| alike(versions, field)) {
        let name = if *field == "schema" { "validation" } else { field };
        validate_part(errors, first, field, &path.child(name));
    }
}

fn validate_part(errors: &mut Errors, version: &Value, field: &str, path: &Path<'_>) {
    let part = at(version, &[field]);
    match field {
        "schema" => {
            let schema = at(part, &["openAPIV3Schema"]);
            if schema.is_object() {
                validate_schema(errors, schema, &path.child("openAPIV3Schema"));
            }
        }
        "subresources" => validate_scale(errors, at(part, &["scale"]), path),
        _ => {
            for (index, column) in list(version, field).iter().enumerate() {
                validate_column(errors, column, &path.index(index));
            }
        }
    }
}

fn validate_scale(errors: &mut Errors, scale: &Value, path: &Path<'_>) {
    if !scale.is_object() {
        return;
    }
    for (field, needed, below, words) in [
        ("specReplicasPath", true, &[".spec."][..], ".spec"),
        ("statusReplicasPath", true, &[".status."], ".status"),
        ("labelSelectorPath", false, &[".spec.", ".status."], "either .spec or .status"),
    ] {
        let (value, name) = (text(scale, field), format!("scale.{field}"));
        let path = path.child(&name);
        if value.is_empty() {
            if needed {
                errors.required(&path, "");
            }
        } else if !value.starts_with('.') {
            errors.invalid(&path, value, "must be a simple json path starting with .");
        } else if !below.iter().any(|below| value.starts_with(below)) {
            errors.invalid(&path, value, &format!("should be a json path under {words}"));
        }
    }
}

fn validate_column(errors: &mut Errors, column: &Value, path: &Path<'_>) {
    const TYPES: &str = "must be one of boolean,date,integer,number,string";
    const FORMATS: &str = "byte,date,date-time,double,float,int32,int64,password";
    if text(column, "name").is_empty() {
        errors.required(&path.child("name"), "");
    }
    match text(column, "type") {
        "" => errors.required(&path.child("type"), TYPES),
        "boolean" | "date" | "integer" | "number" | "string" => {}
        other => errors.invalid(&path.child("type"), other, TYPES),
    }
    let format = text(column, "format");
    if !format.is_empty() && !FORMATS.split(',').any(|known| known == format) {
        let detail = format!("must be one of {FORMATS}");
        errors.invalid(&path.child("format"), format, &detail);
    }
    match text(column, "jsonPath") {
        "" => errors.required(&path.child("JSONPath"), ""),
        value if value.starts_with('.') => {}
        value => {
            let detail = "must be a simple json path starting with .";
            errors.invalid(&path.child("JSONPath"), value, detail);
        }
    }
}

fn validate_names(errors: &mut Errors, named: &Value, path: &Path<'_>) {
    let fields = ["plural", "singular", "kind", "listKind"];
    for field in fields.iter().filter(|field| text(named, field).is_empty()) {
        errors.required(&path.child(field), "");
    }
    for field in fields {
        let name = text(named, field);
        let mixed = matches!(field, "kind" | "listKind");
        let problems = names::dns1035_label(&if mixed { name.to_lowercase() } else { name.into() });
        if !name.is_empty() && !problems.is_empty() {
            let before =
                if mixed { "may have mixed case, but should otherwise match: " } else { "" };
            let detail = format!("{before}{}", problems.join(","));
            errors.invalid(&path.child(field), name, &detail);
        }
    }
    let kind = text(named, "kind");
    let each = |errors: &mut Errors, field: &str| {
        for (index, name) in texts(named, field).enumerate() {
            let problems = names::dns1035_label(name);
            if !problems.is_empty() {
                errors.invalid(&path.child(field).index(index), name, &problems.join(","));
            }
        }
    };
    each(errors, "shortNames");
    if !kind.is_empty() && kind == text(named, "listKind") {
        errors.invalid(&path.child("listKind"), kind, "kind and listKind may not be the same");
    }
    each(errors, "categories");
}

/// The versions as an error shows them: with Go's names, and without what all of them say.
fn shown(versions: &[Value]) -> Verbatim {
    let flag = |version: &Value, field: &str| version.get(field) == Some(&Value::Bool(true));
    let texts: Vec<String> = versions
        .iter()
        .map(|version| {
            let warning = at(version, &["deprecationWarning"]);
            format!(
                "{{\"Name\":{},\"Served\":{},\"Storage\":{},\"Deprecated\":{},\"DeprecationWarning\":{warning},\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,\"SelectableFields\":null}}",
                Value::from(text(version, "name")),
                flag(version, "served"),
                flag(version, "storage"),
                flag(version, "deprecated")
            )
        })
        .collect();
    Verbatim(format!("[{}]", texts.join(",")))
}

fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    let path = Path::new("spec");
    let names = path.child("names");
    let of = |body: &ValueBody, place: &[&str]| {
        let value = place.iter().fold(body.spec(), |value, field| at(value, &[field]));
        value.as_str().unwrap_or_default().to_owned()
    };
    let mut fixed: Vec<(&[&str], Path<'_>)> = Vec::new();
    if condition(old, "Established") == Some("True") {
        fixed.push((&["scope"], path.child("scope")));
        fixed.push((&["names", "kind"], names.child("kind")));
    }
    fixed.push((&["group"], path.child("group")));
    fixed.push((&["names", "plural"], names.child("plural")));
    for (place, path) in fixed {
        let value = of(new, place);
        if value != of(old, place) {
            errors.invalid(&path, &value, "field is immutable");
        }
    }
    let stored: Vec<&str> = texts(&old.status, "storedVersions").collect();
    let versions = list(new.spec(), "versions");
    for (index, name) in stored.into_iter().enumerate() {
        if !versions.iter().any(|version| text(version, "name") == name) {
            let detail = format!(
                "missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions"
            );
            let path = Path::new("status").child("storedVersions").index(index).to_string();
            errors.invalid(&Path::new(&path), name, &detail);
        }
    }
}
