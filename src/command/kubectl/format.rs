//! `-o`: in which form objects are printed.
//!
//! Models cli-runtime `pkg/genericclioptions/print_flags.go` and kubectl `pkg/cmd/get/get_flags.go`.

use serde_json::{Value, json};

use super::custom_columns::CustomColumns;
use super::failure::Failure;
use crate::object::Object;
use crate::output::{json, jsonpath, yaml};
use crate::quote::go_syntax;

/// A form.
#[derive(Clone, Debug)]
pub(super) enum Format {
    /// Columns.
    Table {
        /// With the wide ones.
        wide: bool,
    },
    /// `pod/web`.
    Name,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// A `JSONPath` template, as it was given and as it was read.
    JsonPath(String, jsonpath::Template),
    /// A `JSONPath` template whose results are printed as a JSON list.
    JsonPathAsJson(String, jsonpath::Template),
    /// Columns of one's own.
    CustomColumns(CustomColumns),
}

const ALLOWED: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

/// The forms without tables, as verbs that write have them.
const ALLOWED_OF_WRITERS: &str = "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";

impl Format {
    /// Reads `-o` of a verb that shows objects; `read_file` is asked for templates in files.
    pub(super) fn parse(
        text: &str,
        read_file: impl Fn(&str) -> Result<String, Failure>,
    ) -> Result<Self, Failure> {
        let (name, argument) = text.split_once('=').unwrap_or((text, ""));
        Ok(match name {
            "" => Self::Table { wide: false },
            "wide" => Self::Table { wide: true },
            "custom-columns" => Self::CustomColumns(CustomColumns::parse(argument)?),
            "custom-columns-file" => {
                let text = read_file(argument).map_err(|failure| {
                    if let Failure::Plain(problem) = failure {
                        let text = format!("error reading template {argument}, {problem}");
                        return Failure::plain(text);
                    }
                    failure
                })?;
                Self::CustomColumns(CustomColumns::parse_file(&text)?)
            }
            _ => Self::plain(name, argument, read_file)?.ok_or_else(|| unknown(text, ALLOWED))?,
        })
    }

    /// Reads `-o` of a verb that writes objects; `None` if there is none.
    pub(super) fn parse_of_writer(
        text: &str,
        read_file: impl Fn(&str) -> Result<String, Failure>,
    ) -> Result<Option<Self>, Failure> {
        if text.is_empty() {
            return Ok(None);
        }
        let (name, argument) = text.split_once('=').unwrap_or((text, ""));
        let format = Self::plain(name, argument, read_file)?;
        format.map(Some).ok_or_else(|| unknown(text, ALLOWED_OF_WRITERS))
    }

    fn plain(
        name: &str,
        argument: &str,
        read_file: impl Fn(&str) -> Result<String, Failure>,
    ) -> Result<Option<Self>, Failure> {
        Ok(Some(match name {
            "name" => Self::Name,
            "json" => Self::Json,
            "yaml" => Self::Yaml,
            "jsonpath" => Self::JsonPath(argument.to_owned(), template(argument, name)?),
            "jsonpath-as-json" => {
                Self::JsonPathAsJson(argument.to_owned(), template(argument, name)?)
            }
            "jsonpath-file" => {
                let text = read_file(argument)?;
                let template = template(&text, name)?;
                Self::JsonPath(text, template)
            }
            "kyaml" | "go-template" | "go-template-file" | "template" | "templatefile" => {
                return Err(Failure::not_simulated(&format!("The output format {name}")));
            }
            _ => return Ok(None),
        }))
    }

    /// The same without headers.
    #[must_use]
    pub(super) fn without_headers(self) -> Self {
        if let Self::CustomColumns(columns) = self {
            return Self::CustomColumns(columns.without_headers());
        }
        self
    }

    /// Whether columns are printed.
    pub(super) fn is_table(&self) -> bool {
        matches!(self, Self::Table { .. })
    }

    /// Prints one object or list.
    pub(super) fn print(&self, value: &Value) -> Result<String, Failure> {
        Ok(match self {
            Self::Table { .. } => return Err(Failure::plain("a table has no single value")),
            Self::Json => json::print(value),
            Self::Yaml => yaml::print(value),
            Self::Name => names(value),
            Self::JsonPath(text, template) => {
                template.print(value).map_err(|error| executing(text, value, &error.0))?
            }
            Self::JsonPathAsJson(text, template) => {
                let results =
                    template.find(value, true).map_err(|error| executing(text, value, &error.0))?;
                json::print(&Value::Array(results.into_iter().flatten().collect()))
            }
            Self::CustomColumns(columns) => columns.print(value)?,
        })
    }

    /// Prints an object that kubectl holds as a Go type, not as the server's JSON: what a generator made.
    ///
    /// `JSONPath` sees every number of such an object as a float (`JSONPathPrinter`).
    pub(super) fn print_typed(&self, value: &Value) -> Result<String, Failure> {
        match self {
            Self::JsonPath(..) | Self::JsonPathAsJson(..) => {
                let mut value = value.clone();
                floats(&mut value);
                self.print(&value)
            }
            Self::Table { .. } | Self::Name | Self::Json | Self::Yaml | Self::CustomColumns(_) => {
                self.print(value)
            }
        }
    }

    /// Prints what a verb has written: one object by itself, several as a list.
    pub(super) fn print_all(
        &self,
        mut values: Vec<Value>,
        single: bool,
    ) -> Result<String, Failure> {
        if single && values.len() == 1 {
            return self.print(&values.remove(0));
        }
        self.print(&json!({"apiVersion": "v1", "items": values, "kind": "List", "metadata": {}}))
    }
}

fn floats(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64() {
                *value = Value::from(float);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(floats),
        Value::Object(map) => map.values_mut().for_each(floats),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn unknown(text: &str, allowed: &str) -> Failure {
    Failure::plain(format!(
        "unable to match a printer suitable for the output format {text:?}, allowed formats are: {allowed}"
    ))
}

fn template(text: &str, format: &str) -> Result<jsonpath::Template, Failure> {
    if text.is_empty() {
        return Err(Failure::plain(format!(
            "template format specified but no template given ({format})"
        )));
    }
    jsonpath::Template::parse(text)
        .map_err(|error| Failure::plain(format!("error parsing jsonpath {text}, {error}")))
}

/// What a template cannot be filled from, with all there was (`JSONPathPrinter`).
fn executing(text: &str, value: &Value, problem: &str) -> Failure {
    Failure::plain(format!(
        "error executing jsonpath {text:?}: Error executing template: {problem}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{text}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
        go_syntax(value)
    ))
}

/// The list that kubectl prints several objects as.
pub(super) fn list<'a>(objects: impl Iterator<Item = &'a Object>) -> Value {
    let items: Vec<Value> = objects.map(Object::to_value).collect();
    json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})
}

fn names(value: &Value) -> String {
    let one = |object: &Value| {
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        let kind = text("kind").to_lowercase();
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let dot = if group.is_empty() { "" } else { "." };
        format!("{kind}{dot}{group}/{name}\n")
    };
    match value.get("items").and_then(Value::as_array) {
        Some(items) => items.iter().map(one).collect(),
        None => one(value),
    }
}
