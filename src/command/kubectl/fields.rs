//! `--field-selector`: the few fields that the server can select by.
//!
//! Models apimachinery `pkg/fields/selector.go` and the conversion functions that say which fields a kind has
//! (kubernetes `pkg/apis/core/v1/conversion.go`, `pkg/apis/apps/v1/conversion.go`).

use super::failure::Failure;
use crate::object::{Body, Kind, Object};

/// Conditions on fields; all must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSelector {
    text: String,
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: String,
    value: String,
    equal: bool,
}

impl FieldSelector {
    /// Reads `status.phase=Running,metadata.name!=web`.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let mut terms = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (field, value, equal) = if let Some((field, value)) = part.split_once("!=") {
                (field, value, false)
            } else if let Some((field, value)) = part.split_once("==") {
                (field, value, true)
            } else if let Some((field, value)) = part.split_once('=') {
                (field, value, true)
            } else {
                return Err(Failure::plain(format!(
                    "invalid selector: '{text}'; can't understand '{part}'"
                )));
            };
            terms.push(Term { field: field.to_owned(), value: value.to_owned(), equal });
        }
        Ok(Self { text: text.to_owned(), terms })
    }

    /// Whether there is no condition.
    pub(super) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The selector as it was given.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The server's sentence about the first field that it does not select this kind by.
    pub(super) fn unknown(&self, kind: Kind) -> Option<String> {
        let field = &self.terms.iter().find(|term| !is_known(kind, &term.field))?.field;
        Some(if kind == Kind::Job {
            format!("field label {field:?} not supported for Job")
        } else if special(kind).is_empty() {
            format!(
                "{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
            )
        } else {
            format!("field label not supported: {field}")
        })
    }

    /// Whether an object meets every condition.
    pub(super) fn matches(&self, object: &Object) -> bool {
        self.terms.iter().all(|term| (value(object, &term.field) == term.value) == term.equal)
    }
}

/// What a kind can be selected by beside name and namespace.
fn special(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Pod => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        Kind::Event => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        Kind::Node => &["spec.unschedulable"],
        Kind::Namespace => &["status.phase"],
        Kind::Secret => &["type"],
        Kind::Service => &["spec.clusterIP", "spec.type"],
        Kind::ReplicaSet => &["status.replicas"],
        Kind::Job => &["status.successful"],
        _ => &[],
    }
}

fn is_known(kind: Kind, field: &str) -> bool {
    field == "metadata.name"
        || (field == "metadata.namespace" && kind.info().namespaced)
        || special(kind).contains(&field)
}

fn value(object: &Object, field: &str) -> String {
    match (field, &object.body) {
        ("metadata.name", _) => object.name().to_owned(),
        ("metadata.namespace", _) => object.namespace().to_owned(),
        ("spec.nodeName", Body::Pod(pod)) => {
            pod.own.node_name.as_deref().unwrap_or_default().to_owned()
        }
        ("spec.hostNetwork", Body::Pod(pod)) => {
            pod.shared.host_network.unwrap_or(false).to_string()
        }
        ("status.phase", Body::Pod(pod)) => pod.status.phase.clone().unwrap_or_default(),
        ("status.podIP", Body::Pod(pod)) => pod.status.pod_ip.clone().unwrap_or_default(),
        ("spec.unschedulable", Body::Node(node)) => {
            node.spec.unschedulable.unwrap_or(false).to_string()
        }
        ("source", Body::Event(event)) => {
            let source = event.source.as_ref().and_then(|source| source.component.clone());
            source.or_else(|| event.reporting_component.clone()).unwrap_or_default()
        }
        ("status.successful", Body::Value(job)) => {
            job.status.get("succeeded").map_or_else(|| "0".to_owned(), ToString::to_string)
        }
        // Few objects are selected by the other fields; reading them from the wire form is quick enough.
        _ => from_wire(object, field),
    }
}

fn from_wire(object: &Object, field: &str) -> String {
    let mut value = &object.to_value();
    for part in field.split('.') {
        match value.get(part) {
            Some(inner) => value = inner,
            None => return String::new(),
        }
    }
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_refused_in_the_servers_words() {
        let selector = FieldSelector::parse("spec.foo=x").unwrap();
        let unknown = |kind| selector.unknown(kind);
        assert_eq!(unknown(Kind::Pod).as_deref(), Some("field label not supported: spec.foo"));
        assert!(
            unknown(Kind::ConfigMap)
                .is_some_and(|text| text.contains("not a known field selector"))
        );
        assert!(FieldSelector::parse("a==b,metadata.name!=c").is_ok());
        assert!(FieldSelector::parse("a").is_err());
    }
}
