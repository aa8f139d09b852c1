//! What `kubectl explain` prints of a kind or a field: from the kind's `OpenAPI` schemas to text.
//!
//! Models kubectl `pkg/explain/v2/templates/plaintext.tmpl`. A document holds `root`, the name of the kind's schema, and
//! `schemas`, all that it is made of by name; a reference is such a name. A [`Question`] says which document and what of it,
//! and can be written as one line: whoever has the documents answers with [`answer`].

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::manifest::read_json;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// `spec`, `replicas`.
    pub fields: Vec<String>,
    /// Whether only names are wanted, but of all fields below.
    pub recursive: bool,
}

impl Question {
    /// The question as one line.
    pub fn line(&self) -> String {
        let recursive = if self.recursive { "recursive" } else { "" };
        let mut words = vec![self.api_version.as_str(), self.kind.as_str(), recursive];
        words.extend(self.fields.iter().map(String::as_str));
        words.join("\t")
    }

    /// The question that a line holds.
    pub fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split('\t');
        Some(Self {
            api_version: words.next()?.to_owned(),
            kind: words.next()?.to_owned(),
            recursive: words.next()? == "recursive",
            fields: words.map(str::to_owned).collect(),
        })
    }

    fn group_version(&self) -> (&str, &str) {
        self.api_version.split_once('/').unwrap_or(("", &self.api_version))
    }

    /// The name of the document that the answer is in: `apps.v1.Deployment`.
    pub fn document(&self) -> String {
        let (group, version) = self.group_version();
        let group = if group.is_empty() { "core" } else { group };
        format!("{group}.{version}.{}", self.kind)
    }
}

/// What stands above every answer.
pub fn head(question: &Question) -> String {
    let (group, version) = question.group_version();
    let mut text = String::new();
    if !group.is_empty() {
        line(&mut text, &format!("GROUP:      {group}"));
    }
    line(&mut text, &format!("KIND:       {}", question.kind));
    line(&mut text, &format!("VERSION:    {version}\n"));
    text
}

/// The text that kubectl prints, or what it complains of.
pub fn answer(question: &Question, document: &str) -> Result<String, String> {
    let document = read_json(document).map_err(|_error| "the document is damaged".to_owned())?;
    let schemas = document.get("schemas").and_then(Value::as_object);
    let schemas = schemas.ok_or("the document is damaged")?;
    let root = document.get("root").and_then(Value::as_str).unwrap_or_default();
    let root = schemas.get(root).ok_or("the document is damaged")?;
    let printer = Printer { schemas, recursive: question.recursive };
    let mut text = head(question);
    let mut found = String::new();
    let fields: Vec<&str> = question.fields.iter().map(String::as_str).collect();
    printer.output(&mut found, root, &fields, &mut Vec::new());
    if found.is_empty() {
        let field = question.fields.last().map_or("", String::as_str);
        return Err(format!("field \"{field}\" does not exist"));
    }
    text.push_str(&found);
    text.push('\n');
    Ok(text)
}

fn line(text: &mut String, words: &str) {
    writeln!(text, "{words}").expect("a String takes everything");
}

struct Printer<'a> {
    schemas: &'a Map<String, Value>,
    recursive: bool,
}

impl<'a> Printer<'a> {
    /// What a reference stands for; the schema itself, if it is none.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        reference(schema).and_then(|name| self.schemas.get(name)).unwrap_or(schema)
    }

    /// Follows the fields; then the description, and the fields there.
    fn output(
        &self,
        text: &mut String,
        schema: &'a Value,
        fields: &[&str],
        seen: &mut Vec<&'a str>,
    ) {
        let resolved = self.resolved(schema);
        let Some((first, rest)) = fields.split_first() else {
            line(text, "DESCRIPTION:");
            let mut description = String::new();
            self.description(&mut description, schema, 0);
            let description = if description.is_empty() { "<empty>" } else { description.as_str() };
            line(text, &indent(4, &wrap(76, description)));
            let mut list = String::new();
            self.list(&mut list, resolved, 1, &mut Vec::new());
            if !list.is_empty() {
                line(text, "FIELDS:");
                text.push_str(&list);
            }
            return;
        };
        if let Some(name) = reference(schema) {
            if seen.contains(&name) {
                return;
            }
            seen.push(name);
        }
        if let Some(field) = resolved.get("properties").and_then(|fields| fields.get(*first)) {
            if rest.is_empty() {
                line(text, &format!("FIELD: {first} <{}>", self.type_of(field, 0)));
                if let Some(values) = field.get("enum").and_then(Value::as_array) {
                    text.push_str("ENUM:");
                    for value in values {
                        write!(text, "\n    {}", shown(value)).expect("a String takes everything");
                    }
                }
                text.push_str("\n\n");
            }
            self.output(text, field, rest, &mut Vec::new());
        } else if let Some(item) = inner(resolved) {
            self.output(text, item, fields, seen);
        } else {
            for part in all_of(resolved) {
                let before = text.len();
                self.output(text, part, fields, seen);
                if text.len() > before {
                    break;
                }
            }
        }
    }

    /// The descriptions of a schema and of what it refers to.
    fn description(&self, text: &mut String, schema: &'a Value, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        let resolved = self.resolved(schema);
        if let Some(words) = described(resolved) {
            line(text, words);
        }
        for part in all_of(resolved) {
            self.description(text, part, depth + 1);
        }
        if let Some(item) = inner(resolved) {
            self.description(text, item, depth + 1);
        }
    }

    /// Every field of a schema, by name.
    fn list(&self, text: &mut String, schema: &'a Value, level: usize, seen: &mut Vec<&'a str>) {
        let name = reference(schema);
        if name.is_some_and(|name| seen.contains(&name)) {
            return;
        }
        let depth = seen.len();
        seen.extend(name);
        let resolved = self.resolved(schema);
        for (name, field) in
            resolved.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            self.field(text, resolved, name, field, level);
            if self.recursive {
                self.list(text, field, level + 1, seen);
            }
        }
        for part in all_of(resolved) {
            self.list(text, part, level, seen);
        }
        if let Some(item) = inner(resolved) {
            self.list(text, item, level, seen);
        }
        seen.truncate(depth);
    }

    fn field(
        &self,
        text: &mut String,
        owner: &'a Value,
        name: &str,
        field: &'a Value,
        level: usize,
    ) {
        let space = level * 2;
        write!(text, "{}\t<{}>", indent(space, name), self.type_of(field, 0))
            .expect("a String takes everything");
        let required = owner.get("required").and_then(Value::as_array);
        if required.is_some_and(|names| names.iter().any(|one| one.as_str() == Some(name))) {
            text.push_str(" -required-");
        }
        if let Some(values) = field.get("enum").and_then(Value::as_array) {
            write!(text, "\n{}enum: ", " ".repeat(space)).expect("a String takes everything");
            let some: Vec<String> = values.iter().take(VALUES_MAX).map(shown).collect();
            text.push_str(&some.join(", "));
            if values.len() > VALUES_MAX {
                text.push_str(", ....");
            }
        }
        text.push('\n');
        if !self.recursive {
            let words = described(field).unwrap_or("<no description>");
            line(text, &indent(space + 2, &wrap(78 - space, words)));
            text.push('\n');
        }
    }

    /// A type as one would say it: `string`, `[]Container`, `map[string]string`.
    fn type_of(&self, schema: &'a Value, depth: usize) -> String {
        if depth > DEPTH_MAX {
            return "Object".to_owned();
        }
        if let Some(item) = schema.get("items") {
            return format!("[]{}", self.type_of(item, depth + 1));
        }
        if let Some(value) = schema.get("additionalProperties").filter(|value| !value.is_boolean())
        {
            return format!("map[string]{}", self.type_of(value, depth + 1));
        }
        if let ([part], None) = (all_of(schema), schema.get("properties")) {
            return self.type_of(part, depth + 1);
        }
        if let Some(name) = reference(schema) {
            let kind = self.schemas.get(name).and_then(type_word);
            return match kind {
                None | Some("object") => name.rsplit('.').next().unwrap_or("Object").to_owned(),
                Some(kind) => kind.to_owned(),
            };
        }
        match type_word(schema) {
            None | Some("object") => "Object".to_owned(),
            Some(kind) => kind.to_owned(),
        }
    }
}

/// Schemas that refer to each other are followed no deeper.
const DEPTH_MAX: usize = 32;

/// So many values of a field are listed where all fields are.
const VALUES_MAX: usize = 4;

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str)
}

fn described(schema: &Value) -> Option<&str> {
    schema.get("description").and_then(Value::as_str).filter(|words| !words.is_empty())
}

fn type_word(schema: &Value) -> Option<&str> {
    schema.get("type").and_then(Value::as_str)
}

fn all_of(schema: &Value) -> &[Value] {
    schema.get("allOf").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The schema of a list's items or a mapping's values.
fn inner(schema: &Value) -> Option<&Value> {
    let values = schema.get("additionalProperties").filter(|value| !value.is_boolean());
    schema.get("items").or(values)
}

fn shown(value: &Value) -> String {
    match value.as_str() {
        Some("") => "\"\"".to_owned(),
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}

fn indent(amount: usize, text: &str) -> String {
    let space = " ".repeat(amount);
    format!("{space}{}", text.replace('\n', &format!("\n{space}")))
}

/// Breaks lines between words (mitchellh/go-wordwrap); a word that is too long stands by itself.
fn wrap(limit: usize, text: &str) -> String {
    let mut wrapped = String::new();
    let (mut word, mut space) = (String::new(), String::new());
    let (mut used, mut letters, mut spaces) = (0, 0, 0);
    for letter in text.chars() {
        if letter == '\n' {
            if letters > 0 || used + spaces <= limit {
                wrapped.push_str(&space);
            }
            wrapped.push_str(&word);
            wrapped.push('\n');
            (used, letters, spaces) = (0, 0, 0);
            word.clear();
            space.clear();
        } else if letter.is_whitespace() && letter != '\u{a0}' {
            if spaces == 0 || letters > 0 {
                used += spaces + letters;
                wrapped.push_str(&space);
                wrapped.push_str(&word);
                (letters, spaces) = (0, 0);
                word.clear();
                space.clear();
            }
            space.push(letter);
            spaces += 1;
        } else {
            word.push(letter);
            letters += 1;
            if used + letters + spaces > limit && letters < limit {
                wrapped.push('\n');
                (used, spaces) = (0, 0);
                space.clear();
            }
        }
    }
    if letters > 0 || used + spaces <= limit {
        wrapped.push_str(&space);
    }
    wrapped.push_str(&word);
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"root": "x.Thing", "schemas": {
        "x.Thing": {"description": "A thing.", "type": "object", "required": ["name"], "properties": {
            "name": {"type": "string", "description": "Its name."},
            "mode": {"type": "string", "description": "How.", "enum": ["", "A"]},
            "parts": {"type": "array", "description": "Its parts.", "items": {"allOf": [{"$ref": "x.Part"}]}},
            "size": {"allOf": [{"$ref": "x.Size"}], "description": "How large."},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}}}},
        "x.Part": {"description": "A part.", "type": "object", "properties": {
            "of": {"$ref": "x.Thing"}, "n": {"type": "integer"}}},
        "x.Size": {"description": "A size."}}}"#;

    fn ask(fields: &str, recursive: bool) -> Result<String, String> {
        let question = Question {
            api_version: "x/v1".to_owned(),
            kind: "Thing".to_owned(),
            fields: fields
                .split('.')
                .filter(|field| !field.is_empty())
                .map(str::to_owned)
                .collect(),
            recursive,
        };
        assert_eq!(Question::from_line(&question.line()), Some(question.clone()));
        answer(&question, DOCUMENT)
    }

    #[test]
    fn a_kind_shows_its_fields() {
        let text = ask("", false).unwrap();
        assert!(text.starts_with("GROUP:      x\nKIND:       Thing\nVERSION:    v1\n\nDESCRIPTION:\n    A thing.\n    \nFIELDS:\n"));
        assert!(text.contains("  mode\t<string>\n  enum: \"\", A\n    How.\n\n"));
        assert!(text.contains("  name\t<string> -required-\n    Its name.\n\n"));
        assert!(text.contains("  parts\t<[]Part>\n") && text.contains("  size\t<Size>\n"));
        assert!(text.contains("  labels\t<map[string]string>\n    <no description>\n"));
    }

    #[test]
    fn a_field_shows_what_it_is_and_below_it() {
        let text = ask("parts", false).unwrap();
        assert!(text.contains("FIELD: parts <[]Part>\n\n\nDESCRIPTION:\n    Its parts.\n    A part.\n    \nFIELDS:\n  n\t<integer>\n"));
        assert!(ask("parts.of.parts.n", false).unwrap().contains("FIELD: n <integer>"));
        assert_eq!(ask("parts.nope", false).unwrap_err(), "field \"nope\" does not exist");
        assert!(
            ask("", true)
                .unwrap()
                .contains("  parts\t<[]Part>\n    n\t<integer>\n    of\t<Thing>\n")
        );
    }

    #[test]
    fn long_lines_break_between_words() {
        assert_eq!(wrap(5, "aa bb cc"), "aa bb\ncc");
        assert_eq!(wrap(5, "aaaaaaaa b"), "aaaaaaaa\nb");
        assert_eq!(wrap(5, "a\n\n  b"), "a\n\n  b");
    }
}
