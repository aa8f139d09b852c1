//! Rules of a schema in the Common Expression Language (`x-kubernetes-validations`): reading, checking, judging by them.
//!
//! A rule is read anew where it is needed; nothing is kept. Models kubernetes
//! `staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/{compilation,validation}.go` and the language of
//! github.com/google/cel-spec. *Differs:* there are no times, durations, quantities, optional values and bytes, and a rule
//! that names a function that is not there is refused with the definition; types are checked where a rule runs, but for
//! fields that the schema has not; costs are not estimated, an evaluation ends after so many steps.

mod eval;
mod parse;

use std::cell::Cell;

use serde_json::Value;

use super::schema::{Schema, below};
use super::{at, list, text};
use crate::object::field::{Errors, Path, Verbatim};
use eval::{Scope, evaluate, is_function};
use parse::{Expr, parse};

/// What is wrong with the rules of a schema, wherever they stand in it.
pub fn check_rules(errors: &mut Errors, schema: &Value, path: &str) {
    for (index, rule) in list(schema, "x-kubernetes-validations").iter().enumerate() {
        let path = format!("{path}.x-kubernetes-validations[{index}]");
        for field in ["rule", "messageExpression"] {
            let source = text(rule, field);
            let path = format!("{path}.{field}");
            let path = Path::new(&path);
            if source.trim().is_empty() {
                if field == "rule" {
                    errors.required(&path, "rule is not specified");
                }
                continue;
            }
            let problem =
                parse(source).and_then(|expr| names(&expr, schema, &mut Vec::new()).map(|_| ()));
            if let Err((column, problem)) = problem {
                let before = if field == "rule" { "" } else { "messageExpression " };
                let line = source.lines().next().unwrap_or_default();
                let dots = ".".repeat(column);
                let detail = format!(
                    "{before}compilation failed: ERROR: <input>:1:{}: {problem}\n | {line}\n | {dots}^",
                    column + 1
                );
                errors.invalid(&path, &shown(rule), &detail);
            }
        }
    }
    if let Some(items) = schema.get("items").filter(|items| items.is_object()) {
        check_rules(errors, items, &format!("{path}.items"));
    }
    for (name, property) in super::entries(schema, "properties") {
        check_rules(errors, property, &format!("{path}.properties[{name}]"));
    }
    if let Some(rest) = schema.get("additionalProperties").filter(|rest| rest.is_object()) {
        check_rules(errors, rest, &format!("{path}.additionalProperties"));
    }
}

/// A rule as an error shows it.
fn shown(rule: &Value) -> Verbatim {
    let text = |field| Value::from(text(rule, field));
    let given = |field| at(rule, &[field]);
    Verbatim(format!(
        "{{\"Rule\":{},\"Message\":{},\"MessageExpression\":{},\"Reason\":{},\"FieldPath\":{},\"OptionalOldSelf\":{}}}",
        text("rule"),
        text("message"),
        text("messageExpression"),
        given("reason"),
        text("fieldPath"),
        given("optionalOldSelf")
    ))
}

/// Where in a rule something is wrong, from its beginning, and what.
type Problem = (usize, String);

/// Checks that names, functions and fields are there; the answer is the schema of what the expression gives, if it is known.
fn names<'a>(
    expr: &'a Expr,
    this: &'a Value,
    bound: &mut Vec<&'a str>,
) -> Result<Option<&'a Value>, Problem> {
    match expr {
        Expr::Literal(_) => Ok(None),
        Expr::Name(column, name) => match name.as_str() {
            name if bound.contains(&name) => Ok(None),
            "self" | "oldSelf" => Ok(Some(this)),
            name => Err((*column, format!("undeclared reference to '{name}' (in container '')"))),
        },
        Expr::List(items) => {
            items.iter().try_for_each(|item| names(item, this, bound).map(drop))?;
            Ok(None)
        }
        Expr::Map(entries) => {
            for (key, value) in entries {
                names(key, this, bound)?;
                names(value, this, bound)?;
            }
            Ok(None)
        }
        Expr::Field(column, of, name) => {
            let Some(schema) = names(of, this, bound)? else { return Ok(None) };
            let schema = Schema(schema);
            let meta = matches!(name.as_str(), "metadata" | "apiVersion" | "kind");
            let free = schema.flag("x-kubernetes-preserve-unknown-fields")
                || schema.0.get("properties").is_none() && schema.rest().is_none();
            match schema.field(name) {
                Some(found) => Ok(Some(found.0)),
                None if meta || free => Ok(None),
                None => Err((*column, format!("undefined field '{name}'"))),
            }
        }
        Expr::Call { column, name, target, args } => {
            if !is_function(name, *target) {
                let problem = format!(
                    "undeclared reference to '{name}' (in container ''), or a function that this sandbox does not have"
                );
                return Err((*column, problem));
            }
            let before = bound.len();
            let binds = *target && eval::MACROS.contains(&name.as_str());
            let mut first = None;
            for (index, arg) in args.iter().enumerate() {
                if binds && index == 1 {
                    match arg {
                        Expr::Name(_, name) => bound.push(name),
                        _ => return Err((*column, "argument is not an identifier".to_owned())),
                    }
                    continue;
                }
                let of = names(arg, this, bound)?;
                first = first.or(of.filter(|_| index == 0));
            }
            bound.truncate(before);
            let inner = first.map(|schema: &Value| Schema(schema).items().0);
            Ok(inner.filter(|schema| name == "[]" && !schema.is_null()))
        }
    }
}

/// Whether a schema has rules anywhere.
pub(super) fn has_rules(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => {
            map.contains_key("x-kubernetes-validations") || map.values().any(has_rules)
        }
        Value::Array(items) => items.iter().any(has_rules),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// What is wrong with an object by the rules of its schema.
pub(super) fn judge(errors: &mut Errors, value: &Value, old: Option<&Value>, schema: Schema<'_>) {
    judge_at(errors, value, old, schema, "", &Cell::new(0));
}

fn judge_at(
    errors: &mut Errors,
    value: &Value,
    old: Option<&Value>,
    schema: Schema<'_>,
    path: &str,
    steps: &Cell<usize>,
) {
    if value.is_null() {
        return;
    }
    for rule in list(schema.0, "x-kubernetes-validations") {
        judge_by(errors, value, old, rule, path, steps);
    }
    let old = old.filter(|old| !old.is_null());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if let Some(schema) = schema.field(key) {
                    let old = old.and_then(|old| old.get(key));
                    judge_at(errors, value, old, schema, &below(path, key), steps);
                }
            }
        }
        Value::Array(items) => {
            let keys: Vec<&str> = super::texts(schema.0, "x-kubernetes-list-map-keys").collect();
            for (index, item) in items.iter().enumerate() {
                let same = |one: &&Value| keys.iter().all(|key| one.get(key) == item.get(key));
                let before = old.and_then(Value::as_array).filter(|_| !keys.is_empty());
                let before = before.and_then(|items| items.iter().find(same));
                let path = format!("{path}[{index}]");
                judge_at(errors, item, before, schema.items(), &path, steps);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn judge_by(
    errors: &mut Errors,
    value: &Value,
    old: Option<&Value>,
    rule: &Value,
    path: &str,
    steps: &Cell<usize>,
) {
    let source = text(rule, "rule");
    let Ok(expr) = parse(source) else { return };
    let this = Scope { name: "self", value, outer: None };
    let scope = match (old, expr.mentions("oldSelf")) {
        (None, true) => return,
        (Some(old), true) => Scope { name: "oldSelf", value: old, outer: Some(&this) },
        (_, false) => Scope { outer: None, ..this },
    };
    let shown_value = match value {
        Value::Object(_) | Value::Array(_) => None,
        scalar => Some(scalar),
    };
    let message = text(rule, "message").trim();
    let words = if message.is_empty() { source.trim() } else { message };
    let here =
        format!("{}{}", if path.is_empty() { "<nil>" } else { path }, text(rule, "fieldPath"));
    match evaluate(&expr, &scope, steps) {
        Ok(Value::Bool(true)) => {}
        Ok(_) => {
            let told = parse(text(rule, "messageExpression")).ok();
            let told = told.and_then(|expr| evaluate(&expr, &scope, steps).ok());
            let told = told.as_ref().and_then(Value::as_str).map(str::trim);
            let detail = match told.filter(|told| !told.is_empty() && !told.contains('\n')) {
                Some(told) => told.to_owned(),
                None if message.is_empty() => format!("failed rule: {words}"),
                None => words.to_owned(),
            };
            let here = Path::new(&here);
            match (text(rule, "reason"), shown_value) {
                ("FieldValueForbidden", _) => errors.forbidden(&here, &detail),
                ("FieldValueRequired", _) => errors.required(&here, &detail),
                ("FieldValueDuplicate", Some(value)) => errors.duplicate(&here, value),
                (_, Some(value)) => errors.invalid(&here, value, &detail),
                (_, None) => errors.invalid_without_value(&here, &detail),
            }
        }
        Err(problem) => {
            let of = match value {
                Value::Object(_) => "object",
                Value::Array(_) => "array",
                Value::String(_) => "string",
                Value::Bool(_) => "boolean",
                Value::Number(_) | Value::Null => "integer",
            };
            let detail = if problem == "no such overload" {
                format!(
                    "'{problem}': call arguments did not match a supported operator, function or macro signature for rule: {words}"
                )
            } else {
                format!("{problem} evaluating rule: {words}")
            };
            errors.invalid(&Path::new(&here), of, &detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_that_names_what_is_not_there_is_refused_with_its_place() {
        let schema = |rule: &str| {
            json!({
                "type": "object", "properties": { "size": { "type": "integer" } },
                "x-kubernetes-validations": [{ "rule": rule }],
            })
        };
        let problem = |rule: &str| {
            let mut errors = Errors::new();
            check_rules(&mut errors, &schema(rule), "s");
            let line = errors.into_lines().concat();
            line.split_once("<input>:").map_or(line.clone(), |(_, rest)| rest.to_owned())
        };
        assert_eq!(problem("self.size > 1"), "");
        assert_eq!(
            problem("self.sise > 1"),
            "1:5: undefined field 'sise'\n | self.sise > 1\n | ....^"
        );
        assert!(problem("size > 1").starts_with("1:1: undeclared reference to 'size'"));
        assert!(problem("self.size >").starts_with("1:12: Syntax error"));
        assert!(problem("nope(self.size)").contains("'nope'"));
    }

    #[test]
    fn an_object_that_breaks_a_rule_is_told_why() {
        let schema = json!({ "properties": { "spec": {
            "properties": { "min": { "type": "integer", "x-kubernetes-validations": [{ "rule": "self >= oldSelf", "message": "never less" }] },
                "max": { "type": "integer" } },
            "x-kubernetes-validations": [
                { "rule": "self.min <= self.max", "messageExpression": "'at most ' + string(self.max)" },
                { "rule": "has(self.min)" },
            ] } } });
        let judged = |value: Value, old: Option<Value>| {
            let mut errors = Errors::new();
            judge(&mut errors, &value, old.as_ref(), Schema(&schema));
            errors.into_lines()
        };
        assert_eq!(judged(json!({ "spec": { "min": 1, "max": 2 } }), None), [""; 0]);
        assert_eq!(
            judged(json!({ "spec": { "min": 3, "max": 2 } }), None),
            ["spec: Invalid value: at most 2"]
        );
        assert_eq!(
            judged(json!({ "spec": { "max": 2 } }), None),
            [
                "spec: Invalid value: \"object\": no such key: min evaluating rule: self.min <= self.max",
                "spec: Invalid value: failed rule: has(self.min)",
            ]
        );
        let old = json!({ "spec": { "min": 2, "max": 2 } });
        assert_eq!(
            judged(json!({ "spec": { "min": 1, "max": 2 } }), Some(old)),
            ["spec.min: Invalid value: 1: never less"]
        );
    }
}
