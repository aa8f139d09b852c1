//! What the server refuses of an object that it can read, and what it warns of: by its words and the field they name.

use super::finding::{Change, Finding, Source};
use super::place::{Place, at, entries, entry, follow, head, list, name, text};
use super::rehearsal::Rehearsal;
use super::reindent::indent;
use super::{Severity, traps};
use crate::manifest::{Node, Span, near};
use crate::object::{Object, Reason, StatusError, names};
use crate::view::Text;

/// Sends an object and tells what the server says.
pub(super) fn check(
    source: &Source<'_>,
    tree: &Node,
    object: Object,
    rehearsal: &mut Rehearsal<'_>,
    found: &mut Vec<Finding>,
) {
    let generated = object.meta.generate_name.as_deref().is_some_and(|prefix| !prefix.is_empty());
    if object.name().is_empty() && !generated {
        let finding = Finding::error(name(tree), "resource name may not be empty");
        found.push(finding.advise(Text::AdviceNoName, &[]));
        return;
    }
    match rehearsal.apply(object, tree.to_value()) {
        Ok(warnings) => found.extend(warnings.iter().map(|line| warned(source, tree, line))),
        Err(StatusError { invalid: Some(details), .. }) if !details.causes.is_empty() => {
            let mut told: Vec<&String> = Vec::new();
            for cause in &details.causes {
                if !told.contains(&cause) {
                    told.push(cause);
                    found.push(cause_of(source, tree, cause));
                }
            }
        }
        Err(error) => found.push(refused(tree, error)),
    }
}

/// A refusal that names no field.
fn refused(tree: &Node, error: StatusError) -> Finding {
    let namespace = text(tree, &["metadata", "namespace"]);
    let missing = error.reason == Reason::NotFound && error.message.starts_with("namespaces ");
    let spot = at(tree, &["metadata", "namespace"]).filter(|_| missing);
    let finding = Finding::error(spot.map_or_else(|| name(tree), |node| node.span), error.message);
    let quota =
        finding.message.contains("exceeded quota") || finding.message.contains("must specify");
    if missing {
        finding.advise(Text::AdviceNoNamespace, &[namespace])
    } else if quota {
        finding.advise(Text::AdviceQuota, &[])
    } else {
        finding
    }
}

/// A warning, which begins with a path as causes do.
fn warned(source: &Source<'_>, tree: &Node, line: &str) -> Finding {
    let path = line.split(": ").next().unwrap_or_default();
    let place = follow(tree, path);
    let known = place.entry.is_some();
    let span = if known { place.span() } else { head(tree) };
    let finding =
        Finding { severity: Severity::Warning, ..Finding::error(span, format!("Warning: {line}")) };
    if known && line.contains("fractional byte value") {
        return traps::thousandths(source, place.node.span, finding);
    }
    finding
}

/// One field's error: `spec.replicas: Invalid value: -1: must be greater than or equal to 0`.
fn cause_of(source: &Source<'_>, tree: &Node, cause: &str) -> Finding {
    let (path, what) = cause.split_once(": ").unwrap_or((cause, ""));
    let place = follow(tree, path);
    let span = if place.entry.is_some() { place.span() } else { head(tree) };
    let finding = Finding::error(span, cause);
    let field = path.rsplit('.').next().unwrap_or(path);
    if what.starts_with("Required value") {
        return required(source, tree, &place, path, field, finding);
    }
    if what.contains("does not match template `labels`") {
        return mismatch(source, tree, finding);
    }
    if let Some((_, supported)) = what.split_once("supported values: ") {
        return unsupported(source, &place, supported, finding);
    }
    if what.starts_with("Not found") && path.contains(".volume") {
        return not_found(source, tree, &place, finding);
    }
    let has = |words: &[&str]| words.iter().any(|word| what.contains(word));
    if has(&[
        "immutable",
        "may not be changed",
        "may not change",
        "may not be updated",
        "are forbidden",
    ]) {
        finding.advise(Text::AdviceImmutable, &[field])
    } else if has(&["RFC 1123", "DNS-1035", "DNS_LABEL"]) {
        named(source, &place, finding)
    } else if has(&["a valid label", "name part must consist"]) {
        finding.advise(Text::AdviceLabel, &[])
    } else if has(&["must be less than or equal to"]) {
        finding.advise(Text::AdviceAboveLimit, &[])
    } else if has(&["between 1 and 65535"]) {
        finding.advise(Text::AdvicePort, &[])
    } else if has(&["must be greater than"]) {
        finding.advise(Text::AdviceNegative, &[field])
    } else if what.starts_with("Duplicate value") {
        finding.advise(Text::AdviceDuplicate, &[field])
    } else {
        finding
    }
}

/// A field that is missing, or its parent.
fn required(
    source: &Source<'_>,
    tree: &Node,
    place: &Place<'_>,
    path: &str,
    field: &str,
    finding: Finding,
) -> Finding {
    let labels = template_labels(tree);
    if path == "spec.selector" && !labels.is_empty() {
        let mut lines = vec!["selector:".to_owned(), "  matchLabels:".to_owned()];
        lines.extend(labels.iter().map(|label| format!("    {}", source.within(*label))));
        let finding = finding.advise(Text::AdviceNoSelector, &[]);
        return added(source, place.node, &lines, finding);
    }
    if path.contains(".template.") && place.rest.starts_with("template") {
        return finding.advise(Text::AdviceNoTemplate, &[]);
    }
    if field == "restartPolicy" {
        let finding = finding.advise(Text::AdviceRestart, &[]);
        return added(source, place.node, &["restartPolicy: Never".to_owned()], finding);
    }
    let missing = place.rest.split(['.', '[']).find(|part| !part.is_empty());
    finding.advise(Text::AdviceRequired, &[missing.unwrap_or(field)])
}

/// A change that adds lines before the first entry of a mapping that stands on lines of its own.
fn added(source: &Source<'_>, mapping: &Node, lines: &[String], finding: Finding) -> Finding {
    let Some(first) = entries(mapping).first().filter(|_| !source.is_json()) else {
        return finding;
    };
    let start = first.key_span.start;
    let column = start.column as usize;
    if indent(source.line(start.line)) != column {
        return finding;
    }
    let between = format!("\n{}", " ".repeat(column));
    let after = lines.join(&between) + &between;
    finding.or(Change { span: Span { start, end: start }, after, label: Text::RepairInsert })
}

/// The labels of the template, each as it stands.
fn template_labels(tree: &Node) -> Vec<Span> {
    let labels = at(tree, &["spec", "template", "metadata", "labels"]);
    labels.map(entries).unwrap_or_default().iter().map(super::finding::entry_span).collect()
}

/// Labels of a template that its selector does not find.
fn mismatch(source: &Source<'_>, tree: &Node, finding: Finding) -> Finding {
    let wanted = at(tree, &["spec", "selector", "matchLabels"]).map(entries).unwrap_or_default();
    let Some(template) = at(tree, &["spec", "template"]) else {
        return finding.advise(Text::AdviceNoTemplate, &[]);
    };
    let labels = at(template, &["metadata", "labels"]);
    if at(tree, &["spec", "selector"]).is_none() {
        return finding.advise(Text::AdviceNoSelector, &[]);
    }
    let mut finding = finding.advise(Text::AdviceMismatch, &[]);
    let has = |key: &str| labels.and_then(|labels| labels.get(key));
    let differs =
        wanted.iter().find(|want| has(&want.key).and_then(Node::as_str) != want.value.as_str());
    let Some(want) = differs else { return finding };
    let value = source.within(want.value.span);
    if let Some(label) = has(&want.key) {
        finding.span = label.span;
        return finding
            .or_write(label.span, value)
            .or_write(want.value.span, source.within(label.span));
    }
    match (labels, at(template, &["metadata"]), entries(template).first()) {
        (Some(labels), ..) if !entries(labels).is_empty() => {
            let line = format!("{}: {value}", want.key);
            added(source, labels, &[line], finding)
        }
        (None, None, Some(_)) => {
            let lines = ["metadata:", "  labels:"].map(str::to_owned);
            let all = wanted
                .iter()
                .map(|want| format!("    {}", source.within(super::finding::entry_span(want))));
            added(source, template, &lines.into_iter().chain(all).collect::<Vec<_>>(), finding)
        }
        _ => finding,
    }
}

/// A word that is none of those there are.
fn unsupported(
    source: &Source<'_>,
    place: &Place<'_>,
    supported: &str,
    finding: Finding,
) -> Finding {
    let values: Vec<&str> = supported.split('"').skip(1).step_by(2).collect();
    let written = source.within(place.node.span);
    let finding = finding.advise(Text::AdviceUnsupported, &[&values.join(", ")]);
    if place.node.as_str().is_none() || !place.rest.is_empty() {
        return finding;
    }
    let meant = near(written.trim_matches(['"', '\'']), &mut values.iter().copied());
    match meant {
        Some(value) => finding.or_write(place.node.span, value),
        None if values.len() <= 3 => values
            .iter()
            .filter(|value| !value.is_empty())
            .fold(finding, |finding, value| finding.or_write(place.node.span, *value)),
        None => finding,
    }
}

/// A name that stands for nothing: a mount of no volume.
fn not_found(source: &Source<'_>, tree: &Node, place: &Place<'_>, finding: Finding) -> Finding {
    let written = source.within(place.node.span);
    let finding = finding.advise(Text::AdviceNotFound, &[written]);
    let mut volumes: Vec<&str> = Vec::new();
    let mut rest = vec![tree];
    while let Some(node) = rest.pop() {
        volumes.extend(list(node, "volumes").iter().map(|volume| text(volume, &["name"])));
        volumes.extend(
            list(node, "volumeClaimTemplates")
                .iter()
                .map(|claim| text(claim, &["metadata", "name"])),
        );
        rest.extend(entries(node).iter().map(|entry| &entry.value));
    }
    volumes.retain(|name| !name.is_empty());
    match near(written, &mut volumes.iter().copied())
        .or(volumes.first().copied().filter(|_| volumes.len() == 1))
    {
        Some(volume) => finding.or_write(place.node.span, volume),
        None => finding,
    }
}

/// A name that is no good; the nearest that is.
fn named(source: &Source<'_>, place: &Place<'_>, finding: Finding) -> Finding {
    let finding = finding.advise(Text::AdviceName, &[]);
    let Some(written) = place.node.as_str().filter(|_| place.rest.is_empty()) else {
        return finding;
    };
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let good: String = written.chars().map(letter).collect();
    let good = good.trim_matches('-');
    if names::dns1123_label(good).is_empty() && source.within(place.node.span).contains(written) {
        finding.or_write(place.node.span, good)
    } else {
        finding
    }
}

/// The entry of an object's field, for hints.
pub(super) fn key(node: &Node, field: &str) -> Option<Span> {
    entry(node, field).map(|entry| entry.key_span)
}
