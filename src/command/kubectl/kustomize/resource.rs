//! An object on its way through a kustomization: what it is now, what it was called before, and by whose prefixes.
//!
//! Models kustomize `api/resource/resource.go` and kyaml `resid/{gvk,resid}.go`.

use std::fmt;

use serde_json::{Map, Value};

use crate::object::official::RESOURCES;

/// What an object is called, and of what kind it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
}

/// How a generated object meets one that is there.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Behavior {
    Unspecified,
    Create,
    Replace,
    Merge,
}

/// One object.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) value: Value,
    /// What it was called, the first name first; empty as long as nothing changed.
    pub(super) previous: Vec<Id>,
    pub(super) prefixes: Vec<String>,
    pub(super) suffixes: Vec<String>,
    /// Whether its name gets a hash.
    pub(super) hashed: bool,
    pub(super) behavior: Behavior,
}

impl Id {
    pub(super) fn of(value: &Value) -> Self {
        let text =
            |path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let api = text("/apiVersion");
        let (group, version) = api.split_once('/').unwrap_or(("", &api));
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: text("/kind"),
            name: text("/metadata/name"),
            namespace: text("/metadata/namespace"),
        }
    }

    /// Whether objects of this kind live outside of namespaces; what is not known does not.
    pub(super) fn is_cluster_scoped(&self) -> bool {
        RESOURCES
            .iter()
            .any(|one| one.kind == self.kind && one.group() == self.group && !one.namespaced)
    }

    /// The namespace, where none is the default one.
    fn effective_namespace(&self) -> &str {
        if self.is_cluster_scoped() {
            return "_non_namespaceable_";
        }
        if self.namespace.is_empty() { "default" } else { &self.namespace }
    }

    pub(super) fn same_namespace(&self, other: &Self) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }

    pub(super) fn same_kind(&self, other: &Self) -> bool {
        self.group == other.group && self.version == other.version && self.kind == other.kind
    }

    /// Whether both mean the same object.
    pub(super) fn equals(&self, other: &Self) -> bool {
        self.same_kind(other) && self.name == other.name && self.same_namespace(other)
    }
}

/// `Deployment.v1.apps/web.[noNs]`
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &str, none: &str| {
            if text.is_empty() { none.to_owned() } else { text.to_owned() }
        };
        write!(
            f,
            "{}.{}.{}/{}.{}",
            or(&self.kind, "[noKind]"),
            or(&self.version, "[noVer]"),
            or(&self.group, "[noGrp]"),
            or(&self.name, "[noName]"),
            or(&self.namespace, "[noNs]")
        )
    }
}

impl Resource {
    pub(super) fn new(value: Value) -> Self {
        Self {
            value,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            hashed: false,
            behavior: Behavior::Unspecified,
        }
    }

    /// What it is called now.
    pub(super) fn id(&self) -> Id {
        Id::of(&self.value)
    }

    /// What it was called at first.
    pub(super) fn original_id(&self) -> Id {
        self.previous.first().cloned().unwrap_or_else(|| self.id())
    }

    /// Notes what it is called now, before that changes.
    pub(super) fn store_id(&mut self) {
        let id = self.id();
        if self.previous.last() != Some(&id) {
            self.previous.push(id);
        }
    }

    /// All it was and is called.
    pub(super) fn any_id(&self, mut matches: impl FnMut(&Id) -> bool) -> bool {
        self.previous.iter().any(&mut matches) || matches(&self.id())
    }

    /// Sets a text of the metadata; an empty one is taken out.
    pub(super) fn set_metadata(&mut self, field: &str, text: &str) {
        let metadata = object_at(&mut self.value, "metadata");
        if text.is_empty() {
            metadata.remove(field);
        } else {
            metadata.insert(field.to_owned(), Value::String(text.to_owned()));
        }
    }
}

/// The mapping of this key, made if there is none.
pub(super) fn object_at<'a>(value: &'a mut Value, key: &str) -> &'a mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let place = &mut value[key];
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    place.as_object_mut().expect("made an object above")
}
