//! `-o`: in which form objects are printed.
//!
//! Models cli-runtime `pkg/genericclioptions/print_flags.go` and kubectl `pkg/cmd/get/get_flags.go`.

use serde_json::{Value, json};

use super::failure::Failure;
use crate::object::Object;

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
}

const ALLOWED: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

impl Format {
    /// Reads `-o` of a verb that shows objects.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let (name, _) = text.split_once('=').unwrap_or((text, ""));
        match name {
            "" => Ok(Self::Table { wide: false }),
            "wide" => Ok(Self::Table { wide: true }),
            "name" => Ok(Self::Name),
            known if ALLOWED.split(',').any(|allowed| allowed == known) => {
                Err(Failure::not_simulated(&format!("The output format {known}")))
            }
            _ => Err(Failure::plain(format!(
                "unable to match a printer suitable for the output format {text:?}, allowed formats are: {ALLOWED}"
            ))),
        }
    }

    /// Reads `-o` of a verb that writes objects; `None` if there is none.
    pub(super) fn parse_of_writer(
        text: &str,
        _read_file: impl Fn(&str) -> Result<String, Failure>,
    ) -> Result<Option<Self>, Failure> {
        if text.is_empty() { Ok(None) } else { Self::parse(text).map(Some) }
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

    /// The same without headers.
    #[must_use]
    pub(super) fn without_headers(self) -> Self {
        self
    }

    /// Whether columns are printed.
    pub(super) fn is_table(&self) -> bool {
        matches!(self, Self::Table { .. })
    }

    /// Prints one object or list.
    pub(super) fn print(&self, value: &Value) -> Result<String, Failure> {
        match self {
            Self::Table { .. } => Err(Failure::plain("a table has no single value")),
            Self::Name => Ok(names(value)),
        }
    }
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
