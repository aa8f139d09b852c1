//! `--sort-by`: objects in the order of one field.
//!
//! Models kubectl `pkg/cmd/get/sorter.go`: numbers by size, texts that are both quantities by amount, other texts by their
//! letters, objects without the field first. *Differs:* of more than a dozen objects, those that compare alike keep the
//! order of their names (upstream's sort leaves it open).

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value;

use super::call::Call;
use super::common::klog_time;
use super::custom_columns::relaxed;
use super::failure::Failure;
use crate::object::{Object, Quantity};
use crate::order;
use crate::output::jsonpath::Template;

/// Which of kubectl's two sorters speaks where a field has no order.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Sorter {
    /// That of rows in a table.
    Table,
    /// That of objects in a list.
    Objects,
}

/// Up to so many, Go's sort is one by insertion.
const INSERTION_MAX: usize = 12;

/// Sorts by a path such as `.metadata.name` or `{.spec.replicas}`.
pub(super) fn by(
    call: &Call,
    path: &str,
    objects: &mut [Arc<Object>],
    sorter: Sorter,
) -> Result<(), Failure> {
    if objects.is_empty() {
        return Ok(());
    }
    let field = relaxed(path).unwrap_or_else(|_| path.to_owned());
    let in_table = if sorter == Sorter::Table { "sorting error: " } else { "" };
    let template =
        Template::parse(&field).map_err(|error| Failure::plain(format!("{in_table}{error}")))?;
    let mut keyed: Vec<(Option<Value>, Arc<Object>)> = Vec::with_capacity(objects.len());
    for object in objects.iter() {
        let found = template.find(&object.to_value(), true);
        let found = found.map_err(|error| Failure::plain(error.to_string()))?;
        let key = found.into_iter().next().and_then(|group| group.into_iter().next());
        keyed.push((key, Arc::clone(object)));
    }
    if keyed.iter().all(|(key, _)| key.is_none()) {
        return Err(Failure::plain(format!(
            "couldn't find any field with path {field:?} in the list of objects"
        )));
    }
    let values = keyed.iter().filter_map(|(key, _)| key.as_ref());
    if let Some(problem) = keyed.get(1).and_then(|_| unsortable(values)) {
        return Err(exit(call, &field, sorter, &problem));
    }
    if keyed.len() <= INSERTION_MAX {
        insert(&mut keyed);
    } else {
        order::sort_by(&mut keyed, |(left, _), (right, _)| compare(left.as_ref(), right.as_ref()));
    }
    for (slot, (_, object)) in objects.iter_mut().zip(keyed) {
        *slot = object;
    }
    Ok(())
}

/// What cannot be brought into an order: lists, mappings, and values of different kinds.
fn unsortable<'a>(values: impl Iterator<Item = &'a Value>) -> Option<String> {
    let mut first: Option<&Value> = None;
    for value in values {
        let kind = match value {
            Value::Array(_) => "[]interface {}",
            Value::Object(_) => "map[string]interface {}",
            Value::Bool(_) => "bool",
            Value::Null | Value::Number(_) | Value::String(_) => "",
        };
        if !kind.is_empty() {
            return Some(format!("unsortable type: {kind}"));
        }
        if first.is_some_and(|first| first.is_string() != value.is_string()) {
            return Some("unsortable interface: interface".to_owned());
        }
        first = Some(value);
    }
    None
}

/// kubectl ends there with a line for its log.
fn exit(call: &Call, field: &str, sorter: Sorter, problem: &str) -> Failure {
    let (line, of) = match sorter {
        Sorter::Objects => (329, "*unstructured.Unstructured"),
        Sorter::Table => (375, "[][][]reflect.Value"),
    };
    Failure::Bare(format!(
        "F{} sorter.go:{line}] Field {field} in {of} is an unsortable type: interface, err: {problem}",
        klog_time(call)
    ))
}

/// Go's insertion sort, for which objects without the field are less than each other.
fn insert(keyed: &mut [(Option<Value>, Arc<Object>)]) {
    for from in 1..keyed.len() {
        let mut at = from;
        while at > 0 && less(keyed[at].0.as_ref(), keyed[at - 1].0.as_ref()) {
            keyed.swap(at, at - 1);
            at -= 1;
        }
    }
}

fn less(left: Option<&Value>, right: Option<&Value>) -> bool {
    left.is_none() || compare(left, right) == Ordering::Less
}

fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    match (left, right) {
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => left.cmp(&right),
                _ => left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal),
            }
        }
        (Some(Value::String(left)), Some(Value::String(right))) => {
            match (Quantity::parse(left), Quantity::parse(right)) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                _ => left.cmp(right),
            }
        }
        (left, right) => {
            let rank = |value: Option<&Value>| value.map(|value| !value.is_null());
            rank(left).cmp(&rank(right))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_come_before_letters_and_nothing_before_all() {
        let order = |left: Value, right: Value| compare(Some(&left), Some(&right));
        assert_eq!(order(json!("9"), json!("10")), Ordering::Less);
        assert_eq!(order(json!("1Ki"), json!("1024")), Ordering::Equal);
        assert_eq!(order(json!("web-10"), json!("web-2")), Ordering::Less);
        assert_eq!(order(json!(2), json!(10)), Ordering::Less);
        assert_eq!(compare(None, Some(&json!(1))), Ordering::Less);
        assert!(unsortable([json!([])].iter()).is_some());
        assert!(unsortable([json!(1), json!("a")].iter()).is_some());
        assert!(unsortable([json!("a"), json!("b")].iter()).is_none());
    }
}
