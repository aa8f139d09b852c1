//! Folders with kustomizations: reading them, and what they name, from the innermost base out.
//!
//! A file must lie in or below its kustomization's folder; a folder may be anywhere but around one that is being read.
//! Models kustomize `api/internal/target/kusttarget.go`, `api/internal/loader/fileloader.go` and
//! `api/resource/factory.go`.

use serde_json::Value;

use super::resource::{Id, Resource};
use super::{generate, hash, names, schema, transform};
use crate::manifest::{Data, Node, Span, documents};
use crate::order;
use crate::shell::{Files, resolve, split};

/// How deep kustomizations may build on each other.
const DEPTH_MAX: usize = 64;

const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What comes first, in this order; whatever is not here comes behind, but for hooks.
const FIRST: &str = "Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget";

const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Builds kustomizations out of files.
pub(super) struct Builder<'a> {
    pub(super) files: &'a Files,
    pub(super) cwd: &'a str,
    /// Whether files may lie anywhere.
    pub(super) free: bool,
    /// Whether objects stay in the order of the files (`--reorder=none`); a kustomization has the last word.
    pub(super) unordered: bool,
    pub(super) warnings: &'a mut Vec<String>,
}

impl Builder<'_> {
    /// Everything that the kustomization in a folder makes, named and in order.
    pub(super) fn build(&mut self, path: &str) -> Result<Vec<Resource>, String> {
        let root = resolve(self.cwd, path);
        self.check_folder(path, &root)?;
        let kustomization = self.load(&root)?;
        let mut resources = self.accumulate(&kustomization, &[root], Vec::new())?;
        for resource in resources.iter_mut().filter(|one| one.hashed) {
            resource.store_id();
            let name = format!("{}-{}", resource.id().name, hash::of(&resource.value));
            resource.set_metadata("name", &name);
        }
        names::fix(&mut resources)?;
        resources.retain(|one| {
            one.value
                .pointer("/metadata/annotations/config.kubernetes.io~1local-config")
                .and_then(Value::as_str)
                .is_none_or(|local| local == "false")
        });
        let order = kustomization.pointer("/sortOptions/order").and_then(Value::as_str);
        if order != Some("fifo") && !(order.is_none() && self.unordered) {
            sort(&mut resources);
        }
        Ok(resources)
    }

    /// Refuses what is no folder; `shown` is how it was named.
    fn check_folder(&self, shown: &str, path: &str) -> Result<(), String> {
        if let Some(missing) = self.missing(path) {
            return Err(format!(
                "must build at directory: not a valid directory: evalsymlink failure on '{shown}' : {missing}"
            ));
        }
        if !self.files.is_folder(path) {
            return Err(format!("must build at directory: '{shown}': file is not directory"));
        }
        Ok(())
    }

    /// The first part of a path that is not there, as the system says it.
    fn missing(&self, path: &str) -> Option<String> {
        let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
        let mut parts = ends.filter_map(|end| path.get(..end));
        let missing = parts.find(|part| !self.files.exists(part))?;
        Some(format!("lstat {missing}: no such file or directory"))
    }

    /// The kustomization in a folder.
    fn load(&mut self, root: &str) -> Result<Value, String> {
        let found: Vec<_> = FILE_NAMES
            .iter()
            .filter_map(|name| self.files.read(&format!("{root}/{name}")).ok())
            .collect();
        match found.as_slice() {
            [] => Err(format!(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{root}'"
            )),
            [bytes] => schema::read(bytes, root, self.warnings),
            _ => Err(format!("Found multiple kustomization files under: {root}\n")),
        }
    }

    /// What a kustomization makes of what it names; `roots` are the folders that are being read, the last one its own.
    fn accumulate(
        &mut self,
        kustomization: &Value,
        roots: &[String],
        mut resources: Vec<Resource>,
    ) -> Result<Vec<Resource>, String> {
        let root = roots.last().map_or("/", String::as_str);
        for path in texts(kustomization, "resources").chain(texts(kustomization, "bases")) {
            self.add(path, roots, &mut resources)
                .map_err(|problem| format!("accumulating resources: {problem}"))?;
        }
        let load = |path: &str| self.read(root, path);
        let options = kustomization.get("generatorOptions");
        for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for args in kustomization.get(field).and_then(Value::as_array).into_iter().flatten() {
                let new = generate::generate(kind, args, options, &load)?;
                generate::absorb(&mut resources, new)?;
            }
        }
        for path in texts(kustomization, "components") {
            let inner = resolve(root, path);
            let failed = |problem: String| {
                format!("accumulating components: accumulateDirectory: {problem:?}")
            };
            self.check_folder(&inner, &inner)
                .map_err(|problem| format!("accumulating components: loader.New {problem:?}"))?;
            let component = self.load(&inner).map_err(|problem| {
                failed(format!("couldn't make target for path '{inner}': {problem}"))
            })?;
            let kind = component.get("kind").and_then(Value::as_str).unwrap_or("Kustomization");
            if kind != "Component" {
                return Err(failed(format!(
                    "expected kind 'Component' for path '{inner}' but got '{kind}'"
                )));
            }
            let roots = deeper(roots, &inner)?;
            resources = self.accumulate(&component, &roots, resources).map_err(|problem| {
                failed(format!("recursed accumulation of path '{inner}': {problem}"))
            })?;
        }
        let load = |path: &str| self.read(root, path);
        transform::transform(&mut resources, kustomization, &load)?;
        Ok(resources)
    }

    /// Adds what one entry of `resources` names: a file's objects, or what the kustomization in a folder makes.
    fn add(
        &mut self,
        path: &str,
        roots: &[String],
        resources: &mut Vec<Resource>,
    ) -> Result<(), String> {
        let root = roots.last().map_or("/", String::as_str);
        let problem = match self.read(root, path) {
            Ok(bytes) => match read_resources(&bytes, path) {
                Ok(new) => match append(resources, new) {
                    Ok(()) => return Ok(()),
                    Err(problem) => format!("merging resources from '{path}': {problem}"),
                },
                Err(Fault::Malformed(problem)) => {
                    return Err(format!("accumulating resources from '{path}': {problem}"));
                }
                Err(Fault::Other(problem)) => {
                    format!("accumulating resources from '{path}': {problem}")
                }
            },
            Err(problem) => format!("accumulating resources from '{path}': {problem}"),
        };
        let inner = resolve(root, path);
        self.add_folder(&inner, roots, resources)
            .map_err(|second| format!("accumulation err='{problem}': {second}"))
    }

    fn add_folder(
        &mut self,
        inner: &str,
        roots: &[String],
        resources: &mut Vec<Resource>,
    ) -> Result<(), String> {
        self.check_folder(inner, inner)?;
        let around = |root: &&String| {
            *root == inner || root.starts_with(&format!("{}/", inner.trim_end_matches('/')))
        };
        if let Some(visited) = roots.iter().find(around) {
            return Err(format!(
                "cycle detected: candidate root '{inner}' contains visited root '{visited}'"
            ));
        }
        let couldnt = |problem| format!("couldn't make target for path '{inner}': {problem}");
        let kustomization = self.load(inner).map_err(couldnt)?;
        if kustomization.get("kind").and_then(Value::as_str) == Some("Component") {
            return Err(format!("expected kind != 'Component' for path '{inner}'"));
        }
        let roots = deeper(roots, inner)?;
        let new = self
            .accumulate(&kustomization, &roots, Vec::new())
            .map_err(|problem| format!("recursed accumulation of path '{inner}': {problem}"))?;
        append(resources, new)
            .map_err(|problem| format!("recursed merging from path '{inner}': {problem}"))
    }

    /// A file's bytes, as seen from a kustomization's folder.
    fn read(&self, root: &str, path: &str) -> Result<Vec<u8>, String> {
        if path.starts_with("http://") || path.starts_with("https://") {
            return Err(format!("Get {path:?}: the sandbox has no way out to the internet"));
        }
        let absolute = resolve(root, path);
        if let Some(missing) = self.missing(&absolute) {
            return Err(format!("evalsymlink failure on '{absolute}' : {missing}"));
        }
        if self.files.is_folder(&absolute) {
            return Err(format!("'{absolute}' must resolve to a file"));
        }
        let (folder, _) = split(&absolute);
        let inside =
            folder == root || folder.starts_with(&format!("{}/", root.trim_end_matches('/')));
        if !inside && !self.free {
            return Err(format!("security; file '{absolute}' is not in or below '{root}'"));
        }
        self.files.read(&absolute).map(|bytes| bytes.to_vec()).map_err(|error| error.to_string())
    }
}

fn deeper(roots: &[String], inner: &str) -> Result<Vec<String>, String> {
    if roots.len() >= DEPTH_MAX {
        return Err(format!("kustomizations build on each other more than {DEPTH_MAX} deep"));
    }
    Ok(roots.iter().cloned().chain([inner.to_owned()]).collect())
}

/// The texts of a list of the kustomization.
fn texts<'a>(kustomization: &'a Value, field: &str) -> impl Iterator<Item = &'a str> {
    kustomization
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn append(resources: &mut Vec<Resource>, new: Vec<Resource>) -> Result<(), String> {
    for one in new {
        let id = one.id();
        if resources.iter().any(|other| other.id().equals(&id)) {
            return Err(format!("may not add resource with an already registered id: {id}"));
        }
        resources.push(one);
    }
    Ok(())
}

/// Why a file holds no resources.
pub(super) enum Fault {
    /// It is no YAML.
    Malformed(String),
    /// Something else.
    Other(String),
}

/// The objects of a text; lists are taken apart.
pub(super) fn read_resources(bytes: &[u8], path: &str) -> Result<Vec<Resource>, Fault> {
    let mut resources = Vec::new();
    for document in documents(bytes) {
        let mut node = document.map_err(|error| {
            let problem = error.message.trim_start_matches("error converting YAML to JSON: ");
            Fault::Malformed(format!("MalformedYAMLError: {problem} in File: {path}"))
        })?;
        read_by_yaml_1_2(&mut node, bytes);
        let value = node.to_value();
        let items = value.get("items").and_then(Value::as_array);
        let is_list =
            value.get("kind").and_then(Value::as_str).is_some_and(|k| k.ends_with("List"));
        match items.filter(|_| is_list) {
            Some(items) => {
                for item in items {
                    resources.push(resource(item.clone())?);
                }
            }
            None => resources.push(resource(value)?),
        }
    }
    Ok(resources)
}

fn resource(value: Value) -> Result<Resource, Fault> {
    let id = Id::of(&value);
    let missing = if value.get("metadata").is_none() {
        return Err(Fault::Other("missing Resource metadata".to_owned()));
    } else if id.kind.is_empty() {
        "kind"
    } else if id.name.is_empty() {
        "metadata.name"
    } else {
        return Ok(Resource::new(value));
    };
    let api = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    Err(Fault::Other(format!(
        "missing {missing} in object {{{{{api} {}}} {{{{{} {}}} map[] map[]}}}}",
        id.kind, id.name, id.namespace
    )))
}

/// To kustomize `yes` and `on` are texts, as in YAML 1.2.
fn read_by_yaml_1_2(node: &mut Node, bytes: &[u8]) {
    match &mut node.data {
        Data::Bool(_) => {
            if let Some(text) = old_flag(node.span, bytes) {
                node.data = Data::String(text);
            }
        }
        Data::Sequence(items) => items.iter_mut().for_each(|item| read_by_yaml_1_2(item, bytes)),
        Data::Mapping(entries) => {
            for entry in entries {
                if let Some(text) = old_flag(entry.key_span, bytes) {
                    entry.key = text;
                }
                read_by_yaml_1_2(&mut entry.value, bytes);
            }
        }
        Data::Null | Data::Number(_) | Data::String(_) => {}
    }
}

/// The text at a place, if it is a flag of YAML 1.1 alone.
fn old_flag(span: Span, bytes: &[u8]) -> Option<String> {
    let place = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let text = bytes.get(place(span.start.offset)..place(span.end.offset))?;
    let text = String::from_utf8_lossy(text);
    let is_flag = ["yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    is_flag.then(|| text.into_owned())
}

/// The order in which objects can be made (`SortOrderTransformer`, `legacy`).
fn sort(resources: &mut [Resource]) {
    let first: Vec<&str> = FIRST.split(' ').collect();
    let or =
        |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
    order::sort_by_key(resources, |resource| {
        let id = resource.id();
        let last = LAST.iter().position(|kind| *kind == id.kind);
        let behind = first.len() + last.map_or(0, |at| at + 1);
        let rank = first.iter().position(|kind| *kind == id.kind).unwrap_or(behind);
        let kind = [or(&id.group, "~G"), or(&id.version, "~V"), or(&id.kind, "~K")].join("_");
        let name = [or(&id.namespace, "~X"), or(&id.name, "~N")].join("|");
        (rank, kind, name)
    });
}
