//! Objects of kinds that definitions made: the columns that their definition asks for.
//!
//! Models kubernetes `staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor`.

use std::borrow::Cow;

use serde_json::Value;

use super::{Cell, Columns, name};
use crate::object::{Kind, KindInfo, Object};
use crate::output::{age, jsonpath};
use crate::quote::number_g;
use crate::time::Time;

/// How a kind that a definition made is shown.
pub(super) fn columns(info: &KindInfo) -> Columns {
    Columns { columns: info.custom.columns, cells }
}

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let mut cells = vec![name(object)];
    if let Kind::Custom(info) = object.kind() {
        let value = object.to_value();
        cells.extend(info.custom.cells.iter().map(|[of, path]| cell(&value, of, path, now)));
    }
    cells
}

/// A cell; `<none>`, as kubectl shows nil, where there is nothing that fits the column's type.
fn cell(object: &Value, of: &str, path: &str, now: Time) -> Cell<'static> {
    const NONE: Cell<'static> = Cow::Borrowed("");
    let Ok(template) = jsonpath::Template::parse(&format!("{{{path}}}")) else { return NONE };
    let found = template.find(object, true).unwrap_or_default();
    let Some(value) = found.first().and_then(|group| group.first()) else { return NONE };
    let text = match (of, value) {
        ("string", _) => jsonpath::print_results(&[vec![value.clone()]]),
        ("integer", Value::Number(number)) => {
            number.as_i64().map_or_else(|| whole(number), |whole| whole.to_string())
        }
        ("number", Value::Number(number)) => number_g(number),
        ("boolean", Value::Bool(flag)) => flag.to_string(),
        ("date", Value::String(text)) => match text.parse::<jiff::Timestamp>() {
            Ok(time) => {
                let time = k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(time);
                age::of(Some(&time), now)
            }
            Err(_) => "<invalid>".to_owned(),
        },
        _ => return NONE,
    };
    Cow::Owned(text)
}

/// A number without what stands behind its point.
fn whole(number: &serde_json::Number) -> String {
    let text = number.to_string();
    text.split_once('.').map_or(text.clone(), |(whole, _)| whole.to_owned())
}
