//! Any object, field by field. Models `genericDescriber` and `smartLabelFor`.

use serde_json::{Map, Value};

use super::page::Page;
use super::{View, event};

/// What stands at the head already, or nobody wants to see.
const SKIPPED: [&str; 5] = [
    ".metadata.annotations",
    ".metadata.labels",
    ".metadata.managedFields",
    ".metadata.name",
    ".metadata.namespace",
];

/// Writes the description.
pub(super) fn describe(page: &mut Page, view: &View<'_>) {
    page.field(0, "Name", view.object.name());
    page.field(0, "Namespace", view.object.namespace());
    page.labels_and_annotations(view.object);
    if let Value::Object(map) = view.object.to_value() {
        fields(page, 0, &map, "");
    }
    event::table(page, view);
}

fn fields(page: &mut Page, level: usize, map: &Map<String, Value>, path: &str) {
    for (key, value) in map {
        let path = format!("{path}.{key}");
        if SKIPPED.contains(&path.as_str()) {
            continue;
        }
        let label = label(key);
        match value {
            Value::Object(inner) => {
                page.line(level, format!("{label}:"));
                fields(page, level + 1, inner, &path);
            }
            Value::Array(items) => {
                page.line(level, format!("{label}:"));
                for item in items {
                    match item {
                        Value::Object(inner) => fields(page, level + 1, inner, &path),
                        Value::Null
                        | Value::Bool(_)
                        | Value::Number(_)
                        | Value::String(_)
                        | Value::Array(_) => page.line(level + 1, text(item)),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                page.field(level, &label, text(value));
            }
        }
    }
}

fn text(scalar: &Value) -> String {
    match scalar {
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            scalar.to_string()
        }
    }
}

/// `involvedObject` becomes `Involved Object`, `apiVersion` `API Version`.
fn label(key: &str) -> String {
    if !key.chars().all(|c| c.is_alphabetic() || c == '-') {
        return key.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut after_lower = false;
    for character in key.chars() {
        if words.is_empty() || (character.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = character.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    let titled = words.into_iter().map(|word| {
        let capitals = word.to_uppercase();
        if ["API", "URL", "UID", "OSB", "GUID"].contains(&capitals.as_str()) {
            return capitals;
        }
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect())
            .unwrap_or_default()
    });
    titled.collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_words() {
        for (key, words) in [
            ("involvedObject", "Involved Object"),
            ("apiVersion", "API Version"),
            ("uid", "UID"),
            ("f:name", "f:name"),
            ("holderIdentity", "Holder Identity"),
        ] {
            assert_eq!(label(key), words);
        }
    }
}
