//! Places in objects: which fields of which kinds a transformer goes to, and the way there.
//!
//! A path's steps are separated by `/`; a list on the way means each of its items, and `[]` behind a step says that there
//! must be one. Models kustomize `api/internal/konfig/builtinpluginconsts` and `api/filters/fieldspec/fieldspec.go`.

use serde_json::{Map, Value};

use super::resource::Id;

/// A place: kinds, separated by spaces (none are all), the path, and whether what is missing on the way is made.
#[derive(Copy, Clone, Debug)]
pub(super) struct Spec<'a> {
    pub(super) kinds: &'a str,
    pub(super) path: &'a str,
    pub(super) create: bool,
}

const fn made(kinds: &'static str, path: &'static str) -> Spec<'static> {
    Spec { kinds, path, create: true }
}

const fn there(kinds: &'static str, path: &'static str) -> Spec<'static> {
    Spec { kinds, path, create: false }
}

/// What is made where a path ends at nothing.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Nothing,
    Text,
    Mapping,
}

/// Where labels of an object itself stand.
pub(super) const METADATA_LABELS: Spec<'_> = made("", "metadata/labels");

/// Where labels of what a template makes stand.
pub(super) static TEMPLATE_LABELS: &[Spec<'_>] = &[
    METADATA_LABELS,
    made(
        "ReplicationController Deployment ReplicaSet DaemonSet StatefulSet Job",
        "spec/template/metadata/labels",
    ),
    made("StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels"),
    made("CronJob", "spec/jobTemplate/metadata/labels"),
    made("CronJob", "spec/jobTemplate/spec/template/metadata/labels"),
];

/// Where selectors stand.
pub(super) static SELECTORS: &[Spec<'_>] = &[
    made("Service ReplicationController", "spec/selector"),
    made("Deployment ReplicaSet DaemonSet StatefulSet", "spec/selector/matchLabels"),
    there(
        "Deployment StatefulSet",
        "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    ),
    there(
        "Deployment StatefulSet",
        "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    ),
    there(
        "Deployment StatefulSet",
        "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    ),
    there(
        "Deployment StatefulSet",
        "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    ),
    there(
        "Deployment StatefulSet",
        "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
    ),
    there("Job PodDisruptionBudget", "spec/selector/matchLabels"),
    there("CronJob", "spec/jobTemplate/spec/selector/matchLabels"),
    there("NetworkPolicy", "spec/podSelector/matchLabels"),
    there("NetworkPolicy", "spec/ingress/from/podSelector/matchLabels"),
    there("NetworkPolicy", "spec/egress/to/podSelector/matchLabels"),
];

/// Where annotations stand.
pub(super) static ANNOTATIONS: &[Spec<'_>] = &[
    made("", "metadata/annotations"),
    made(
        "ReplicationController Deployment ReplicaSet DaemonSet StatefulSet Job",
        "spec/template/metadata/annotations",
    ),
    made("CronJob", "spec/jobTemplate/metadata/annotations"),
    made("CronJob", "spec/jobTemplate/spec/template/metadata/annotations"),
];

impl Spec<'_> {
    /// Whether it speaks of objects of this kind.
    pub(super) fn selects(&self, id: &Id) -> bool {
        self.kinds.is_empty() || self.kinds.split(' ').any(|kind| kind == id.kind)
    }

    /// Goes to the place in an object; `set` may be called several times or never.
    pub(super) fn visit(
        &self,
        value: &mut Value,
        end: End,
        set: &mut dyn FnMut(&mut Value) -> Result<(), String>,
    ) -> Result<(), String> {
        // A slash that belongs to a step stands behind a backslash.
        let path = self.path.replace("\\/", "\u{0}");
        let steps: Vec<String> = path.split('/').map(|step| step.replace('\u{0}', "/")).collect();
        let end = if self.create { end } else { End::Nothing };
        visit(value, &steps, end, set)
    }
}

fn visit(
    value: &mut Value,
    steps: &[String],
    end: End,
    set: &mut dyn FnMut(&mut Value) -> Result<(), String>,
) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else { return set(value) };
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| visit(item, steps, end, set)),
        Value::Object(map) => {
            let (key, of_list) = match step.strip_suffix("[]") {
                Some(key) => (key, true),
                None => (step.as_str(), false),
            };
            if map.get(key).is_none_or(Value::is_null) {
                if end == End::Nothing || of_list {
                    return Ok(());
                }
                let made = if rest.is_empty() && end == End::Text {
                    Value::String(String::new())
                } else {
                    Value::Object(Map::new())
                };
                map.insert(key.to_owned(), made);
            }
            match map.get_mut(key) {
                Some(next) => visit(next, rest, end, set),
                None => Ok(()),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_goes_through_lists_and_makes_what_may_be_made() {
        let mut value = json!({"spec": {"list": [{"a": {}}, {"a": {}}]}});
        let mut set = |place: &mut Value| {
            *place = json!(1);
            Ok(())
        };
        made("", "spec/list/a/b").visit(&mut value, End::Text, &mut set).unwrap();
        there("", "spec/none").visit(&mut value, End::Text, &mut set).unwrap();
        made("", "spec/none[]/b").visit(&mut value, End::Text, &mut set).unwrap();
        made("", "metadata/x.y\\/z").visit(&mut value, End::Text, &mut set).unwrap();
        assert_eq!(
            value,
            json!({"metadata": {"x.y/z": 1}, "spec": {"list": [{"a": {"b": 1}}, {"a": {"b": 1}}]}})
        );
    }
}
