//! Tables as `kubectl get` prints them: columns of a kind, rows of objects, blocks of several kinds.
//!
//! The API server makes rows (see [`super::columns`]), the client lays them out: it adds the namespace and label
//! columns, puts the kind before names, and leaves out columns meant for `-o wide`. Models cli-runtime
//! `pkg/printers/tableprinter.go`.

use std::fmt::Write as _;

use super::columns::{Column, Columns, Row};

/// What the client adds to or leaves out of the server's table.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of kubectl get")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Columns of `-o wide` too.
    pub wide: bool,
    /// A first column with the namespace.
    pub namespace: bool,
    /// Names with their kind before them.
    pub kind: bool,
    /// A last column with all labels.
    pub labels: bool,
    /// A column for each of these labels.
    pub label_columns: Vec<String>,
}

/// Appends the header line, cells ended by tabs.
pub fn header(out: &mut String, columns: &[Column], options: &Options) {
    let mut cells = Cells::start(out);
    if options.namespace {
        cells.push("NAMESPACE");
    }
    for column in columns.iter().filter(|column| options.wide || !column.wide) {
        cells.push(&column.name.to_uppercase());
    }
    for key in &options.label_columns {
        let name = key.rsplit('/').next().unwrap_or_default();
        cells.push(&name.to_uppercase());
    }
    if options.labels {
        cells.push("LABELS");
    }
    out.push('\n');
}

/// Appends one object's line, cells ended by tabs.
pub fn row(out: &mut String, columns: &Columns, row: &Row<'_>, options: &Options) {
    let name_at = columns.name_at();
    let mut cells = Cells::start(out);
    if options.namespace {
        cells.push(row.object.namespace());
    }
    for (index, (column, cell)) in columns.columns.iter().zip(&row.cells).enumerate() {
        if column.wide && !options.wide {
            continue;
        }
        if index == name_at && options.kind {
            cells.push(&format!("{}/{cell}", row.object.kind().info().qualified_singular()));
        } else {
            cells.push(cell);
        }
    }
    for key in &options.label_columns {
        cells.push(row.object.label(key).unwrap_or_default());
    }
    if options.labels {
        cells.push(&labels(row.object.meta.labels.as_ref()));
    }
    out.push('\n');
}

/// `a=b,c=d`, or `<none>`.
pub fn labels(labels: Option<&std::collections::BTreeMap<String, String>>) -> String {
    let Some(labels) = labels.filter(|labels| !labels.is_empty()) else {
        return "<none>".to_owned();
    };
    let mut text = String::new();
    for (key, value) in labels {
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a String cannot fail.
        write!(text, "{comma}{key}={value}").expect("a String takes everything");
    }
    text
}

/// Cells of one line, tabs between them.
struct Cells<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> Cells<'a> {
    fn start(out: &'a mut String) -> Self {
        Self { out, first: true }
    }

    /// Appends a cell, cut at its first line break.
    fn push(&mut self, cell: &str) {
        if !self.first {
            self.out.push('\t');
        }
        self.first = false;
        if !cell.bytes().any(|byte| byte < b' ') {
            self.out.push_str(cell);
            return;
        }
        match cell.split_once(['\n', '\r', '\u{c}']) {
            None => escape(self.out, cell),
            Some((line, _)) => {
                escape(self.out, line);
                self.out.push_str("...");
            }
        }
    }
}

/// What would break the layout or drive the terminal is shown, not obeyed (`WriteEscaped`).
fn escape(out: &mut String, cell: &str) {
    for character in cell.chars() {
        match character {
            '\u{1b}' => out.push_str("^["),
            '\t' => out.push(' '),
            other => out.push(other),
        }
    }
}
