//! `-o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image`.
//!
//! Models kubectl `pkg/cmd/get/customcolumn.go`.

use serde_json::Value;

use super::failure::Failure;
use crate::output::{jsonpath, tabwriter};
use crate::quote::go_value;

/// Columns of one's own.
#[derive(Clone, Debug)]
pub(super) struct CustomColumns {
    columns: Vec<(String, jsonpath::Template)>,
    headers: bool,
}

impl CustomColumns {
    /// Reads `HEADER:path,HEADER:path`.
    pub(super) fn parse(spec: &str) -> Result<Self, Failure> {
        if spec.is_empty() {
            return Err(Failure::plain(
                "custom-columns format specified but no custom columns given",
            ));
        }
        let mut columns = Vec::new();
        for part in spec.split(',') {
            let Some((header, path)) = part.split_once(':') else {
                return Err(Failure::plain(format!(
                    "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
                )));
            };
            columns.push((header.to_owned(), template(path)?));
        }
        Ok(Self { columns, headers: true })
    }

    /// Reads two lines: headers, and under each its path.
    pub(super) fn parse_file(text: &str) -> Result<Self, Failure> {
        let mut lines = text.lines();
        let mut line = |what: &str| {
            lines.next().ok_or_else(|| {
                Failure::plain(format!(
                    "invalid template, missing {what} line. Expected format is one line of space separated headers, one line of space separated column specs."
                ))
            })
        };
        let (headers, paths) = (line("header")?, line("spec")?);
        let headers: Vec<&str> = headers.split_whitespace().collect();
        let paths: Vec<&str> = paths.split_whitespace().collect();
        if headers.len() != paths.len() {
            return Err(Failure::plain(format!(
                "number of headers ({}) and field specifications ({}) don't match",
                headers.len(),
                paths.len()
            )));
        }
        let columns = headers.into_iter().zip(paths);
        let columns = columns.map(|(header, path)| Ok((header.to_owned(), template(path)?)));
        Ok(Self { columns: columns.collect::<Result<_, Failure>>()?, headers: true })
    }

    /// The same without the line of headers.
    #[must_use]
    pub(super) fn without_headers(self) -> Self {
        Self { headers: false, ..self }
    }

    /// Prints an object or the items of a list.
    pub(super) fn print(&self, value: &Value) -> Result<String, Failure> {
        let mut text = String::new();
        if self.headers {
            let headers: Vec<&str> =
                self.columns.iter().map(|(header, _)| header.as_str()).collect();
            text.push_str(&headers.join("\t"));
            text.push('\n');
        }
        match value.get("items").and_then(Value::as_array) {
            Some(items) => {
                for item in items {
                    self.row(&mut text, item)?;
                }
            }
            None => self.row(&mut text, value)?,
        }
        Ok(tabwriter::align(&text, tabwriter::TABLE))
    }

    fn row(&self, text: &mut String, value: &Value) -> Result<(), Failure> {
        for (index, (_, template)) in self.columns.iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            let results = template.find(value, true).map_err(|error| Failure::plain(error.0))?;
            let cells: Vec<String> = results.iter().flatten().map(go_value).collect();
            if cells.is_empty() {
                text.push_str("<none>");
            }
            text.push_str(&cells.join(","));
        }
        text.push('\n');
        Ok(())
    }
}

fn template(path: &str) -> Result<jsonpath::Template, Failure> {
    jsonpath::Template::parse(&relaxed(path)?).map_err(|error| Failure::plain(error.0))
}

/// A path may lack its dot and braces (`RelaxedJSONPathExpression`).
pub(super) fn relaxed(path: &str) -> Result<String, Failure> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let inner = path.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(path);
    if inner.contains(['{', '}']) {
        return Err(Failure::plain(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
        ));
    }
    Ok(format!("{{.{}}}", inner.strip_prefix('.').unwrap_or(inner)))
}
