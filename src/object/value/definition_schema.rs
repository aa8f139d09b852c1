//! What the schema in a CustomResourceDefinition must be: structural, so that it is clear which fields there are.
//!
//! Models kubernetes `staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{validation,complete}.go`,
//! `schema/defaulting/validation.go` and `pkg/apis/apiextensions/validation/validation.go`
//! (`ValidateCustomResourceDefinitionOpenAPISchema`). *Differs:* properties are looked at in the order of their names.

use serde_json::Value;

use super::look::{entries, given, list, text, texts};
use crate::bash::regex::{Syntax, compile};
use crate::object::custom::{check_rules, validate_at};
use crate::object::field::{Errors, Path};

/// Where in a schema one stands.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Validates a version's schema.
pub(super) fn validate_schema(errors: &mut Errors, schema: &Value, path: &Path<'_>) {
    if flag(schema, "nullable") {
        errors.forbidden(&path.child("nullable"), "nullable cannot be true at the root");
    }
    let mut structural = Errors::new();
    invariants(&mut structural, schema, Level::Root, path);
    let mut lines = structural.into_lines();
    crate::order::sort(&mut lines);
    let sound = lines.is_empty();
    errors.extend(Errors::from_lines(lines));
    if sound {
        defaults(errors, schema, path);
    }
    rules(errors, schema, path);
    if sound {
        check_rules(errors, schema, &path.to_string());
    }
}

fn flag(schema: &Value, name: &str) -> bool {
    schema.get(name) == Some(&Value::Bool(true))
}

/// Calls a function with every schema right below one, and its place.
fn below(schema: &Value, path: &Path<'_>, mut visit: impl FnMut(&Value, Level, &Path<'_>)) {
    if let Some(items) = given(schema, "items") {
        visit(items, Level::Item, &path.child("items"));
    }
    for (name, property) in entries(schema, "properties") {
        visit(property, Level::Field, &path.child("properties").key(name));
    }
    if let Some(rest) = given(schema, "additionalProperties").filter(|rest| rest.is_object()) {
        visit(rest, Level::Field, &path.child("additionalProperties"));
    }
}

/// `validateStructuralInvariants`
fn invariants(errors: &mut Errors, schema: &Value, level: Level, path: &Path<'_>) {
    let of = text(schema, "type");
    if of == "array" && given(schema, "items").is_none() {
        errors.required(&path.child("items"), "must be specified");
    }
    below(schema, path, |schema, level, path| invariants(errors, schema, level, path));
    if level == Level::Root && given(schema, "additionalProperties").is_some() {
        errors.forbidden(&path.child("additionalProperties"), "must not be used at the root");
    }
    let (either, free) = (
        flag(schema, "x-kubernetes-int-or-string"),
        flag(schema, "x-kubernetes-preserve-unknown-fields"),
    );
    if either && free {
        let path = path.child("x-kubernetes-preserve-unknown-fields");
        errors.invalid(&path, &true, "must be false if x-kubernetes-int-or-string is true");
    }
    alternatives(errors, schema, (level == Level::Root).then_some((schema, path)), path);
    let pattern = text(schema, "pattern");
    if let Err(problem) = compile(pattern, Syntax::Perl, false) {
        let detail = format!("must be a valid regular expression, but isn't: {problem}");
        errors.invalid(&path.child("pattern"), pattern, &detail);
    }
    let embedded = flag(schema, "x-kubernetes-embedded-resource");
    if embedded && of != "object" {
        let detail = "must be object if x-kubernetes-embedded-resource is true";
        match of {
            "" => errors.required(&path.child("type"), detail),
            _ => errors.invalid(&path.child("type"), of, detail),
        }
    } else if of.is_empty() && !either && !free {
        let detail = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        errors.required(&path.child("type"), detail);
    }
    if level == Level::Root && !of.is_empty() && of != "object" {
        errors.invalid(&path.child("type"), of, "must be object at the root");
    }
    if level == Level::Root || embedded {
        metadata(errors, schema, level, path);
    }
}

/// What may be said of the fields that all objects have.
fn metadata(errors: &mut Errors, schema: &Value, level: Level, path: &Path<'_>) {
    for (name, property) in entries(schema, "properties") {
        let properties = path.child("properties");
        let path = properties.key(name);
        let of = text(property, "type");
        match name {
            "kind" | "apiVersion" if of != "string" => {
                errors.invalid(&path.child("type"), of, "must be string");
            }
            "metadata" => {
                if of != "object" {
                    errors.invalid(&path.child("type"), of, "must be object");
                }
                let says = property.as_object().into_iter().flatten();
                let only_names = says.clone().all(|(key, _)| {
                    matches!(key.as_str(), "type" | "description" | "properties" | "default")
                }) && entries(property, "properties")
                    .all(|(key, _)| matches!(key, "name" | "generateName"));
                if level == Level::Root && !only_names {
                    let detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
                    errors.forbidden(&path, detail);
                }
            }
            _ => {}
        }
    }
}

/// Alternatives may only judge: they say nothing of types, and at the root of no field that is not there beside them.
fn alternatives(
    errors: &mut Errors,
    schema: &Value,
    root: Option<(&Value, &Path<'_>)>,
    path: &Path<'_>,
) {
    for word in ["allOf", "anyOf", "oneOf"] {
        for (index, one) in list(schema, word).iter().enumerate() {
            // `anyOf: [{type: integer}, {type: string}]` is how both are let through.
            let types = matches!(text(one, "type"), "integer" | "string");
            if types && word == "anyOf" && flag(schema, "x-kubernetes-int-or-string") {
                continue;
            }
            alternative(errors, one, root, &path.child(word).index(index));
        }
    }
    if let Some(not) = given(schema, "not") {
        alternative(errors, not, root, &path.child("not"));
    }
}

fn alternative(
    errors: &mut Errors,
    one: &Value,
    beside: Option<(&Value, &Path<'_>)>,
    path: &Path<'_>,
) {
    alternatives(errors, one, beside, path);
    for (name, property) in entries(one, "properties") {
        let properties = path.child("properties");
        let here = properties.key(name);
        match beside {
            None => alternative(errors, property, None, &here),
            Some((schema, place)) => {
                let places = place.child("properties");
                let place = places.key(name);
                if let Some(beside) = schema.get("properties").and_then(|all| all.get(name)) {
                    alternative(errors, property, Some((beside, &place)), &here);
                } else {
                    errors.required(&place, &format!("because it is defined in {here}"));
                }
            }
        }
    }
    for (field, must) in [
        ("type", "empty"),
        ("additionalProperties", "undefined"),
        ("default", "undefined"),
        ("title", "empty"),
        ("description", "empty"),
        ("nullable", "false"),
        ("x-kubernetes-preserve-unknown-fields", "false"),
        ("x-kubernetes-embedded-resource", "false"),
        ("x-kubernetes-int-or-string", "false"),
        ("x-kubernetes-validations", "empty"),
    ] {
        let said = given(one, field);
        if said.is_some_and(|value| *value != Value::Bool(false) && value.as_str() != Some("")) {
            errors.forbidden(&path.child(field), &format!("must be {must} to be structural"));
        }
    }
}

/// A default must be what its schema lets through.
fn defaults(errors: &mut Errors, schema: &Value, path: &Path<'_>) {
    if let Some(default) = given(schema, "default") {
        let mut found = Errors::new();
        validate_at(&mut found, default, schema, "");
        let path = path.child("default").to_string();
        let lines = found.into_lines().into_iter().map(|line| {
            let dot = if line.starts_with([':', '[']) { "" } else { "." };
            format!("{path}{dot}{line}")
        });
        errors.extend(Errors::from_lines(lines.collect()));
    }
    below(schema, path, |schema, _, path| defaults(errors, schema, path));
}

/// `ValidateCustomResourceDefinitionOpenAPISchema`
fn rules(errors: &mut Errors, schema: &Value, path: &Path<'_>) {
    const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
    let of = text(schema, "type");
    if !of.is_empty() && !TYPES.contains(&of) {
        errors.not_supported(&path.child("type"), of, &TYPES);
    }
    for field in
        ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"]
    {
        if given(schema, field).is_some() {
            errors.forbidden(&path.child(field), &format!("{field} is not supported"));
        }
    }
    if of == "null" {
        let detail = "type cannot be set to null, use nullable as an alternative";
        errors.forbidden(&path.child("type"), detail);
    }
    if flag(schema, "uniqueItems") {
        let detail =
            "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        errors.forbidden(&path.child("uniqueItems"), detail);
    }
    let both = given(schema, "additionalProperties").is_some_and(|rest| *rest != Value::Bool(true))
        && entries(schema, "properties").next().is_some();
    if both {
        let detail = "additionalProperties and properties are mutual exclusive";
        errors.forbidden(&path.child("additionalProperties"), detail);
    }
    below(schema, path, |schema, _, path| rules(errors, schema, path));
    if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(false)) {
        let path = path.child("x-kubernetes-preserve-unknown-fields");
        errors.invalid(&path, &false, "must be true or undefined");
    }
    list_rules(errors, schema, path);
}

fn list_rules(errors: &mut Errors, schema: &Value, path: &Path<'_>) {
    let (of, list_type) = (text(schema, "type"), text(schema, "x-kubernetes-list-type"));
    let here = path.child("x-kubernetes-list-type");
    if !list_type.is_empty() && of != "array" {
        let detail = "must be array if x-kubernetes-list-type is specified";
        match of {
            "" => errors.required(&path.child("type"), detail),
            _ => errors.invalid(&path.child("type"), of, detail),
        }
    }
    if !matches!(list_type, "" | "atomic" | "set" | "map") {
        errors.not_supported(&here, list_type, &["atomic", "set", "map"]);
    }
    let keys: Vec<&str> = texts(schema, "x-kubernetes-list-map-keys").collect();
    if !keys.is_empty() && list_type != "map" {
        let detail = "must be map if x-kubernetes-list-map-keys is non-empty";
        match list_type {
            "" => errors.required(&here, detail),
            _ => errors.invalid(&here, list_type, detail),
        }
    }
    if list_type != "map" {
        return;
    }
    let keys_path = path.child("x-kubernetes-list-map-keys");
    if keys.is_empty() {
        let detail = "must not be empty if x-kubernetes-list-type is map";
        errors.required(&keys_path, detail);
    }
    let Some(items) = given(schema, "items") else { return };
    let items_path = path.child("items");
    if text(items, "type") != "object" {
        let detail = "must be object if parent array's x-kubernetes-list-type is map";
        return errors.invalid(&items_path.child("type"), text(items, "type"), detail);
    }
    for key in keys {
        let Some(property) = items.get("properties").and_then(|all| all.get(key)) else {
            let value = schema.get("x-kubernetes-list-map-keys").cloned().unwrap_or_default();
            errors.invalid(&keys_path, &value, "entries must all be names of item properties");
            continue;
        };
        let required = texts(items, "required").any(|name| name == key);
        if !required && given(property, "default").is_none() {
            let properties = items_path.child("properties");
            let detail = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            errors.required(&properties.key(key).child("default"), detail);
        }
    }
}
