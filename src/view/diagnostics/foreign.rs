//! Texts that are for another program: a Dockerfile, a Compose file, a workflow, commands, Markdown. Each is valuable where it belongs,
//! so the learner is told what it is instead of how to mend it. A text that names an `apiVersion` is a manifest.

use super::Severity;
use super::finding::{Finding, Source};
use crate::view::Text;

/// What commands of a course begin with.
const PROGRAMS: [&str; 12] = [
    "$", "kubectl", "docker", "minikube", "helm", "curl", "git", "cd", "mkdir", "echo", "export",
    "sudo",
];

/// Leaves of what was found the first fault alone, and says what the text looks like, where it is for another program.
pub(super) fn recognise(source: &Source<'_>, found: &mut Vec<Finding>) {
    let Some((text, values)) = what(source) else { return };
    let first = found.iter().position(|finding| finding.severity == Severity::Error);
    let Some(first) = first else { return };
    let finding = found.swap_remove(first);
    let line = source.lines.iter().position(|line| means_something(line)).unwrap_or(0);
    let span = source.in_line(u32::try_from(line).unwrap_or(0), 0, usize::MAX);
    *found = vec![Finding::error(span, finding.message).advise(text, values)];
}

fn means_something(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}

/// What a text looks like that is no manifest, and what is filled in.
fn what(source: &Source<'_>) -> Option<(Text, &'static [&'static str])> {
    let key = |key: &str| {
        source
            .lines
            .iter()
            .any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
    };
    if source.text.contains("apiVersion") {
        return None;
    }
    let first = source.lines.iter().find(|line| means_something(line))?;
    let (word, rest) = first.trim().split_once(' ').unwrap_or((first.trim(), ""));
    if matches!(word, "FROM" | "ARG") && !rest.is_empty() {
        Some((Text::AdviceForeign, &["docker build"]))
    } else if source.text.starts_with("#!") || PROGRAMS.contains(&word) {
        Some((Text::AdviceCommands, &[]))
    } else if source.lines.iter().any(|line| line.starts_with("- [ ] ") || line.starts_with("```"))
    {
        Some((Text::AdviceForeign, &["Markdown"]))
    } else if key("services") {
        Some((Text::AdviceForeign, &["Docker Compose"]))
    } else if key("jobs") && key("on") {
        Some((Text::AdviceForeign, &["GitHub Actions"]))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_by_its_first_lines() {
        for (text, expected) in [
            ("# build\nFROM node:22 AS build\nRUN npm ci\n", "docker build"),
            ("version: '3.8'\n\nservices:\n  web:\n    image: nginx\n", "Docker Compose"),
            ("name: ci\non: [push]\njobs:\n  test: {}\n", "GitHub Actions"),
            ("# first\nkubectl apply -f web.yaml\n", "commands"),
            ("#!/bin/sh\nset -e\n", "commands"),
            ("$ docker build .\n", "commands"),
            ("# Plan\n\n- [ ] first\n", "Markdown"),
            ("apiVersion: v1\nkind: Pod\n", ""),
            ("services:\n---\napiVersion: v1\n", ""),
            ("kind: Pod\n", ""),
            ("kubectl: true\n", ""),
            ("", ""),
        ] {
            let told = what(&Source::new(text)).map_or("", |(text, values)| match text {
                Text::AdviceCommands => "commands",
                _ => values.first().copied().unwrap_or_default(),
            });
            assert_eq!(told, expected, "{text}");
        }
    }
}
