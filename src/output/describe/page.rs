//! The page that a description is written on: lines with tabs, aligned at the end, and the pieces that kinds share.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use k8s_openapi::api::core::v1::Toleration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;

use crate::object::Object;
use crate::order;
use crate::output::tabwriter;
use crate::time::Time;

/// Lines so far.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
}

/// Annotations longer than this stand below their key.
const ANNOTATION_LENGTH_MAX: usize = 140;

/// The annotation that nobody wants to see here.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Page {
    /// A line, indented by two blanks a level.
    pub(super) fn line(&mut self, level: usize, text: impl AsRef<str>) {
        self.text.extend(std::iter::repeat_n("  ", level));
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }

    /// A label and its value.
    pub(super) fn field(&mut self, level: usize, label: &str, value: impl std::fmt::Display) {
        self.text.extend(std::iter::repeat_n("  ", level));
        writeln!(self.text, "{label}:\t{value}").expect("a String takes everything");
    }

    /// A label and its value, where there is one.
    pub(super) fn field_if(&mut self, level: usize, label: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.field(level, label, value);
        }
    }

    /// `Name` and, where the kind has it, `Namespace`.
    pub(super) fn name(&mut self, object: &Object) {
        self.field(0, "Name", object.name());
        if object.kind().info().namespaced {
            self.field(0, "Namespace", object.namespace());
        }
    }

    /// `Labels` and `Annotations`.
    pub(super) fn labels_and_annotations(&mut self, object: &Object) {
        self.pairs("Labels", object.meta.labels.as_ref());
        self.annotations("Annotations", object.meta.annotations.as_ref());
    }

    /// A map, a line for each `key=value`. The title may be indented.
    pub(super) fn pairs(&mut self, title: &str, pairs: Option<&BTreeMap<String, String>>) {
        let lines: Vec<String> =
            pairs.into_iter().flatten().map(|(key, value)| format!("{key}={value}")).collect();
        self.list(title, &lines);
    }

    /// A title and lines below one another beside it; `<none>` if there are none.
    pub(super) fn list(&mut self, title: &str, lines: &[String]) {
        let Some((first, rest)) = lines.split_first() else {
            self.line(0, format!("{title}:\t<none>"));
            return;
        };
        self.line(0, format!("{title}:\t{first}"));
        for line in rest {
            self.line(0, format!("\t{line}"));
        }
    }

    /// Annotations, long ones below their key (`printAnnotationsMultiline`).
    pub(super) fn annotations(
        &mut self,
        title: &str,
        annotations: Option<&BTreeMap<String, String>>,
    ) {
        let mut lines = Vec::new();
        let shown = annotations.into_iter().flatten().filter(|(key, _)| *key != LAST_APPLIED);
        for (key, value) in shown {
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 <= ANNOTATION_LENGTH_MAX && !value.contains('\n') {
                lines.push(format!("{key}: {value}"));
                continue;
            }
            lines.push(format!("{key}:"));
            lines.extend(value.split('\n').map(|line| format!("  {}", shorten(line))));
        }
        self.list(title, &lines);
    }

    /// Tolerations in order of key (`printPodTolerationsMultiline`).
    pub(super) fn tolerations(&mut self, title: &str, tolerations: Option<&[Toleration]>) {
        let mut tolerations: Vec<&Toleration> = tolerations.unwrap_or_default().iter().collect();
        order::sort_by_key(&mut tolerations, |toleration| {
            toleration.key.as_deref().unwrap_or_default()
        });
        let lines: Vec<String> = tolerations.into_iter().map(toleration_text).collect();
        self.list(title, &lines);
    }

    /// The controller, where there is one.
    pub(super) fn controlled_by(&mut self, object: &Object) {
        if let Some(owner) = object.controller() {
            self.field(0, "Controlled By", format!("{}/{}", owner.kind, owner.name));
        }
    }

    /// Everything, with its tabs.
    pub(super) fn raw(self) -> String {
        self.text
    }

    /// Everything, aligned.
    pub(super) fn finish(self) -> String {
        tabwriter::align(&self.text, tabwriter::DESCRIBE)
    }
}

fn shorten(line: &str) -> String {
    let max = ANNOTATION_LENGTH_MAX - 2;
    if line.chars().count() <= max {
        return line.to_owned();
    }
    line.chars().take(max).chain("...".chars()).collect()
}

fn toleration_text(toleration: &Toleration) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (key, value, effect) =
        (text(&toleration.key), text(&toleration.value), text(&toleration.effect));
    let mut line = key.clone();
    if !value.is_empty() {
        line.push('=');
        line.push_str(&value);
    }
    if !effect.is_empty() {
        line.push(':');
        line.push_str(&effect);
    }
    if toleration.operator.as_deref() == Some("Exists") && value.is_empty() {
        line.push_str(if key.is_empty() && effect.is_empty() { "op=Exists" } else { " op=Exists" });
    }
    if let Some(secs) = toleration.toleration_seconds {
        write!(line, " for {secs}s").expect("a String takes everything");
    }
    line
}

/// A time as Go's `time.RFC1123Z`, in UTC: `Wed, 01 Apr 2026 00:00:07 +0000`.
pub(super) fn rfc1123(time: Option<&meta::Time>) -> String {
    rfc1123_of(time.map(Time::from))
}

/// The same of a time with microseconds.
pub(super) fn rfc1123_micro(time: Option<&meta::MicroTime>) -> String {
    rfc1123_of(time.map(Time::from))
}

fn rfc1123_of(time: Option<Time>) -> String {
    match time {
        Some(time) => time.format("%a, %d %b %Y %H:%M:%S +0000"),
        None => "Mon, 01 Jan 0001 00:00:00 +0000".to_owned(),
    }
}

/// `True` or `False`.
pub(super) fn title_bool(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// The text, or `<none>`.
pub(super) fn or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}
