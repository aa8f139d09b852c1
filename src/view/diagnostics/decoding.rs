//! From a document to an object: its kind, its fields, their types; what a fault means and what would mend it.

use super::finding::{Change, Finding, Source, entry_span};
use super::place::{at, entries, entry, head};
use super::rehearsal::Rehearsal;
use super::reindent::{Chunk, moved};
use super::syntax::quoted;
use super::{refusal, traps};
use crate::command::kubectl::{mapping, problem};
use crate::manifest::types::{Shape, Struct};
use crate::manifest::{Data, Entry, Fault, Node, Span, base64, check_metadata, near};
use crate::object::official::RESOURCES;
use crate::object::{Kind, Object};
use crate::view::Text;

/// Tells what is wrong with one object of a text.
pub(super) fn check(
    source: &Source<'_>,
    tree: &Node,
    rehearsal: &mut Rehearsal<'_>,
    found: &mut Vec<Finding>,
) {
    repeated(tree, found);
    if let Err(problem) = problem(tree) {
        found.push(no_kind(source, tree, &problem));
        return;
    }
    if let Err(error) = check_metadata(tree) {
        let of = |fault| fault_of(source, tree, None, fault, "");
        found.extend(error.faults.iter().map(of));
        return;
    }
    match resource(tree, rehearsal) {
        Err(finding) => found.push(*finding),
        Ok(kind) => {
            if let Some(object) = object(source, tree, kind, rehearsal, found) {
                traps::check(tree, kind, found);
                refusal::check(source, tree, object, rehearsal, found);
            }
        }
    }
}

/// The object that a document is, where it can be decoded.
fn object(
    source: &Source<'_>,
    tree: &Node,
    kind: Kind,
    rehearsal: &Rehearsal<'_>,
    found: &mut Vec<Finding>,
) -> Option<Object> {
    let error = match rehearsal.store().decode(kind, tree) {
        Ok(object) => return Some(object),
        Err(error) => error,
    };
    let of = |fault: &Fault| {
        let strict = fault.message.starts_with("unknown field");
        let prefix = if strict { "strict decoding error: " } else { "" };
        fault_of(source, tree, Some(kind), fault, prefix)
    };
    found.extend(error.faults.iter().chain(&error.untold).map(of));
    None
}

/// Keys that stand twice.
fn repeated(tree: &Node, found: &mut Vec<Finding>) {
    for (key, span) in tree.repeated_keys() {
        found.push(Finding::hint(super::Severity::Warning, span, Text::AdviceRepeated, &[key]));
    }
}

/// A document that does not say what it is.
fn no_kind(source: &Source<'_>, tree: &Node, problem: &str) -> Finding {
    let finding = Finding::error(head(tree), format!("error validating data: {problem}"));
    if entries(tree).is_empty() {
        return finding.advise(Text::AdviceNoManifest, &[]);
    }
    let missing = if problem.contains("apiVersion") { "apiVersion" } else { "kind" };
    let misspelt = entries(tree).iter().find(|entry| {
        entry.key != missing && near(&entry.key, &mut [missing].into_iter()).is_some()
    });
    if let Some(entry) = misspelt {
        let finding = Finding { span: entry.key_span, ..finding };
        return finding
            .advise(Text::AdviceField, &[&entry.key, missing])
            .or_write(entry.key_span, missing);
    }
    let kind = tree.get("kind").and_then(Node::as_str).unwrap_or_default();
    let known = RESOURCES.iter().find(|resource| resource.kind == kind);
    let finding = finding.advise(Text::AdviceNoKind, &[missing]);
    match (known, entries(tree).first()) {
        (Some(resource), Some(first)) if missing == "apiVersion" && !source.is_json() => {
            let start = first.key_span.start;
            finding.or(Change {
                span: Span { start, end: start },
                after: format!("apiVersion: {}\n", resource.api_version)
                    + &" ".repeat(start.column as usize),
                label: Text::RepairInsert,
            })
        }
        _ => finding,
    }
}

/// The kind that a document names, if the sandbox has it.
fn resource(tree: &Node, rehearsal: &Rehearsal<'_>) -> Result<Kind, Box<Finding>> {
    let text = |key: &str| tree.get(key).and_then(Node::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let spot = |key: &str| tree.get(key).map_or_else(|| head(tree), |node| node.span);
    let Some(resource) = mapping(rehearsal.store().served(), api_version, kind) else {
        return Err(Box::new(no_match(tree, api_version, kind)));
    };
    if resource.kind != kind {
        let message = format!(
            "no kind {kind:?} is registered for version {api_version:?} in scheme \"pkg/api/legacyscheme/scheme.go:30\""
        );
        let finding = Finding::error(spot("kind"), message);
        return Err(Box::new(
            finding
                .advise(Text::AdviceField, &[kind, resource.kind])
                .or_write(spot("kind"), resource.kind),
        ));
    }
    resource.simulated().ok_or_else(|| {
        let finding = Finding::error(spot("kind"), "");
        Box::new(finding.advise(Text::AdviceNotSimulated, &[resource.kind, resource.api_version]))
    })
}

/// Nothing is called so in this version.
fn no_match(tree: &Node, api_version: &str, kind: &str) -> Finding {
    let spot = |key: &str| tree.get(key).map_or_else(|| head(tree), |node| node.span);
    let message = format!("no matches for kind {kind:?} in version {api_version:?}");
    let finding = |key: &str| Finding::error(spot(key), message.clone());
    let group = |text: &str| text.split_once('/').map_or("", |(group, _)| group).to_owned();
    let mut of = RESOURCES.iter().filter(|resource| resource.kind == kind);
    // Of several groups (Event), the one that was named.
    let same = of.clone().find(|resource| resource.group() == group(api_version));
    if let Some(resource) = same.or_else(|| of.next()) {
        let old = ["beta", "alpha"].iter().any(|word| api_version.contains(word));
        let advice = if old { Text::AdviceOldVersion } else { Text::AdviceVersion };
        return finding("apiVersion")
            .advise(advice, &[kind, api_version, resource.api_version])
            .or_write(spot("apiVersion"), resource.api_version);
    }
    match near(kind, &mut RESOURCES.iter().map(|resource| resource.kind)) {
        Some(meant) => {
            finding("kind").advise(Text::AdviceField, &[kind, meant]).or_write(spot("kind"), meant)
        }
        None if kind == "PodSecurityPolicy" => finding("kind").advise(Text::AdviceGone, &[kind]),
        None => finding("kind").advise(Text::AdviceCustom, &[kind]),
    }
}

/// One mapping on the way to a fault: its struct, and the entry whose value it is.
struct Level<'a> {
    node: &'a Node,
    of: &'static Struct,
    entry: Option<&'a Entry>,
}

/// The structs around a place, the object itself first.
fn levels<'a>(tree: &'a Node, kind: Kind, fault: &Fault) -> Vec<Level<'a>> {
    let holds = |node: &Node, entry: Option<&Entry>| {
        let start = entry.map_or(node.span.start, |entry| entry.key_span.start);
        start <= fault.span.start && fault.span.end <= node.span.end.max(fault.span.start)
    };
    let mut levels = Vec::new();
    let (mut node, mut of, mut entry) = (tree, kind.info().wire_type(), None);
    while let Some(kind) = of {
        if let Some(of) = kind.as_struct() {
            levels.push(Level { node, of, entry });
        }
        let next = entries(node).iter().find(|one| holds(&one.value, Some(one)));
        if let Some(one) = next {
            of = match kind.shape() {
                Shape::Struct(of) => of.field(&one.key).map(|field| field.of),
                Shape::Map(of) => Some(of),
                _ => None,
            };
            (node, entry) = (&one.value, Some(one));
        } else if let Some(item) = node.items().into_iter().flatten().find(|item| holds(item, None))
        {
            of = match kind.shape() {
                Shape::List(of) => Some(of),
                _ => None,
            };
            node = item;
        } else {
            break;
        }
    }
    levels
}

/// What there is to say of a fault.
fn fault_of(
    source: &Source<'_>,
    tree: &Node,
    kind: Option<Kind>,
    fault: &Fault,
    prefix: &str,
) -> Finding {
    let finding = Finding::error(fault.span, format!("{prefix}{}", fault.message));
    let written = source.within(fault.span);
    if fault.message.starts_with("unknown field") {
        let levels = kind.map_or_else(Vec::new, |kind| levels(tree, kind, fault));
        return unknown(source, &levels, fault, finding);
    }
    if fault.message.starts_with("quantities must")
        || fault.message.contains("unable to parse quantity")
    {
        return traps::bad_quantity(source, fault, finding);
    }
    if fault.message.starts_with("illegal base64") {
        let encoded = base64::encode(written.trim_matches(['"', '\'']).as_bytes());
        return finding.advise(Text::AdviceBase64, &[]).or_write(fault.span, encoded);
    }
    let Some((_, expected)) = fault.message.rsplit_once(" of type ") else { return finding };
    let node = node_at(tree, fault);
    let key = key_of(&fault.path);
    mistyped(source, finding, fault, node, expected, key, written)
}

/// The last field of a path.
fn key_of(path: &str) -> &str {
    let path = path.split('[').next().filter(|_| path.ends_with(']')).unwrap_or(path);
    path.rsplit('.').next().unwrap_or(path)
}

/// The node that a fault is about.
fn node_at<'a>(tree: &'a Node, fault: &Fault) -> Option<&'a Node> {
    let mut rest = vec![tree];
    while let Some(node) = rest.pop() {
        if node.span == fault.span {
            return Some(node);
        }
        match &node.data {
            Data::Sequence(items) => rest.extend(items),
            Data::Mapping(entries) => rest.extend(entries.iter().map(|entry| &entry.value)),
            _ => {}
        }
    }
    None
}

/// A value of another type than the field's.
fn mistyped(
    source: &Source<'_>,
    finding: Finding,
    fault: &Fault,
    node: Option<&Node>,
    expected: &str,
    key: &str,
    written: &str,
) -> Finding {
    let inner = written.trim_matches(['"', '\'']);
    let one_line = !written.contains('\n');
    match (expected, node.map(|node| &node.data)) {
        ("string", Some(Data::Number(_))) => finding
            .advise(Text::AdviceQuoteNumber, &[key, written])
            .or_write(fault.span, quoted(written)),
        ("string", Some(Data::Bool(_))) => finding
            .advise(Text::AdviceQuoteBool, &[key, written])
            .or_write(fault.span, quoted(written)),
        ("int32" | "int64", Some(Data::String(_))) => {
            let finding = finding.advise(Text::AdviceNumber, &[key]);
            let number = inner.trim().parse::<i64>().is_ok();
            if number { finding.or_write(fault.span, inner.trim()) } else { finding }
        }
        ("int32" | "int64", Some(Data::Number(_))) => finding.advise(Text::AdviceNumber, &[key]),
        ("bool", Some(Data::String(_) | Data::Number(_))) => {
            let finding = finding.advise(Text::AdviceBool, &[key]);
            match inner.to_lowercase().as_str() {
                flag @ ("true" | "false") => finding.or_write(fault.span, flag),
                _ => finding,
            }
        }
        (list, Some(data)) if list.starts_with("[]") => {
            let finding = finding.advise(Text::AdviceList, &[key]);
            match data {
                Data::Mapping(_) if !written.starts_with('{') && !source.is_json() => {
                    finding.or(dashed(source, fault))
                }
                Data::String(_) | Data::Number(_) | Data::Bool(_)
                    if list == "[]string" && one_line =>
                {
                    let words: Vec<String> = inner.split_whitespace().map(quoted).collect();
                    finding.or_write(fault.span, format!("[{}]", words.join(", ")))
                }
                _ => finding,
            }
        }
        (_, Some(Data::String(text))) => match text.split_once(':') {
            Some((word, value))
                if one_line && !value.is_empty() && !written.starts_with(['"', '\'']) =>
            {
                finding
                    .advise(Text::AdviceColonSpace, &[written])
                    .or_write(fault.span, format!("{word}: {value}"))
            }
            _ => finding.advise(Text::AdviceFields, &[key]),
        },
        (_, Some(Data::Sequence(_))) => finding.advise(Text::AdviceNoList, &[key]),
        (_, Some(Data::Number(_) | Data::Bool(_))) => finding.advise(Text::AdviceFields, &[key]),
        _ => finding,
    }
}

/// A mapping made the one item of a list: a dash before it, its other lines further in.
fn dashed(source: &Source<'_>, fault: &Fault) -> Change {
    let (first, column) = (fault.span.start.line, fault.span.start.column as usize);
    let text = source.within(fault.span);
    let last = first + u32::try_from(text.trim_end().matches('\n').count()).unwrap_or(0);
    let lines = (first..=last).enumerate().map(|(number, line)| {
        let line = source.line(line);
        let by = if number == 0 { column } else { column.min(super::reindent::indent(line)) };
        let (lead, rest) = line.split_at_checked(by).unwrap_or((line, ""));
        let mark = if number == 0 { "- " } else { "  " };
        if rest.is_empty() { lead.to_owned() } else { format!("{lead}{mark}{rest}") }
    });
    let after = lines.collect::<Vec<_>>().join("\n");
    Change { span: source.whole_lines(first, last), after, label: Text::RepairDash }
}

/// A field that nobody knows here: misspelt, or in the wrong place.
fn unknown(source: &Source<'_>, levels: &[Level<'_>], fault: &Fault, finding: Finding) -> Finding {
    let key = source.within(fault.span).trim_matches(['"', '\'']);
    let Some((here, outer)) = levels.split_last() else { return finding };
    let other_case = |field: &str| field.eq_ignore_ascii_case(key);
    let home = misplaced(source, here, outer, key)
        .filter(|_| fault.suggestion.is_none_or(|field| !other_case(field)));
    match (home, fault.suggestion) {
        (Some((home, Some(change))), _) => {
            return finding.advise(Text::AdviceMisplaced, &[key, &home]).or(change);
        }
        (_, Some(field)) => {
            return finding.advise(Text::AdviceField, &[key, field]).or_write(fault.span, field);
        }
        (Some((home, None)), None) => return finding.advise(Text::AdviceMisplaced, &[key, &home]),
        (None, None) => {}
    }
    let whole = here.of.name;
    finding
        .advise(Text::AdviceUnknown, &[here.entry.map_or(whole, |entry| entry.key.as_str()), key])
}

/// Where a field is at home that stands elsewhere, and the change that brings it there, if one does.
fn misplaced(
    source: &Source<'_>,
    here: &Level<'_>,
    outer: &[Level<'_>],
    key: &str,
) -> Option<(String, Option<Change>)> {
    let entry = entry(here.node, key)?;
    let mut homes: Vec<(String, Option<usize>)> = Vec::new();
    for level in outer.iter().rev() {
        if level.of.field(key).is_some() && level.node.get(key).is_none() {
            let column =
                entries(level.node).first().map(|first| first.key_span.start.column as usize);
            let name = level.entry.map_or(level.of.name, |entry| entry.key.as_str());
            homes.push((name.to_owned(), column));
        }
    }
    for field in &here.of.fields {
        if field.of.innermost().is_none_or(|of| of.is_meta() || of.field(key).is_none()) {
            continue;
        }
        let sibling = at(here.node, &[field.name]);
        let inside = sibling.and_then(|node| node.items().map_or(Some(node), <[Node]>::last));
        let first = inside.and_then(|node| entries(node).first());
        let home = (field.name.to_owned(), first.map(|first| first.key_span.start.column as usize));
        if sibling.is_some() { homes.insert(0, home) } else { homes.push(home) }
    }
    let (home, _) = homes.first()?.clone();
    if source.is_json() {
        return Some((home, None));
    }
    let chunk = Chunk::around(source, entry.key_span.start.line);
    let span = entry_span(entry);
    let first = span.start.line - chunk.first.min(span.start.line);
    let text = source.within(span);
    let last = first + u32::try_from(text.trim_end().matches('\n').count()).unwrap_or(0);
    let (names, changes): (Vec<_>, Vec<_>) = homes
        .into_iter()
        .filter_map(|(name, column)| Some((name, moved(&chunk.source, first, last, column?))))
        .unzip();
    match chunk.best(changes) {
        Some((number, change)) => Some((names.into_iter().nth(number)?, Some(change))),
        None => Some((home, None)),
    }
}
