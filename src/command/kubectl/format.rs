//! `-o`: in which form objects are printed.
//!
//! Models cli-runtime `pkg/genericclioptions/print_flags.go` and kubectl `pkg/cmd/get/get_flags.go`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::call::Call;
use super::common::read_file;
use super::custom_columns::CustomColumns;
use super::failure::Failure;
use crate::object::Object;
use crate::output::{gotemplate, json, jsonpath, kyaml, yaml};
use crate::quote::{go_syntax, go_value, quote};

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
    /// YAML with braces.
    Kyaml,
    /// A `JSONPath` template.
    JsonPath(Box<JsonPath>),
    /// A template of Go.
    GoTemplate(Box<GoTemplate>),
    /// Columns of one's own.
    CustomColumns(CustomColumns),
}

/// A `JSONPath` template, as it was given and as it was read.
#[derive(Clone, Debug)]
pub(super) struct JsonPath {
    text: String,
    template: jsonpath::Template,
    missing_allowed: bool,
    /// Whether what it finds is printed as a JSON list.
    as_json: bool,
}

/// A template of Go, as it was given and as it was read.
#[derive(Clone, Debug)]
pub(super) struct GoTemplate {
    text: String,
    template: gotemplate::Template,
    missing_allowed: bool,
}

const ALLOWED: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

/// The forms without tables, as verbs that write have them.
const ALLOWED_OF_WRITERS: &str = "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";

impl Format {
    /// Reads `-o` and `--template` of a verb that shows objects.
    pub(super) fn of(call: &Call) -> Result<Self, Failure> {
        let text = call.flags.text("output");
        let template = call.flags.text("template");
        let (name, argument) = text.split_once('=').unwrap_or((text, ""));
        Ok(match name {
            "" if template.is_empty() => Self::Table { wide: false },
            "wide" => Self::Table { wide: true },
            "custom-columns" | "custom-columns-file" => {
                let argument = if template.is_empty() { argument } else { template };
                custom_columns(call, name, argument)?
            }
            _ => Self::plain(call, text)?.ok_or_else(|| unknown(text, ALLOWED))?,
        })
    }

    /// Reads `-o` and `--template` of a verb that writes objects; `None` if there is none.
    pub(super) fn of_writer(call: &Call) -> Result<Option<Self>, Failure> {
        let text = call.flags.text("output");
        if text.is_empty() && call.flags.text("template").is_empty() {
            return Ok(None);
        }
        let format = Self::plain(call, text)?;
        format.map(Some).ok_or_else(|| unknown(text, ALLOWED_OF_WRITERS))
    }

    /// The forms that all verbs have.
    fn plain(call: &Call, text: &str) -> Result<Option<Self>, Failure> {
        let given = call.flags.text("template");
        let (name, argument) = text.split_once('=').unwrap_or((text, ""));
        let source = if given.is_empty() { argument } else { given };
        Ok(Some(match text.to_lowercase().as_str() {
            "json" => Self::Json,
            "yaml" => Self::Yaml,
            "kyaml" => Self::Kyaml,
            "name" => Self::Name,
            // With `--template` the name stands alone.
            _ if !given.is_empty() && name != text => return Ok(None),
            _ => match name {
                "jsonpath" | "jsonpath-file" | "jsonpath-as-json" => {
                    let text = template_text(call, source, name == "jsonpath-file")?;
                    let template = jsonpath::Template::parse(&text).map_err(|error| {
                        Failure::plain(format!("error parsing jsonpath {text}, {error}"))
                    })?;
                    let missing_allowed = missing_allowed(call);
                    let as_json = name == "jsonpath-as-json";
                    Self::JsonPath(Box::new(JsonPath { text, template, missing_allowed, as_json }))
                }
                "" | "go-template" | "template" | "go-template-file" | "templatefile" => {
                    let file = name == "go-template-file" || name == "templatefile";
                    let text = template_text(call, source, file)?;
                    let template = gotemplate::Template::parse(&text).map_err(|error| {
                        Failure::plain(format!("error parsing template {text}, {error}"))
                    })?;
                    let missing_allowed = missing_allowed(call);
                    Self::GoTemplate(Box::new(GoTemplate { text, template, missing_allowed }))
                }
                _ => return Ok(None),
            },
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
        self.print_as(value, false)
    }

    /// Prints an object that kubectl holds as a Go struct, not as the server's JSON: what a generator made.
    ///
    /// JSON has its fields in the struct's order; `JSONPath` sees every number as a float (`JSONPathPrinter`).
    pub(super) fn print_typed(&self, value: &Value) -> Result<String, Failure> {
        self.print_as(value, true)
    }

    fn print_as(&self, value: &Value, typed: bool) -> Result<String, Failure> {
        Ok(match self {
            Self::Table { .. } => return Err(Failure::plain("a table has no single value")),
            Self::Json if typed => json::print_typed(value),
            Self::Json => json::print(value),
            Self::Yaml => yaml::print(value),
            Self::Kyaml => kyaml::print(value, json::type_of(value).filter(|_| typed)),
            Self::Name => names(value),
            Self::JsonPath(path) if typed => {
                let mut value = value.clone();
                floats(&mut value);
                path.print(&value)?
            }
            Self::JsonPath(path) => path.print(value)?,
            Self::GoTemplate(template) => template.print(value)?,
            Self::CustomColumns(columns) => columns.print(value)?,
        })
    }

    /// Prints what a verb has applied: one object by itself, several as a list.
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

    /// What stands between one object and the next where each is printed by itself.
    pub(super) fn separator(&self) -> &'static str {
        if matches!(self, Self::Yaml) { "---\n" } else { "" }
    }
}

impl JsonPath {
    fn print(&self, value: &Value) -> Result<String, Failure> {
        let failed = |error: jsonpath::JsonPathError| executing(&self.text, value, &error.0);
        let results = self.template.find(value, self.missing_allowed).map_err(failed)?;
        if self.as_json {
            return Ok(json::print(&Value::Array(results.into_iter().flatten().collect())));
        }
        Ok(jsonpath::print_results(&results))
    }
}

impl GoTemplate {
    /// What fails is shown on standard output, with all there was (`GoTemplatePrinter`).
    fn print(&self, value: &Value) -> Result<String, Failure> {
        let (mut shown, result) = self.template.print(value, self.missing_allowed);
        let Err(problem) = result else { return Ok(shown) };
        let text = &self.text;
        write!(
            shown,
            "Error executing template: {problem}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{text}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
            json::compact(value),
            go_value(value)
        )
        .expect("a String takes everything");
        let failure = format!("error executing template {}: {problem}", quote(text));
        Err(Failure::Shown(shown, failure))
    }
}

fn missing_allowed(call: &Call) -> bool {
    const FLAG: &str = "allow-missing-template-keys";
    !call.flags.given(FLAG) || call.flags.on(FLAG)
}

fn custom_columns(call: &Call, name: &str, argument: &str) -> Result<Format, Failure> {
    if argument.is_empty() {
        return Err(Failure::plain("custom-columns format specified but no custom columns given"));
    }
    let columns = if name == "custom-columns" {
        CustomColumns::parse(argument)?
    } else {
        let text = read_file(call, argument).map_err(|failure| {
            if let Failure::Plain(problem) = failure {
                return Failure::plain(format!("error reading template {argument}, {problem}\n"));
            }
            failure
        })?;
        CustomColumns::parse_file(&text)?
    };
    Ok(Format::CustomColumns(columns))
}

/// A template's text, which may stand in a file.
fn template_text(call: &Call, source: &str, in_file: bool) -> Result<String, Failure> {
    if source.is_empty() {
        return Err(Failure::plain("template format specified but no template given"));
    }
    if !in_file {
        return Ok(source.to_owned());
    }
    read_file(call, source).map_err(|failure| {
        if let Failure::Plain(problem) = failure {
            return Failure::plain(format!("error reading --template {source}, {problem}"));
        }
        failure
    })
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
