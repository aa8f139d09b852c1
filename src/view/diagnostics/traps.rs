//! Amounts: what is no quantity, and what is one of another size than was surely meant.

use super::Severity;
use super::finding::{Finding, Source};
use super::place::{entries, list};
use crate::manifest::{Data, Fault, Node, Span};
use crate::object::{Kind, Quantity};
use crate::view::Text;

/// From so many whole CPUs on, thousandths were meant: no machine of a course has them.
const CPUS_ODD: i64 = 32;
/// Below so many bytes no container runs.
const BYTES_ODD: i64 = 1 << 18;

/// A quantity that is none.
pub(super) fn bad_quantity(source: &Source<'_>, fault: &Fault, finding: Finding) -> Finding {
    let written = source.within(fault.span).trim_matches(['"', '\'']).trim();
    let end = written.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(written.len());
    let (number, unit) = written.split_at_checked(end).unwrap_or((written, ""));
    let finding = finding.advise(Text::AdviceQuantity, &[]);
    let cpu = fault.path.ends_with("cpu");
    let units: &[&str] = match unit.trim().to_lowercase().as_str() {
        _ if number.is_empty() => &[],
        "m" | "mcpu" | "milli" | "millicores" | "mcores" if cpu => &["m"],
        "" | "c" | "cpu" | "cpus" | "core" | "cores" | "vcpu" if cpu => &[""],
        "k" | "kb" | "ki" | "kib" => &["Ki", "k"],
        "m" | "mb" | "mi" | "mib" => &["Mi", "M"],
        "g" | "gb" | "gi" | "gib" => &["Gi", "G"],
        "t" | "tb" | "ti" | "tib" => &["Ti", "T"],
        "b" | "byte" | "bytes" => &[""],
        _ => &[],
    };
    let good = units
        .iter()
        .map(|unit| format!("{number}{unit}"))
        .filter(|text| Quantity::parse(text).is_ok());
    good.fold(finding, |finding, text| finding.or_write(fault.span, text))
}

/// Thousandths of bytes.
pub(super) fn thousandths(source: &Source<'_>, span: Span, finding: Finding) -> Finding {
    let written = source.within(span).trim_matches(['"', '\'']);
    let number = written.trim_end_matches('m');
    let finding = finding.advise(Text::AdviceMilli, &[written]);
    if number.parse::<u64>().is_err() {
        finding
    } else {
        finding.or_write(span, format!("{number}Mi"))
    }
}

/// Tells of the amounts in the containers of an object that can be read.
pub(super) fn check(tree: &Node, kind: Kind, found: &mut Vec<Finding>) {
    let spec = kind.info().pod_spec.iter().try_fold(tree, |node, key| node.get(key));
    let Some(spec) = spec.filter(|_| !kind.info().pod_spec.is_empty()) else { return };
    for container in list(spec, "initContainers").iter().chain(list(spec, "containers")) {
        image(container, found);
        let resources = container.get("resources").map(entries).unwrap_or_default();
        for entry in resources.iter().flat_map(|resources| entries(&resources.value)) {
            amount(&entry.key, &entry.value, found);
        }
    }
}

/// One amount that is requested or a limit.
fn amount(name: &str, node: &Node, found: &mut Vec<Finding>) {
    let written = match &node.data {
        Data::String(text) => text.clone(),
        Data::Number(number) => number.to_string(),
        _ => return,
    };
    let Ok(quantity) = Quantity::parse(&written) else { return };
    let plain = written.bytes().all(|byte| byte.is_ascii_digit());
    let hint = |text| Finding::hint(Severity::Warning, node.span, text, &[&written]);
    match name {
        "cpu" if plain && quantity.value() >= CPUS_ODD => {
            found.push(hint(Text::AdviceCpu).or_write(node.span, format!("{written}m")));
        }
        "memory" | "ephemeral-storage"
            if !written.ends_with('m') && !quantity.is_zero() && quantity.value() < BYTES_ODD =>
        {
            let finding = hint(Text::AdviceBytes);
            let number = written.trim_end_matches(|c: char| !c.is_ascii_digit());
            found.push(finding.or_write(node.span, format!("{number}Mi")));
        }
        _ => {}
    }
}

/// An image whose tag moves.
fn image(container: &Node, found: &mut Vec<Finding>) {
    let Some(node) = container.get("image") else { return };
    let Some(image) = node.as_str().filter(|image| !image.is_empty()) else { return };
    let name = image.rsplit('/').next().unwrap_or(image);
    let tag = name.split_once(':').map(|(_, tag)| tag);
    if !image.contains('@') && matches!(tag, None | Some("latest")) {
        found.push(Finding::hint(Severity::Info, node.span, Text::AdviceLatest, &[image]));
    }
}
