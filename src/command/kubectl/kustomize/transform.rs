//! What a kustomization does to its objects, in kustomize's order: patches, namespace, prefix and suffix, labels,
//! annotations, replicas, images.
//!
//! Models kustomize `api/internal/builtins` and `api/filters`.

use regex_lite::Regex;
use serde_json::{Map, Value, json};

use super::fields::{ANNOTATIONS, End, METADATA_LABELS, SELECTORS, Spec, TEMPLATE_LABELS};
use super::generate::Load;
use super::resource::{Id, Resource, object_at};
use super::target::read_resources;
use crate::manifest::{Node, documents};
use crate::object::{Labels, Selector};
use crate::output::yaml;
use crate::store::patch::{json_patch, kustomize_merge};

/// Does all that a kustomization asks for.
pub(super) fn transform(
    resources: &mut Vec<Resource>,
    kustomization: &Value,
    load: &Load<'_>,
) -> Result<(), String> {
    let list = |key: &str| kustomization.get(key).and_then(Value::as_array).into_iter().flatten();
    let text = |key: &str| kustomization.get(key).and_then(Value::as_str).unwrap_or_default();
    for patch in list("patchesStrategicMerge").filter_map(Value::as_str) {
        // A path, or the patch itself.
        let args = match load(patch) {
            Ok(_) => json!({"path": patch}),
            Err(_) => json!({"patch": patch}),
        };
        apply_patch(resources, &args, load)?;
    }
    for patch in list("patches") {
        apply_patch(resources, patch, load)?;
    }
    set_namespace(resources, text("namespace"))?;
    add_to_names(resources, text("namePrefix"), text("nameSuffix"));
    for label in list("labels") {
        let on = |key: &str| label.get(key) == Some(&Value::Bool(true));
        let pairs = label.get("pairs");
        set_pairs(resources, pairs, &custom_specs(label))?;
        if on("includeSelectors") {
            set_pairs(resources, pairs, SELECTORS)?;
        }
        let templates = on("includeSelectors") || on("includeTemplates");
        set_pairs(resources, pairs, if templates { TEMPLATE_LABELS } else { &[METADATA_LABELS] })?;
    }
    let common = kustomization.get("commonLabels");
    set_pairs(resources, common, SELECTORS)?;
    set_pairs(resources, common, TEMPLATE_LABELS)?;
    set_pairs(resources, kustomization.get("commonAnnotations"), ANNOTATIONS)?;
    for patch in list("patchesJson6902") {
        apply_patch(resources, patch, load)?;
    }
    for replica in list("replicas") {
        set_replicas(resources, replica)?;
    }
    for image in list("images").chain(list("imageTags")) {
        for resource in resources.iter_mut() {
            if resource.id().kind != "CustomResourceDefinition" {
                set_image(&mut resource.value, image);
            }
        }
    }
    Ok(())
}

/// The places that a label names itself.
fn custom_specs(label: &Value) -> Vec<Spec<'_>> {
    let fields = label.get("fields").and_then(Value::as_array).into_iter().flatten();
    let spec = |field| {
        let text = |key: &str| Value::get(field, key).and_then(Value::as_str).unwrap_or_default();
        let create = Value::get(field, "create") == Some(&Value::Bool(true));
        Spec { kinds: text("kind"), path: text("path"), create }
    };
    fields.map(spec).collect()
}

/// Sets pairs of texts in the mappings at these places.
fn set_pairs(
    resources: &mut [Resource],
    pairs: Option<&Value>,
    specs: &[Spec<'_>],
) -> Result<(), String> {
    let Some(pairs) = pairs.and_then(Value::as_object).filter(|pairs| !pairs.is_empty()) else {
        return Ok(());
    };
    for resource in resources {
        let id = resource.id();
        for spec in specs.iter().filter(|spec| spec.selects(&id)) {
            spec.visit(&mut resource.value, End::Mapping, &mut |place| {
                if let Some(map) = place.as_object_mut() {
                    pairs
                        .iter()
                        .for_each(|(key, value)| drop(map.insert(key.clone(), value.clone())));
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn set_namespace(resources: &mut [Resource], namespace: &str) -> Result<(), String> {
    if namespace.is_empty() {
        return Ok(());
    }
    for resource in resources.iter_mut() {
        let id = resource.id();
        resource.store_id();
        if !id.is_cluster_scoped() {
            resource.set_metadata("namespace", namespace);
        }
        match id.kind.as_str() {
            "Namespace" => resource.set_metadata("name", namespace),
            "RoleBinding" | "ClusterRoleBinding" => {
                let subjects = resource.value.get_mut("subjects").and_then(Value::as_array_mut);
                for subject in subjects.into_iter().flatten() {
                    if subject.get("name").and_then(Value::as_str) == Some("default") {
                        subject["namespace"] = namespace.into();
                    }
                }
            }
            _ => {}
        }
        if resource.previous.last() == Some(&resource.id()) {
            resource.previous.pop();
        }
    }
    for (index, resource) in resources.iter().enumerate() {
        let id = resource.id();
        if resources.iter().skip(index + 1).any(|other| other.id().equals(&id)) {
            return Err(format!("namespace transformation produces ID conflict: [{id} {id}]"));
        }
    }
    Ok(())
}

fn add_to_names(resources: &mut [Resource], prefix: &str, suffix: &str) {
    for resource in resources {
        let id = resource.original_id();
        let kept =
            matches!(id.kind.as_str(), "CustomResourceDefinition" | "APIService" | "Namespace");
        if kept || (prefix.is_empty() && suffix.is_empty()) {
            continue;
        }
        resource.store_id();
        let name = format!("{prefix}{}{suffix}", resource.id().name);
        resource.set_metadata("name", &name);
        if !prefix.is_empty() {
            resource.prefixes.push(prefix.to_owned());
        }
        if !suffix.is_empty() {
            resource.suffixes.push(suffix.to_owned());
        }
    }
}

fn set_replicas(resources: &mut [Resource], replica: &Value) -> Result<(), String> {
    const KINDS: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];
    let name = replica.get("name").and_then(Value::as_str).unwrap_or_default();
    let count = replica.get("count").cloned().unwrap_or_else(|| json!(0));
    let mut found = false;
    for resource in resources {
        if !resource.any_id(|id| id.name == name && KINDS.contains(&id.kind.as_str())) {
            continue;
        }
        found = true;
        object_at(&mut resource.value, "spec").insert("replicas".to_owned(), count.clone());
    }
    if found {
        return Ok(());
    }
    let kinds: Vec<String> = KINDS.iter().map(|kind| format!("{kind}.[noVer].[noGrp]")).collect();
    Err(format!(
        "resource with name {name} does not match a config with the following GVK [{}]",
        kinds.join(" ")
    ))
}

/// Changes the image of every container, wherever it stands.
fn set_image(value: &mut Value, image: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| set_image(item, image)),
        Value::Object(map) => {
            for (key, value) in map {
                if matches!(key.as_str(), "containers" | "initContainers") {
                    let items = value.as_array_mut().into_iter().flatten();
                    for place in items.filter_map(|item| item.get_mut("image")) {
                        if let Some(new) = place.as_str().and_then(|old| other_image(old, image)) {
                            *place = Value::String(new);
                        }
                    }
                }
                set_image(value, image);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The image that takes the place of this one, if it is the one meant.
fn other_image(old: &str, image: &Value) -> Option<String> {
    let text = |key: &str| image.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (name, tag, digest) = split_image(old);
    if text("name") != Some(name) {
        return None;
    }
    let mut new = text("newName").unwrap_or(name).to_owned();
    let (tag, digest) = match (text("newTag"), text("digest")) {
        (None, None) => (tag, digest),
        given => given,
    };
    let tag = match (tag, text("tagSuffix")) {
        (Some(tag), Some(suffix)) => Some(format!("{tag}{suffix}")),
        (tag, _) => tag.map(str::to_owned),
    };
    if let Some(tag) = tag {
        new = format!("{new}:{tag}");
    }
    if let Some(digest) = digest {
        new = format!("{new}@{digest}");
    }
    Some(new)
}

/// Name, tag and digest; a colon before the first slash belongs to the registry.
fn split_image(image: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (image, None),
    };
    match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag), digest),
        _ => (rest, None, digest),
    }
}

/// A patch as it was read.
enum Patch {
    Merge(Vec<Resource>),
    Json(Value),
}

fn read_patch(args: &Value, load: &Load<'_>) -> Result<Patch, String> {
    let config = yaml::print(args);
    let text = |key: &str| args.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let trouble = |problem: String| {
        format!("trouble configuring builtin PatchTransformer with config: `\n{config}`: {problem}")
    };
    let patch = match (text("patch"), text("path")) {
        ("", "") => {
            return Err(trouble(format!(
                "must specify one of patch and path in\n{}",
                config.trim_end()
            )));
        }
        ("", file) => {
            let bytes = load(file).map_err(|problem| {
                trouble(format!("failed to get the patch file from path({file}): {problem}"))
            })?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        (patch, "") => patch.to_owned(),
        _ => {
            return Err(trouble(format!("patch and path can't be set at the same time\n{config}")));
        }
    };
    if let Ok(resources) = read_resources(patch.as_bytes(), "") {
        return Ok(Patch::Merge(resources));
    }
    match documents(patch.as_bytes()).next() {
        Some(Ok(node)) if node.items().is_some() => Ok(Patch::Json(Node::to_value(&node))),
        _ => {
            let shown = match text("path") {
                "" => format!("patch: {patch:?}"),
                file => format!("path: {file:?}"),
            };
            Err(trouble(format!("unable to parse SM or JSON patch from [{shown}]")))
        }
    }
}

fn apply_patch(resources: &mut Vec<Resource>, args: &Value, load: &Load<'_>) -> Result<(), String> {
    let target = args.get("target").filter(|target| !target.is_null());
    let asked = target.map(Target::read).transpose()?;
    match read_patch(args, load)? {
        Patch::Merge(patches) => {
            for patch in &patches {
                let id = patch.id();
                let chosen: Vec<Id> = match &asked {
                    Some(target) => {
                        let selected = resources.iter().filter(|one| target.selects(one));
                        selected.map(Resource::id).collect()
                    }
                    None => vec![unique(resources, &id)?],
                };
                merge(resources, &chosen, patch, args)?;
            }
            Ok(())
        }
        Patch::Json(patch) => {
            let Some(target) = asked else {
                let text = args.get("patch").and_then(Value::as_str).unwrap_or_default();
                let file = args.get("path").and_then(Value::as_str).unwrap_or_default();
                let shown = if text.is_empty() {
                    format!("path: {file:?}")
                } else {
                    format!("patch: {text:?}")
                };
                return Err(format!("must specify a target for JSON patch [{shown}]"));
            };
            for resource in resources.iter_mut().filter(|one| target.selects(one)) {
                resource.store_id();
                let value = std::mem::take(&mut resource.value);
                resource.value = json_patch(value, &patch).map_err(|error| error.0)?;
                if resource.previous.last() == Some(&resource.id()) {
                    resource.previous.pop();
                }
            }
            Ok(())
        }
    }
}

/// The one object that a patch means.
fn unique(resources: &[Resource], id: &Id) -> Result<Id, String> {
    let mut found = resources.iter().filter(|one| one.any_id(|other| other.equals(id)));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.id()),
        (first, _) => {
            let problem = if first.is_none() { "no matches" } else { "multiple matches" };
            Err(format!(
                "no resource matches strategic merge patch \"{id}\": {problem} for Id {id}; failed to find unique target for patch {id}"
            ))
        }
    }
}

/// Merges a patch into the chosen objects, which keep kind and name; what is merged away is gone.
fn merge(
    resources: &mut Vec<Resource>,
    chosen: &[Id],
    patch: &Resource,
    args: &Value,
) -> Result<(), String> {
    let allows = |option: &str| {
        args.get("options").and_then(|options| options.get(option)) == Some(&Value::Bool(true))
    };
    let mut kept = Vec::with_capacity(resources.len());
    for mut resource in std::mem::take(resources) {
        let id = resource.id();
        if !chosen.contains(&id) {
            kept.push(resource);
            continue;
        }
        if allows("allowNameChange") || allows("allowKindChange") {
            resource.store_id();
        }
        let version = resource.value.get("apiVersion").cloned();
        let merged = kustomize_merge(resource.value, &patch.value);
        let Some(value) = merged.map_err(|error| error.0)? else { continue };
        resource.value = value;
        if let Some(version) = version {
            resource.value["apiVersion"] = version;
        }
        if !allows("allowKindChange") {
            resource.value["kind"] = Value::String(id.kind.clone());
        }
        if !allows("allowNameChange") {
            resource.set_metadata("name", &id.name);
        }
        resource.set_metadata("namespace", &id.namespace);
        kept.push(resource);
    }
    *resources = kept;
    Ok(())
}

/// A part of what an object is called.
type Part = fn(&Id) -> &str;

/// What a patch's `target` asks for: regular expressions over what an object is and was called, and selectors.
struct Target {
    patterns: [(Part, Option<Regex>); 5],
    labels: Option<Selector>,
    annotations: Option<Selector>,
}

impl Target {
    fn read(value: &Value) -> Result<Self, String> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let pattern = |key: &str| match text(key) {
            "" => Ok(None),
            text => Regex::new(&format!("^(?:{text})$"))
                .map(Some)
                .map_err(|error| format!("error parsing regexp: {error}")),
        };
        let selector = |key: &str| match text(key) {
            "" => Ok(None),
            text => Selector::parse(text).map(Some),
        };
        Ok(Self {
            patterns: [
                (|id| &id.group, pattern("group")?),
                (|id| &id.version, pattern("version")?),
                (|id| &id.kind, pattern("kind")?),
                (|id| &id.name, pattern("name")?),
                (|id| &id.namespace, pattern("namespace")?),
            ],
            labels: selector("labelSelector")?,
            annotations: selector("annotationSelector")?,
        })
    }

    fn selects(&self, resource: &Resource) -> bool {
        let called = resource.any_id(|id| {
            let mut patterns = self.patterns.iter();
            patterns.all(|(part, pattern)| pattern.as_ref().is_none_or(|p| p.is_match(part(id))))
        });
        let pairs = |field: &str| -> Labels {
            let map =
                resource.value.pointer(&format!("/metadata/{field}")).and_then(Value::as_object);
            let text =
                |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
            map.unwrap_or(&Map::new()).iter().filter_map(text).collect()
        };
        let matches = |selector: &Option<Selector>, field: &str| {
            selector.as_ref().is_none_or(|selector| selector.matches(Some(&pairs(field))))
        };
        called && matches(&self.labels, "labels") && matches(&self.annotations, "annotations")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_change_by_name() {
        for (old, image, new) in [
            ("nginx:1.27", json!({"name": "nginx", "newTag": "1.28"}), Some("nginx:1.28")),
            ("nginx", json!({"name": "nginx", "newName": "a/b"}), Some("a/b")),
            ("r:5000/x@sha256:a", json!({"name": "r:5000/x", "newTag": "2"}), Some("r:5000/x:2")),
            ("x:1", json!({"name": "x", "digest": "sha256:b"}), Some("x@sha256:b")),
            ("x:1", json!({"name": "x", "tagSuffix": "-a"}), Some("x:1-a")),
            ("xy:1", json!({"name": "x", "newTag": "2"}), None),
        ] {
            assert_eq!(other_image(old, &image).as_deref(), new, "{old}");
        }
    }
}
