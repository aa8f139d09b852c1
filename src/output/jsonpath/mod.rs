//! kubectl's `JSONPath` templates: `{range .items[*]}{.metadata.name}{"\n"}{end}`.
//!
//! [`Template::parse`] reads one, [`Template::print`] fills it from an object. Keys that are missing print nothing.
//! Models client-go `util/jsonpath/{parser,jsonpath}.go`.
//!
//! *Differs:* the entries of a mapping are visited in the order of their keys (upstream in any); templates that nest
//! absurdly deep or would visit millions of values are refused.

mod eval;
mod parse;

use std::fmt;

use serde_json::Value;

use super::json;

use crate::quote::number_g;

pub use crate::quote::go_syntax;

pub(in crate::output) use parse::unquote;

/// A template that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    nodes: Vec<parse::Node>,
}

/// Why a template cannot be read or filled; upstream's sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPathError(pub String);

impl fmt::Display for JsonPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JsonPathError {}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        parse::parse(text, 0).map(|nodes| Self { nodes }).map_err(JsonPathError)
    }

    /// Fills it from an object.
    pub fn print(&self, object: &Value) -> Result<String, JsonPathError> {
        self.find(object, true).map(|results| print_results(&results))
    }

    /// The names, if the template is nothing but a path of fields in one pair of braces.
    pub fn fields(&self) -> Option<Vec<String>> {
        let [parse::Node::List(nodes)] = self.nodes.as_slice() else { return None };
        let name = |node: &parse::Node| match node {
            parse::Node::Field(name) => Some(name.clone()),
            _ => None,
        };
        nodes.iter().map(name).collect()
    }

    /// What each part of the template finds, in groups that print with spaces between.
    pub fn find(
        &self,
        object: &Value,
        missing_allowed: bool,
    ) -> Result<Vec<Vec<Value>>, JsonPathError> {
        let found = eval::find(&self.nodes, object, missing_allowed).map_err(JsonPathError)?;
        Ok(found
            .into_iter()
            .map(|group| group.into_iter().map(std::borrow::Cow::into_owned).collect())
            .collect())
    }
}

/// What was found, as text.
pub fn print_results(results: &[Vec<Value>]) -> String {
    let mut text = String::new();
    for group in results {
        let words: Vec<String> = group.iter().map(print_value).collect();
        text.push_str(&words.join(" "));
    }
    text
}

/// A value as it stands in the output: collections as JSON in one line.
fn print_value(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => json::compact(value),
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number_g(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object() -> Value {
        json!({
            "kind": "List", "nothing": null, "ratio": 1.5, "big": 1_234_567.5,
            "items": [
                {"name": "a", "n": 1, "ports": [{"port": 80}, {"port": 443}], "labels": {"x.y/z": "1"}},
                {"name": "b", "n": 20, "ports": [], "ready": true},
            ],
        })
    }

    fn print(template: &str) -> String {
        match Template::parse(template) {
            Ok(template) => template.print(&object()).unwrap_or_else(|error| format!("! {error}")),
            Err(error) => format!("? {error}"),
        }
    }

    #[test]
    fn fills_templates() {
        for (template, text) in [
            ("{.items[*].name}", "a b"),
            ("{.items[-1].name}/{.items[0:2].n}", "b/1 20"),
            ("{.items[::2].name}", "a"),
            ("{.items[?(@.n>5)].name}", "b"),
            ("{.items[?(@.ready==true)].name}", "b"),
            ("{.items[?(@.ready)].name}", "b"),
            // An index out of bounds counts as something found, as upstream.
            ("{.items[?(@.ports[0])].name}", "a b"),
            ("{.items[?(@.name==\"a\")].labels.x\\.y/z}", "1"),
            ("{.items[0].labels['x\\.y/z']}", "1"),
            ("{.items[0]['name','n']}", "a 1"),
            ("{range .items[*]}{.name}:{range .ports[*]}{.port},{end};{end}.", "a:80,443,;b:;."),
            ("{range .items[*]}[{.name}]{end}{.kind}", "[a][b]List"),
            ("{range .none[*]}{.name}{end}x", "x"),
            ("{..port}", "80 443"),
            ("{.nothing} {.ratio} {.big}", "<nil> 1.5 1.2345675e+06"),
            ("{.items[0].ports}", r#"[{"port":80},{"port":443}]"#),
            ("{'it is'} {\"a\\tb\"}", "it is a\tb"),
            ("{.missing.deep}", ""),
            ("{1}{2.5}{true}", "12.5true"),
            ("{$.kind}", "List"),
        ] {
            assert_eq!(print(template), text, "{template}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (template, error) in [
            ("{.x", "? unclosed action"),
            ("{.x[", "? unterminated array"),
            ("{.x[a]}", "? invalid array index a"),
            ("{.x[?(@.a]}", "? unterminated filter"),
            ("{.x[?(@.a)}", "? unclosed array expect ]"),
            ("{\"x}", "? unterminated quoted string"),
            ("{%}", "? unrecognized character in action: U+0025 '%'"),
            ("{....x}", "? invalid multiple recursive descent"),
            ("{1.2.3}", "? cannot parse number 1.2.3"),
            ("{.items[5]}", "! array index out of bounds: index 5, length 2"),
            ("{.items[1:0]}", "! starting index 1 is greater than ending index 0"),
            ("{.items[0:2:0]}", "! step must be > 0"),
            ("{.kind[0]}", "! string is not array or slice"),
            (
                "{.items[0].labels[?(@.a)]}",
                "! map[x.y/z:1] is not array or slice and cannot be filtered",
            ),
            ("{.items[?(@.n==\"1\")]}", "! incompatible types for comparison"),
            ("{.items[?(@.n=1)]}", "! unrecognized filter operator ="),
            ("{end}", "! not in range, nothing to end"),
            ("{foo}", "! unrecognized identifier foo"),
        ] {
            assert_eq!(print(template), error, "{template}");
        }
    }

    #[test]
    fn shows_objects_in_go_syntax() {
        assert_eq!(
            go_syntax(&json!({"a": [1, "x", null], "b": {}})),
            r#"map[string]interface {}{"a":[]interface {}{1, "x", interface {}(nil)}, "b":map[string]interface {}{}}"#
        );
    }
}
