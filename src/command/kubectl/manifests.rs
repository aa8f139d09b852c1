//! The objects that `-f` names: files, folders, standard input; documents, lists in them; each with its kind.
//!
//! What kubectl itself finds wrong is told here, before the server sees anything. Models cli-runtime
//! `pkg/resource/visitor.go` and `mapper.go`, kubectl `pkg/validation/schema.go`. *Differs:* nothing is fetched from the
//! web.

use serde_json::Value;

use super::call::Call;
use super::failure::Failure;
use super::kustomize;
use super::resource::{self, Found};
use super::review;
use crate::manifest::{self, Node, documents};
use crate::object::official::{RESOURCES, Resource};
use crate::object::value::autoscaler_v1::{OLDER, is_older};
use crate::object::{Key, Kind, Selector};
use crate::output::json;
use crate::shell::{FileError, resolve};

/// One object out of a manifest, not decoded yet.
#[derive(Clone, Debug)]
pub(super) struct Info {
    /// The file as it was named, for messages.
    pub(super) source: String,
    /// Its kind.
    pub(super) kind: Kind,
    /// `metadata.namespace`, filled in where the kind has namespaces.
    pub(super) namespace: String,
    /// `metadata.name`; may be empty.
    pub(super) name: String,
    /// The whole.
    pub(super) value: Value,
}

/// What the files hold, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The objects, in their order.
    pub(super) infos: Vec<Info>,
    /// Questions about permissions, which are answered and not kept; only `kubectl create` asks them.
    pub(super) reviews: Vec<Value>,
    /// What could not be read, one for each file at most.
    pub(super) failures: Vec<Failure>,
    /// How many objects had been read before each failure.
    failed_after: Vec<usize>,
}

/// The verbs that know only the kinds that kubectl itself has types of.
const TYPED: [&str; 4] = ["kubectl exec", "kubectl expose", "kubectl rollout", "kubectl set"];

/// The extensions of files that are taken from folders.
const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

/// Reads everything that `-f` names.
pub(super) async fn load(call: &Call) -> Result<Loaded, Failure> {
    let mut sources: Vec<(String, Vec<u8>)> = Vec::new();
    if call.flags.given("kustomize") {
        if call.flags.given("filename") {
            return Err(Failure::plain("only one of -f or -k can be specified"));
        }
        if call.flags.on("recursive") {
            return Err(Failure::plain("the -k flag can't be used with -f or -R"));
        }
        let folder = call.flags.text("kustomize");
        let built = kustomize::build(call, folder).map_err(|failure| told_in_a_list(call, failure));
        sources.push((folder.to_owned(), built?.into_bytes()));
    }
    let mut failures = Vec::new();
    for path in call.flags.list("filename") {
        if path == "-" {
            sources.push(("STDIN".to_owned(), call.shell.stdin.read_to_end().await));
        } else if path.starts_with("http://") || path.starts_with("https://") {
            return Err(Failure::plain(format!(
                "unable to read URL {path:?}: the sandbox has no way out to the internet"
            )));
        } else {
            match files(call, path) {
                Ok(found) => sources.extend(found),
                Err(failure) => failures.push(failure),
            }
        }
    }
    Failure::all(failures)?;
    let mut loaded = Loaded::default();
    for (source, bytes) in sources {
        if let Err(failure) = read(call, &source, &bytes, &mut loaded) {
            loaded.failures.push(told_in_a_list(call, failure));
            loaded.failed_after.push(loaded.infos.len());
        }
    }
    filter(call, &mut loaded.infos)?;
    Ok(loaded)
}

/// What `get` and `describe` find wrong in files stands in a list of errors, even alone: without `error: ` before it.
fn told_in_a_list(call: &Call, failure: Failure) -> Failure {
    match failure {
        Failure::Plain(text) if matches!(&*call.path, "kubectl get" | "kubectl describe") => {
            Failure::Bare(text)
        }
        other => other,
    }
}

/// Leaves what `-l` lets through.
fn filter(call: &Call, infos: &mut Vec<Info>) -> Result<(), Failure> {
    let text = call.flags.text("selector");
    if text.is_empty() {
        return Ok(());
    }
    let selector = Selector::parse(text).map_err(Failure::plain)?;
    infos.retain(|info| {
        let labels = info.value.pointer("/metadata/labels").and_then(Value::as_object);
        let labels = labels
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        selector.matches(Some(&labels.collect()))
    });
    Ok(())
}

/// A file, or the manifests in a folder.
fn files(call: &Call, path: &str) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let absolute = resolve(&call.shell.cwd, path);
    let recursive = call.flags.on("recursive");
    call.sandbox().files(|files| {
        if !files.exists(&absolute) {
            return Err(Failure::plain(format!("the path {path:?} does not exist")));
        }
        if !files.is_folder(&absolute) {
            let bytes = files.read(&absolute).map_err(|error| cannot_read(path, error))?;
            return Ok(vec![(path.to_owned(), bytes.to_vec())]);
        }
        let folder = path.trim_end_matches('/');
        let found: Vec<_> = files
            .below(&absolute)
            .filter(|(name, _)| recursive || !name.contains('/'))
            .filter(|(name, _)| EXTENSIONS.iter().any(|extension| name.ends_with(extension)))
            .filter_map(|(name, entry)| {
                let bytes = entry.bytes.as_ref()?;
                let name = if folder == "." { name.to_owned() } else { format!("{folder}/{name}") };
                Some((name, bytes.to_vec()))
            })
            .collect();
        if found.is_empty() {
            return Err(Failure::plain(format!(
                "error reading [{path}]: recognized file extensions are [{}]",
                EXTENSIONS.join(" ")
            )));
        }
        Ok(found)
    })
}

fn cannot_read(path: &str, error: FileError) -> Failure {
    Failure::plain(format!("open {path}: {}", error.to_string().to_lowercase()))
}

/// Reads a text that came from no file that was named.
pub(super) fn parse(call: &Call, source: &str, text: &str) -> Result<Vec<Info>, Failure> {
    let mut loaded = Loaded::default();
    read(call, source, text.as_bytes(), &mut loaded)?;
    Ok(loaded.infos)
}

/// Reads one file's documents up to the first that is wrong.
fn read(call: &Call, source: &str, bytes: &[u8], loaded: &mut Loaded) -> Result<(), Failure> {
    for document in documents(bytes) {
        let node =
            document.map_err(|error| Failure::plain(format!("error parsing {source}: {error}")))?;
        validate(call, source, &node)?;
        let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
        match node.get("items").and_then(Node::items).filter(|_| kind.ends_with("List")) {
            Some(items) => {
                for item in items {
                    loaded.infos.push(info(call, source, item)?);
                }
            }
            None if call.path == "kubectl create" && review::is_one(&node) => {
                loaded.reviews.push(node.to_value());
            }
            None => loaded.infos.push(info(call, source, &node)?),
        }
    }
    Ok(())
}

/// What kubectl checks before it asks the server; only the verbs that write whole objects look at the schema.
fn validate(call: &Call, source: &str, node: &Node) -> Result<(), Failure> {
    let kind_of_json = match &node.data {
        manifest::Data::Mapping(_) => "",
        manifest::Data::Sequence(_) => "array",
        manifest::Data::String(_) => "string",
        manifest::Data::Bool(_) => "bool",
        manifest::Data::Null | manifest::Data::Number(_) => "number",
    };
    if !matches!(&*call.path, "kubectl apply" | "kubectl create" | "kubectl replace") {
        return if kind_of_json.is_empty() {
            Ok(())
        } else {
            Err(Failure::plain(format!(
                "unable to decode {source:?}: json: cannot unmarshal {kind_of_json} into Go value of type unstructured.detector"
            )))
        };
    }
    if matches!(call.flags.text("validate"), "ignore" | "false") {
        return Ok(());
    }
    problem(node).map_err(|problem| {
        Failure::plain(format!(
            "error validating {source:?}: error validating data: {problem}; if you choose to ignore these errors, turn validation off with --validate=false"
        ))
    })
}

/// What is wrong with a document before the server sees it (`ConjunctiveSchema`, `GetObjectKind`).
pub fn problem(node: &Node) -> Result<(), String> {
    if !matches!(node.data, manifest::Data::Mapping(_)) {
        return Err("invalid object to validate".to_owned());
    }
    let text_of = |key: &str| -> Result<(), String> {
        match node.get(key) {
            None => Err(format!("{key} not set")),
            Some(value) if matches!(value.data, manifest::Data::Null) => {
                Err(format!("{key} not set"))
            }
            Some(value) if value.as_str().is_none() => Err(format!("{key} isn't string type")),
            Some(_) => Ok(()),
        }
    };
    let problems: Vec<_> =
        [text_of("apiVersion"), text_of("kind")].into_iter().filter_map(Result::err).collect();
    match problems.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        several => Err(format!("[{}]", several.join(", "))),
    }
}

/// Finds the kind and fills in the namespace.
fn info(call: &Call, source: &str, node: &Node) -> Result<Info, Failure> {
    let mut value = node.to_value();
    let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
    if text("kind").is_empty() {
        return Err(Failure::plain(format!(
            "unable to decode {source:?}: Object 'Kind' is missing in '{}'",
            json::compact(&value)
        )));
    }
    manifest::check_metadata(node)
        .map_err(|error| Failure::plain(format!("unable to decode {source:?}: {error}")))?;
    let metadata = |key: &str| {
        let text = value.pointer(&format!("/metadata/{key}")).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let (name, mut namespace) = (metadata("name"), metadata("namespace"));
    let found = call.known().find(|resource| is_named(resource, text("apiVersion"), text("kind")));
    let typed = TYPED.iter().any(|path| call.path.starts_with(path));
    if typed && text("apiVersion").is_empty() {
        return Err(Failure::plain(format!(
            "unable to decode {source:?}: Object 'apiVersion' is missing in '{}'",
            json::compact(&value)
        )));
    }
    let resource = found.ok_or_else(|| {
        if typed {
            return Failure::plain(format!(
                "unable to decode {source:?}: no kind {:?} is registered for version {:?} in scheme \"pkg/scheme/scheme.go:28\"",
                text("kind"),
                text("apiVersion")
            ));
        }
        Failure::plain(format!(
            "resource mapping not found for name: {name:?} namespace: {namespace:?} from {source:?}: no matches for kind {:?} in version {:?}\nensure CRDs are installed first",
            text("kind"),
            text("apiVersion")
        ))
    })?;
    let kind = resource.simulated().ok_or_else(|| {
        Failure::not_simulated(&format!(
            "The kind {} ({}), which {source:?} asks for,",
            resource.kind, resource.api_version
        ))
    })?;
    if resource.namespaced && !call.flags.on("local") {
        if namespace.is_empty() {
            call.namespace().clone_into(&mut namespace);
            set_namespace(&mut value, &namespace);
        } else if call.namespace_given() && namespace != call.namespace() {
            return Err(Failure::plain(format!(
                "the namespace from the provided object {namespace:?} does not match the namespace {:?}. You must pass '--namespace={namespace}' to perform this operation.",
                call.namespace()
            )));
        }
    } else if !resource.namespaced {
        namespace.clear();
    }
    Ok(Info { source: source.to_owned(), kind, namespace, name, value })
}

fn set_namespace(value: &mut Value, namespace: &str) {
    let Some(object) = value.as_object_mut() else { return };
    let metadata =
        object.entry("metadata").or_insert_with(|| Value::Object(serde_json::Map::new()));
    if metadata.is_null() {
        *metadata = Value::Object(serde_json::Map::new());
    }
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.insert("namespace".to_owned(), Value::String(namespace.to_owned()));
    }
}

/// The resource of a kind in a version, built in or served by a definition.
pub fn mapping(
    served: &[&'static Resource],
    api_version: &str,
    kind: &str,
) -> Option<&'static Resource> {
    let mut all = RESOURCES.iter().chain(served.iter().copied());
    all.find(|resource| is_named(resource, api_version, kind))
}

/// Whether this is a kind in a version. A kind all in small letters is found too, for the server to refuse.
fn is_named(resource: &Resource, api_version: &str, kind: &str) -> bool {
    let api_version = match api_version {
        "" => "v1",
        // The same resource in its older version.
        OLDER => "autoscaling/v2",
        other => other,
    };
    resource.api_version == api_version
        && (resource.kind == kind || resource.kind.to_lowercase() == kind)
}

/// What the cluster has of the objects that the files name.
pub(super) async fn live(call: &Call) -> Result<Found, Failure> {
    let loaded = load(call).await?;
    // One object of one file is shown as itself, not as a list.
    let single = match (call.flags.list("filename"), loaded.infos.as_slice()) {
        ([path], [info]) => *path == info.source,
        _ => false,
    };
    let mut found = Found { single, ..Found::default() };
    // `describe` asks the server only when it has read everything.
    let later = call.path == "kubectl describe";
    let mut unread = loaded.failed_after.into_iter().zip(loaded.failures).peekable();
    for (index, info) in loaded.infos.iter().enumerate() {
        while let Some((_, failure)) = unread.next_if(|(after, _)| later || *after <= index) {
            found.failures.push(failure);
        }
        let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
        match resource::must_get(call, &key) {
            Ok(object) => {
                found.older |= is_older(&info.value);
                found.objects.push(object);
            }
            Err(failure) => found.failures.push(failure),
        }
    }
    found.failures.extend(unread.map(|(_, failure)| failure));
    Ok(found)
}
