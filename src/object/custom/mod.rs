//! The kinds that `CustomResourceDefinition`s make: their lines in the registry, read out of what is stored.
//!
//! A definition that is established serves its kind in each of its versions, the preferred one first. A line is made once
//! for what a definition says and then never given up (a few hundred bytes), so a [`Kind`] stays a small value that is
//! copied, also one of a definition that is gone. Nobody finds a line but through the stored definition, so copies of a
//! world do not share more than that. Models kubernetes `staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver`
//! (`customresource_discovery_controller.go`, `helpers.go`) and apimachinery `pkg/version/helpers.go`.

mod cel;
mod format;
mod schema;
mod validate;

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Value, json};

pub use cel::check_rules;
pub use schema::decode;
pub use validate::{validate_at, validate_object};

use super::kind::{Column, Custom, KindInfo};
use super::official::Resource;
use super::value::look::{at, entries, list, text, texts};
use super::{Key, Kind, Object, ValueBody};
use crate::order;

/// The finalizer that holds a definition back until its objects are gone.
pub const CLEANUP_FINALIZER: &str = "customresourcecleanup.apiextensions.k8s.io";

/// What an established definition serves, the preferred version first.
pub fn served(definition: &Object) -> Vec<&'static Resource> {
    let Some(body) = definition.as_value() else { return Vec::new() };
    if condition(body, "Established") != Some("True") {
        return Vec::new();
    }
    let mut versions: Vec<&Value> = list(body.spec(), "versions")
        .iter()
        .filter(|version| version.get("served") == Some(&Value::Bool(true)))
        .collect();
    order::sort_by(&mut versions, |a, b| preferred(text(a, "name"), text(b, "name")));
    versions.into_iter().map(|version| line(body, version)).collect()
}

/// An object in the version that is asked for; objects of other kinds have one version.
pub fn in_version(object: Arc<Object>, kind: Kind) -> Arc<Object> {
    let Kind::Custom(asked) = kind else { return object };
    if object.kind().info().version == asked.version {
        return object;
    }
    let mut object = Object::clone(&object);
    if let Some(body) = object.body.value_mut() {
        body.kind = kind;
    }
    Arc::new(object)
}

/// The key of the definition that made a kind; none if the kind is one of ours.
pub fn definition_of(kind: Kind) -> Option<Key> {
    let Kind::Custom(info) = kind else { return None };
    Some(Key::cluster(Kind::CustomResourceDefinition, info.resource()))
}

/// The schema of a kind's version in its definition.
pub fn schema_of<'a>(definition: &'a Object, version: &str) -> &'a Value {
    static NOTHING: Value = Value::Null;
    let Some(body) = definition.as_value() else { return &NOTHING };
    let mut versions = list(body.spec(), "versions").iter();
    let version = versions.find(|one| text(one, "name") == version);
    version.map_or(&NOTHING, |version| at(version, &["schema", "openAPIV3Schema"]))
}

/// The status of a definition's condition.
pub fn condition<'a>(body: &'a ValueBody, name: &str) -> Option<&'a str> {
    let mut conditions = list(&body.status, "conditions").iter();
    conditions.find(|one| text(one, "type") == name).map(|one| text(one, "status"))
}

/// Makes the line of one version.
fn line(body: &ValueBody, version: &Value) -> &'static Resource {
    let (spec, names) = (body.spec(), at(&body.status, &["acceptedNames"]));
    let categories = keep_all(texts(names, "categories"));
    let subresources = at(version, &["subresources"]);
    let scale = subresources.get("scale").filter(|scale| scale.is_object()).map(|scale| {
        ["specReplicasPath", "statusReplicasPath", "labelSelectorPath"]
            .map(|path| keep(text(scale, path)))
    });
    let (columns, cells) = columns(version);
    let info: &'static KindInfo = Box::leak(Box::new(KindInfo {
        of: None,
        name: keep(text(names, "kind")),
        plural: keep(text(names, "plural")),
        singular: keep(text(names, "singular")),
        short_names: keep_all(texts(names, "shortNames")),
        group: keep(text(spec, "group")),
        version: keep(text(version, "name")),
        namespaced: text(spec, "scope") == "Namespaced",
        in_all: categories.contains(&"all"),
        generation: true,
        pod_spec: &[],
        custom: Custom {
            list: keep(text(names, "listKind")),
            categories,
            columns,
            cells,
            status: subresources.get("status").is_some_and(Value::is_object),
            scale,
        },
    }));
    Box::leak(Box::new(Resource {
        plural: info.plural,
        short_names: info.short_names,
        api_version: keep(&info.api_version()),
        namespaced: info.namespaced,
        kind: info.name,
        custom: Some(info),
    }))
}

/// The columns that are asked for after the name; the age where none are.
fn columns(version: &Value) -> (&'static [Column], &'static [[&'static str; 2]]) {
    let asked = list(version, "additionalPrinterColumns");
    let age = [json!({ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" })];
    let asked = if asked.is_empty() { &age } else { asked };
    let mut columns = vec![Column { name: "Name", wide: false }];
    columns.extend(asked.iter().map(|column| Column {
        name: keep(text(column, "name")),
        wide: column.get("priority").and_then(Value::as_i64).unwrap_or(0) != 0,
    }));
    let cell = |column| ["type", "jsonPath"].map(|field| keep(text(column, field)));
    (columns.leak(), asked.iter().map(cell).collect::<Vec<_>>().leak())
}

fn keep(text: &str) -> &'static str {
    String::from(text).leak()
}

fn keep_all<'a>(texts: impl Iterator<Item = &'a str>) -> &'static [&'static str] {
    texts.map(keep).collect::<Vec<_>>().leak()
}

/// Which of two versions is preferred: `v2` before `v1`, that before `v1beta2`, that before `v1alpha1`, and these before
/// all others, which are in the order of their letters (`CompareKubeAwareVersionStrings`).
fn preferred(one: &str, other: &str) -> Ordering {
    match (rank(one), rank(other)) {
        (Some(one), Some(other)) => other.cmp(&one),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.cmp(other),
    }
}

/// How stable a version is, its number, and the number of its alpha or beta.
fn rank(version: &str) -> Option<(u8, u32, u32)> {
    let rest = version.strip_prefix('v')?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (major, rest) = rest.split_at(digits);
    let major = major.parse().ok()?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    if rest.is_empty() {
        return Some((2, major, 0));
    }
    if let Some(beta) = rest.strip_prefix("beta") {
        return Some((1, major, number(beta)?));
    }
    Some((0, major, number(rest.strip_prefix("alpha")?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_the_order_of_their_stability() {
        let mut versions =
            ["foo10", "v1", "v11alpha2", "v10", "v3beta1", "foo1", "v12alpha1", "v10beta3", "v1x"];
        order::sort_by(&mut versions, |a, b| preferred(a, b));
        assert_eq!(
            versions,
            ["v10", "v1", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10", "v1x"]
        );
    }
}
