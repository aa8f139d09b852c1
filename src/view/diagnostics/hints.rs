//! What does not fit together in a text: Services that find no Pods or no port, autoscalers without requests.
//!
//! Only workloads of the same text are looked at. What selects Pods of other files is left alone: nothing is said where the
//! text has no workload at all.

use super::finding::{Change, Finding, Source};
use super::place::{at, entries, list, text};
use super::{Severity, items};
use crate::manifest::{Data, Node, Span};
use crate::object::{KINDS, KindInfo};
use crate::view::Text;

/// A workload of the text, or a Pod.
struct Workload<'a> {
    kind: &'a KindInfo,
    name: &'a str,
    labels: Option<&'a Node>,
    spec: &'a Node,
}

/// Tells what does not fit.
pub(super) fn check(source: &Source<'_>, trees: &[Node], found: &mut Vec<Finding>) {
    let all: Vec<&Node> = trees.iter().flat_map(items).collect();
    let workloads: Vec<Workload<'_>> = all.iter().filter_map(|tree| workload(tree)).collect();
    if workloads.is_empty() {
        return;
    }
    for tree in all {
        match text(tree, &["kind"]) {
            "Service" => service(source, tree, &workloads, found),
            "HorizontalPodAutoscaler" => autoscaler(tree, &workloads, found),
            _ => {}
        }
    }
}

fn workload(tree: &Node) -> Option<Workload<'_>> {
    let kind = KINDS.iter().find(|info| info.name == text(tree, &["kind"]))?;
    let (_, path) = kind.pod_spec.split_last()?;
    let template = at(tree, path)?;
    let spec = template.get("spec")?;
    Some(Workload {
        kind,
        name: text(tree, &["metadata", "name"]),
        labels: at(template, &["metadata", "labels"]),
        spec,
    })
}

/// Whether labels have all that is asked for.
fn selects(wanted: &Node, labels: Option<&Node>) -> bool {
    let has = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Node::as_str);
    entries(wanted)
        .iter()
        .all(|want| want.value.as_str().is_some() && has(&want.key) == want.value.as_str())
}

fn service(source: &Source<'_>, tree: &Node, workloads: &[Workload<'_>], found: &mut Vec<Finding>) {
    let selector = at(tree, &["spec", "selector"]).filter(|selector| !entries(selector).is_empty());
    let Some(selector) = selector else { return };
    let chosen: Vec<&Workload<'_>> =
        workloads.iter().filter(|workload| selects(selector, workload.labels)).collect();
    if chosen.is_empty() {
        let span = super::refusal::key(tree.get("spec").unwrap_or(tree), "selector")
            .unwrap_or(selector.span);
        let mut finding = Finding::hint(Severity::Warning, span, Text::AdviceSelectsNothing, &[]);
        if let ([want], [one]) = (entries(selector), workloads)
            && let Some(label) = one.labels.and_then(|labels| labels.get(&want.key))
        {
            finding = finding.or_write(want.value.span, source.within(label.span));
        }
        found.push(finding);
        return;
    }
    for port in at(tree, &["spec"]).map(|spec| list(spec, "ports")).unwrap_or_default() {
        let Some(target) = port.get("targetPort").or_else(|| port.get("port")) else { continue };
        let open: Vec<&Node> = chosen
            .iter()
            .flat_map(|workload| list(workload.spec, "containers"))
            .flat_map(|container| list(container, "ports"))
            .collect();
        let fits = |port: &&Node| {
            let named = port.get("name").and_then(Node::as_str);
            let number = port.get("containerPort").map(|node| &node.data);
            target.as_str().map_or(number == Some(&target.data), |name| named == Some(name))
        };
        let missing = target.as_str().is_some() || !open.is_empty();
        if !missing || open.iter().any(fits) {
            continue;
        }
        let written = source.within(target.span);
        let listed: Vec<&str> = open
            .iter()
            .filter_map(|port| Some(source.within(port.get("containerPort")?.span)))
            .collect();
        let finding = Finding::hint(
            Severity::Warning,
            target.span,
            Text::AdviceTargetPort,
            &[written, &listed.join(", ")],
        );
        found.push(match (listed.as_slice(), port.get("targetPort")) {
            ([one], Some(_)) => finding.or_write(target.span, *one),
            ([one], None) => {
                let end = Span { start: target.span.end, end: target.span.end };
                let column = port.span.start.column as usize;
                let flow = source.within(port.span).starts_with('{');
                let after = if flow {
                    format!(", targetPort: {one}")
                } else {
                    format!("\n{}targetPort: {one}", " ".repeat(column))
                };
                finding.or(Change { span: end, after, label: Text::RepairInsert })
            }
            _ => finding,
        });
    }
}

/// An autoscaler counts shares of what is requested.
fn autoscaler(tree: &Node, workloads: &[Workload<'_>], found: &mut Vec<Finding>) {
    let target = ["kind", "name"].map(|key| text(tree, &["spec", "scaleTargetRef", key]));
    let Some(chosen) = workloads.iter().find(|one| [one.kind.name, one.name] == target) else {
        return;
    };
    let metrics = tree.get("spec").map(|spec| list(spec, "metrics")).unwrap_or_default();
    let mut wanted: Vec<&str> = metrics
        .iter()
        .filter(|metric| text(metric, &["resource", "target", "type"]) == "Utilization")
        .map(|metric| text(metric, &["resource", "name"]))
        .collect();
    if metrics.is_empty() {
        wanted.push("cpu");
    }
    let lacks = |container: &Node, name: &str| {
        let of = |list: &str| at(container, &["resources", list, name]).map(|node| &node.data);
        matches!(of("requests").or_else(|| of("limits")), None | Some(Data::Null))
    };
    for name in wanted {
        if list(chosen.spec, "containers").iter().any(|container| lacks(container, name)) {
            let span =
                at(tree, &["spec", "scaleTargetRef", "name"]).map_or(tree.span, |node| node.span);
            found.push(Finding::hint(
                Severity::Warning,
                span,
                Text::AdviceNoRequests,
                &[chosen.name, name],
            ));
        }
    }
}
