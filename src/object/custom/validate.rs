//! What is wrong with a custom object by its version's schema.
//!
//! Models kube-openapi `pkg/validation/validate` (`schema.go`, `type.go`, `values.go`, `object_validator.go`,
//! `slice_validator.go`, `schema_props.go`), whose order and sentences these are, and kubernetes
//! `staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/{validation/validation.go,schema/listtype/validation.go}`.
//! *Differs:* properties are looked at in the order of their names (upstream in any); of alternatives that all fail, the one
//! with the fewest faults is told; of formats, those that [`super::format`] knows are checked.

use serde_json::{Number, Value};

use super::cel::{has_rules, judge};
use super::format;
use super::schema::{Schema, below};
use crate::bash::regex::{Syntax, compile};
use crate::object::field::{Errors, Path, Verbatim};
use crate::quote::{number_g, quote};

/// The faults of a whole object; what was wrong with the one that it replaces and did not change is let be.
pub fn validate_object(
    errors: &mut Errors,
    object: &Value,
    old: Option<&Value>,
    schema: &Value,
    before: &Errors,
) {
    let mut found = Errors::new();
    validate_at(&mut found, object, schema, "");
    let mut lines = found.into_lines();
    if let Some(old) = old.filter(|_| !lines.is_empty()) {
        let mut known = Errors::new();
        validate_at(&mut known, old, schema, "");
        let known = known.into_lines();
        lines.retain(|line| !known.contains(line));
    }
    if has_rules(schema) {
        // What makes rules senseless (`hasBlockingErr`).
        const BLOCKING: [&str; 4] =
            [": Unsupported value", ": Required value", ": Too long", ": Too many"];
        let blocks = |line: &String| {
            BLOCKING.iter().any(|kind| line.contains(kind)) || line.contains("must be of type")
        };
        if lines.iter().chain(before.lines()).any(blocks) {
            lines.push("<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation".to_owned());
        } else {
            let mut judged = Errors::new();
            judge(&mut judged, object, old, Schema(schema));
            let mut judged = judged.into_lines();
            if let Some(old) = old.filter(|_| !judged.is_empty()) {
                let mut known = Errors::new();
                judge(&mut known, old, None, Schema(schema));
                let known = known.into_lines();
                judged.retain(|line| !known.contains(line));
            }
            lines.extend(judged);
        }
    }
    errors.extend(Errors::from_lines(lines));
}

/// The faults of a part of an object, by the schema of that part.
pub fn validate_at(errors: &mut Errors, value: &Value, schema: &Value, path: &str) {
    check(errors, value, Schema(schema), path);
    lists(errors, value, Schema(schema), path);
}

fn check(errors: &mut Errors, value: &Value, schema: Schema<'_>, path: &str) {
    check_type(errors, value, schema, path);
    if value.is_null() {
        return check_enum(errors, value, schema, path);
    }
    check_alternatives(errors, value, schema, path);
    match value {
        Value::String(text) => check_text(errors, text, schema, path),
        Value::Number(number) => check_number(errors, number, schema, path),
        Value::Array(items) => check_items(errors, items, schema, path),
        Value::Null | Value::Bool(_) | Value::Object(_) => {}
    }
    check_enum(errors, value, schema, path);
    if let Value::Object(map) = value {
        check_properties(errors, map, schema, path);
    }
}

fn text_of<'a>(schema: Schema<'a>, field: &str) -> &'a str {
    schema.0.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn count_of(schema: Schema<'_>, field: &str) -> Option<usize> {
    schema.0.get(field).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok())
}

/// What JSON calls the type of a value, and in which format Go holds it.
fn type_of(value: &Value) -> (&'static str, &'static str) {
    match value {
        Value::Null => ("null", ""),
        Value::Bool(_) => ("boolean", ""),
        Value::String(_) => ("string", ""),
        Value::Number(number) if number.is_f64() => ("number", "float64"),
        Value::Number(_) => ("integer", "int64"),
        Value::Array(_) => ("array", ""),
        Value::Object(_) => ("object", ""),
    }
}

/// The types that a schema lets through; none if it says nothing of them.
fn wanted(schema: Schema<'_>) -> Vec<&str> {
    if schema.flag("x-kubernetes-int-or-string") {
        return vec!["integer", "string"];
    }
    let wanted = text_of(schema, "type");
    if wanted.is_empty() { Vec::new() } else { vec![wanted] }
}

fn check_type(errors: &mut Errors, value: &Value, schema: Schema<'_>, path: &str) {
    let wanted = wanted(schema);
    let (found, found_format) = type_of(value);
    let asked = Some(text_of(schema, "format")).filter(|asked| format::is_known(asked));
    if value.is_null() {
        if !wanted.is_empty() && !schema.flag("nullable") {
            mistype(errors, path, &wanted.join(","), found);
        }
        return;
    }
    if wanted.is_empty() && asked.is_none() {
        return;
    }
    let numeric = wanted.contains(&"number") || wanted.contains(&"integer");
    let whole = matches!(value, Value::Number(number) if number.as_f64().is_some_and(is_whole));
    let fits = wanted.contains(&found)
        || found == "number" && whole && wanted.contains(&"integer")
        || found == "integer" && wanted.contains(&"number");
    let listed = matches!(value, Value::String(_) | Value::Array(_));
    if let Some(asked) = asked {
        if !listed && !fits && found_format != asked {
            return mistype(errors, path, asked, found_format);
        }
        if !numeric && listed {
            return;
        }
    }
    if !fits {
        mistype(errors, path, &wanted.join(","), found);
    }
}

fn mistype(errors: &mut Errors, path: &str, wanted: &str, found: &str) {
    let detail = format!("{path} in body must be of type {wanted}: {}", quote(found));
    errors.invalid(&Path::new(path), found, &detail);
}

/// A fault that belongs to no field.
fn nowhere(errors: &mut Errors, detail: &str) {
    errors.invalid(&Path::new("<nil>"), "", detail);
}

fn check_alternatives(errors: &mut Errors, value: &Value, schema: Schema<'_>, path: &str) {
    let tried = |field: &str| -> Vec<Errors> {
        let schemas = schema.0.get(field).and_then(Value::as_array);
        let faults = |schema| {
            let mut faults = Errors::new();
            check(&mut faults, value, Schema(schema), path);
            faults
        };
        schemas.into_iter().flatten().map(faults).collect()
    };
    let best = |tried: Vec<Errors>| tried.into_iter().min_by_key(Errors::len).unwrap_or_default();
    let any = tried("anyOf");
    if !any.is_empty() && !any.iter().any(Errors::is_empty) {
        nowhere(errors, &format!("\"{path}\" must validate at least one schema (anyOf)"));
        errors.extend(best(any));
    }
    let one = tried("oneOf");
    let valid = one.iter().filter(|faults| faults.is_empty()).count();
    if !one.is_empty() && valid != 1 {
        let found = if valid == 0 {
            "Found none valid".to_owned()
        } else {
            format!("Found {valid} valid alternatives")
        };
        let detail = format!("\"{path}\" must validate one and only one schema (oneOf). {found}");
        nowhere(errors, &detail);
        if valid == 0 {
            errors.extend(best(one));
        }
    }
    let all = tried("allOf");
    let (count, valid) = (all.len(), all.iter().filter(|faults| faults.is_empty()).count());
    for faults in all {
        errors.extend(faults);
    }
    if valid != count {
        let none = if valid == 0 { ". None validated" } else { "" };
        nowhere(errors, &format!("\"{path}\" must validate all the schemas (allOf){none}"));
    }
    if let Some(not) = schema.0.get("not").filter(|not| !not.is_null()) {
        let mut faults = Errors::new();
        check(&mut faults, value, Schema(not), path);
        if faults.is_empty() {
            nowhere(errors, &format!("\"{path}\" must not validate the schema (not)"));
        }
    }
}

fn check_text(errors: &mut Errors, text: &str, schema: Schema<'_>, path: &str) {
    let here = Path::new(path);
    let length = text.chars().count();
    if let Some(max) = count_of(schema, "maxLength").filter(|max| length > *max) {
        errors.too_long(&here, max);
    }
    if let Some(min) = count_of(schema, "minLength").filter(|min| length < *min) {
        let detail = format!("{path} in body should be at least {min} chars long");
        errors.invalid(&here, text, &detail);
    }
    let pattern = text_of(schema, "pattern");
    if !pattern.is_empty() {
        match compile(pattern, Syntax::Perl, false) {
            Ok(regex) if regex.is_match(text) => {}
            Ok(_) => {
                errors.invalid(&here, text, &format!("{path} in body should match '{pattern}'"));
            }
            Err(problem) => {
                let detail = format!(
                    "{path} in body should match '{pattern}, but pattern is invalid: {problem}'"
                );
                errors.invalid(&here, text, &detail);
            }
        }
    }
    let format = text_of(schema, "format");
    if !format::fits(format, text) {
        let detail = format!("{path} in body must be of type {format}: {}", quote(text));
        errors.invalid(&here, text, &detail);
    }
}

fn is_whole(number: f64) -> bool {
    number.is_finite() && number.fract() == 0.0
}

/// Bounds of a number; whole numbers are compared as such.
#[expect(clippy::float_arithmetic, reason = "the bounds of a schema are floats")]
fn check_number(errors: &mut Errors, number: &Number, schema: Schema<'_>, path: &str) {
    let here = Path::new(path);
    let Some(value) = number.as_f64() else { return };
    let shown = Verbatim(number.to_string());
    let whole = number.as_i64();
    if text_of(schema, "format") == "int32" && whole.is_some_and(|n| i32::try_from(n).is_err()) {
        let of = text_of(schema, "type");
        let detail = format!("Checked value must be of type {of} with format int32 in {path}");
        nowhere(errors, &detail);
    }
    let bound = |field: &str| schema.0.get(field).and_then(Value::as_number);
    if let Some(factor) = bound("multipleOf") {
        let fits = match (whole, factor.as_i64()) {
            (Some(value), Some(factor)) => value.checked_rem(factor) == Some(0),
            _ => factor.as_f64().is_some_and(|factor| is_whole(value / factor)),
        };
        if !fits {
            let factor = number_g(factor);
            let detail = format!("{path} in body should be a multiple of {factor}");
            errors.invalid(&here, &shown, &detail);
        }
    }
    let compare = |bound: &Number| match (whole, bound.as_i64()) {
        (Some(value), Some(bound)) => Some(value.cmp(&bound)),
        _ => value.partial_cmp(&bound.as_f64()?),
    };
    for (field, exclusive, beyond, words) in [
        ("maximum", "exclusiveMaximum", std::cmp::Ordering::Greater, "less than"),
        ("minimum", "exclusiveMinimum", std::cmp::Ordering::Less, "greater than"),
    ] {
        let Some(bound) = bound(field) else { continue };
        let exclusive = schema.flag(exclusive);
        let order = compare(bound);
        if order == Some(beyond) || exclusive && order.is_some_and(std::cmp::Ordering::is_eq) {
            let or_equal = if exclusive { "" } else { " or equal to" };
            let bound = number_g(bound);
            let detail = format!("{path} in body should be {words}{or_equal} {bound}");
            errors.invalid(&here, &shown, &detail);
        }
    }
}

fn check_items(errors: &mut Errors, items: &[Value], schema: Schema<'_>, path: &str) {
    for (index, item) in items.iter().enumerate() {
        check(errors, item, schema.items(), &format!("{path}[{index}]"));
    }
    let (here, count) = (Path::new(path), items.len());
    if let Some(min) = count_of(schema, "minItems").filter(|min| count < *min) {
        let detail = format!("{path} in body should have at least {min} items");
        errors.invalid(&here, &Verbatim(count.to_string()), &detail);
    }
    if let Some(max) = count_of(schema, "maxItems").filter(|max| count > *max) {
        errors.too_many(&here, count, max);
    }
}

fn check_enum(errors: &mut Errors, value: &Value, schema: Schema<'_>, path: &str) {
    let Some(values) = schema.0.get("enum").and_then(Value::as_array) else { return };
    let same = |one: &Value| match (one.as_f64(), value.as_f64()) {
        (Some(one), Some(value)) => one.total_cmp(&value).is_eq(),
        _ => one == value,
    };
    if values.is_empty() || values.iter().any(same) {
        return;
    }
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let supported: Vec<String> = values.iter().map(shown).collect();
    let supported: Vec<&str> = supported.iter().map(String::as_str).collect();
    let value = value.as_str().map_or_else(|| value.to_string(), quote);
    errors.not_supported(&Path::new(path), &Verbatim(value), &supported);
}

fn check_properties(
    errors: &mut Errors,
    map: &serde_json::Map<String, Value>,
    schema: Schema<'_>,
    path: &str,
) {
    let (here, count) = (Path::new(path), map.len());
    if let Some(min) = count_of(schema, "minProperties").filter(|min| count < *min) {
        let detail = format!("{path} in body should have at least {min} properties");
        return errors.invalid(&here, &Verbatim(count.to_string()), &detail);
    }
    if let Some(max) = count_of(schema, "maxProperties").filter(|max| count > *max) {
        return errors.too_many(&here, count, max);
    }
    for (key, value) in map {
        if let Some(schema) = schema.field(key) {
            check(errors, value, schema, &below(path, key));
        }
    }
    for name in super::texts(schema.0, "required").filter(|name| !map.contains_key(*name)) {
        errors.required(&Path::new(&below(path, name)), "");
    }
}

/// Lists that are sets or maps hold each item once.
fn lists(errors: &mut Errors, value: &Value, schema: Schema<'_>, path: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if let Some(schema) = schema.field(key) {
                    lists(errors, value, schema, &below(path, key));
                }
            }
        }
        Value::Array(items) => {
            let keys: Vec<&str> = super::texts(schema.0, "x-kubernetes-list-map-keys").collect();
            let identity = |item: &Value| match text_of(schema, "x-kubernetes-list-type") {
                "set" => Some(item.clone()),
                "map" => {
                    let of = |key: &&str| Some(((*key).to_owned(), item.get(*key)?.clone()));
                    Some(Value::Object(crate::order::json(keys.iter().filter_map(of))))
                }
                _ => None,
            };
            let mut seen: Vec<Value> = Vec::new();
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}[{index}]");
                if let Some(identity) = identity(item) {
                    if seen.contains(&identity) {
                        errors.duplicate(&Path::new(&path), &identity);
                    }
                    seen.push(identity);
                }
                lists(errors, item, schema.items(), &path);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The faults of a field `x` by its schema.
    fn faults(value: &Value, schema: &Value) -> String {
        let mut errors = Errors::new();
        let object = json!({ "x": value });
        let schema = json!({ "properties": { "x": schema } });
        validate_object(&mut errors, &object, None, &schema, &Errors::new());
        errors.into_lines().join("\n")
    }

    /// A value, its schema, and what is wrong.
    const CASES: &[(&str, &str, &str)] = &[
        ("3", r#"{ "type": "integer", "minimum": 1, "maximum": 3 }"#, ""),
        ("2.0", r#"{ "type": "integer" }"#, ""),
        (
            "0",
            r#"{ "type": "integer", "minimum": 1 }"#,
            "x: Invalid value: 0: x in body should be greater than or equal to 1",
        ),
        (
            "1",
            r#"{ "type": "integer", "minimum": 1, "exclusiveMinimum": true }"#,
            "x: Invalid value: 1: x in body should be greater than 1",
        ),
        ("7", r#"{ "multipleOf": 2 }"#, "x: Invalid value: 7: x in body should be a multiple of 2"),
        (
            r#""a""#,
            r#"{ "type": "integer" }"#,
            "x: Invalid value: \"string\": x in body must be of type integer: \"string\"",
        ),
        (
            "null",
            r#"{ "type": "string" }"#,
            "x: Invalid value: \"null\": x in body must be of type string: \"null\"",
        ),
        ("null", r#"{ "type": "string", "nullable": true }"#, ""),
        (
            "true",
            r#"{ "x-kubernetes-int-or-string": true }"#,
            "x: Invalid value: \"boolean\": x in body must be of type integer,string: \"boolean\"",
        ),
        (
            r#""c""#,
            r#"{ "type": "string", "enum": ["a", "b"] }"#,
            "x: Unsupported value: \"c\": supported values: \"a\", \"b\"",
        ),
        (
            r#""""#,
            r#"{ "type": "string", "minLength": 1 }"#,
            "x: Invalid value: \"\": x in body should be at least 1 chars long",
        ),
        (
            r#""abc""#,
            r#"{ "type": "string", "maxLength": 2 }"#,
            "x: Too long: may not be more than 2 bytes",
        ),
        (
            r#""B""#,
            r#"{ "type": "string", "pattern": "^[a-z]+$" }"#,
            "x: Invalid value: \"B\": x in body should match '^[a-z]+$'",
        ),
        (
            r#""now""#,
            r#"{ "type": "string", "format": "date-time" }"#,
            "x: Invalid value: \"now\": x in body must be of type date-time: \"now\"",
        ),
        (
            r#"[1, "a"]"#,
            r#"{ "type": "array", "items": { "type": "integer" } }"#,
            "x[1]: Invalid value: \"string\": x[1] in body must be of type integer: \"string\"",
        ),
        (
            "[1, 2]",
            r#"{ "type": "array", "maxItems": 1, "items": {} }"#,
            "x: Too many: 2: must have at most 1 items",
        ),
        (r#"["a", "a"]"#, r#"{ "x-kubernetes-list-type": "set" }"#, "x[1]: Duplicate value: \"a\""),
        ("{}", r#"{ "type": "object", "required": ["a"] }"#, "x.a: Required value"),
        (
            r#"{ "k": 1 }"#,
            r#"{ "additionalProperties": { "type": "string" } }"#,
            "x.k: Invalid value: \"integer\": x.k in body must be of type string: \"integer\"",
        ),
        (
            "{}",
            r#"{ "oneOf": [{ "required": ["a"] }, { "required": ["b"] }] }"#,
            "<nil>: Invalid value: \"\": \"x\" must validate one and only one schema (oneOf). Found none valid\nx.a: Required value",
        ),
    ];

    #[test]
    fn values_are_refused_in_the_servers_words() {
        for (value, schema, expected) in CASES {
            let [value, schema] =
                [value, schema].map(|text| serde_json::from_str(text).expect("JSON"));
            assert_eq!(faults(&value, &schema), *expected, "{value} {schema}");
        }
    }
}
