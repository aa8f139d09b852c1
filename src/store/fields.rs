//! Sets of fields: who manages what of an object, in the form of `metadata.managedFields[].fieldsV1`.
//!
//! A set is a JSON mapping: `f:NAME` for a field or a map's key, `k:{...}` for an item of a list that has keys, `v:...` for
//! an item of a list that is a set; a member without members of its own is `{}`, and `.` says that what has members is a
//! member itself. Lists, structs and maps that are changed as a whole have nothing below them.
//!
//! Models sigs.k8s.io/structured-merge-diff `fieldpath` and `typed` (`tofieldset.go`, `merge.go`, `remove.go`) over
//! apimachinery `pkg/util/managedfields`. Which lists have keys is told by their patch tags; where the server's schema has
//! more keys, or something is atomic, it stands here.

use serde_json::{Map, Value};

use crate::manifest::types::{Shape, Struct, Type};

/// Lists whose items have other keys than those of a patch: the struct, the field, the keys.
const KEYS: [(&str, &str, &[&str]); 3] = [
    ("Container", "ports", &["containerPort", "protocol"]),
    ("ServiceSpec", "ports", &["port", "protocol"]),
    ("PodSpec", "topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
];

/// Structs that are changed as a whole (`+structType=atomic`).
const ATOMIC: [&str; 13] = [
    "LabelSelector",
    "NodeSelector",
    "NodeSelectorTerm",
    "ConfigMapKeySelector",
    "SecretKeySelector",
    "ObjectFieldSelector",
    "ResourceFieldSelector",
    "LocalObjectReference",
    "ObjectReference",
    "TypedLocalObjectReference",
    "SecretReference",
    "RoleRef",
    "ScopeSelector",
];

/// Maps that are changed as a whole (`+mapType=atomic`).
const ATOMIC_MAPS: [&str; 2] = ["nodeSelector", "selector"];

/// Fields that nobody manages.
const UNMANAGED: [&str; 12] = [
    "name",
    "namespace",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
    "apiVersion",
    "kind",
];

/// What a value is, as far as its members are managed apart.
#[derive(Copy, Clone)]
enum Form {
    Struct(&'static Struct),
    /// A map, and the type of its values.
    Map(Type),
    /// A list whose items have these keys.
    List(&'static [&'static str], Type),
    Set,
    Whole,
}

/// The form of a whole object.
#[derive(Copy, Clone)]
pub(super) struct Schema(Form);

impl Schema {
    /// That of a type; what is not known is changed as a whole below its first fields.
    pub(super) fn of(of: Option<Type>) -> Self {
        Self(of.and_then(Type::as_struct).map_or(Form::Whole, Form::Struct))
    }
}

fn form_of(of: Type) -> Form {
    match of.shape() {
        Shape::Struct(inner) if ATOMIC.contains(&inner.name) => Form::Whole,
        Shape::Struct(inner) => Form::Struct(inner),
        Shape::Map(value) => Form::Map(value),
        _ => Form::Whole,
    }
}

impl Form {
    /// The form of a member.
    fn member(self, key: &str) -> Self {
        match self {
            Self::Map(value) => form_of(value),
            Self::Struct(of) => {
                let Some(field) = of.field(key) else { return Self::Whole };
                let known = KEYS.iter().find(|(name, known, _)| *name == of.name && *known == key);
                match (field.of.shape(), field.merge) {
                    (Shape::List(item), Some(_)) if known.is_some() => {
                        Self::List(known.map_or(&[], |(_, _, keys)| keys), item)
                    }
                    (Shape::List(_), Some("")) => Self::Set,
                    (Shape::List(item), Some(key)) => Self::List(single(key), item),
                    (Shape::List(_), None) => Self::Whole,
                    (Shape::Map(_), _) if ATOMIC_MAPS.contains(&key) => Self::Whole,
                    _ => form_of(field.of),
                }
            }
            Self::List(..) | Self::Set | Self::Whole => Self::Whole,
        }
    }

    /// Whether a member is not there unless somebody made it: Go's encoder leaves it out, and it is no plain struct.
    fn is_made(self, key: &str) -> bool {
        let Self::Struct(of) = self else { return false };
        of.field(key).is_some_and(|field| {
            let holds = matches!(field.of.shape(), Shape::Map(_) | Shape::List(_));
            field.optional && (holds || field.of.is_pointer())
        })
    }

    fn is_whole(self) -> bool {
        matches!(self, Self::Whole)
    }
}

/// A key by itself, as a list.
fn single(key: &'static str) -> &'static [&'static str] {
    const ALL: [&[&str]; 12] = [
        &["name"],
        &["type"],
        &["uid"],
        &["ip"],
        &["mountPath"],
        &["devicePath"],
        &["containerPort"],
        &["port"],
        &["topologyKey"],
        &["key"],
        &["kind"],
        &["path"],
    ];
    ALL.iter().find(|keys| keys.first() == Some(&key)).copied().unwrap_or(&["name"])
}

/// How a set names an item of a list with keys.
fn item_key(item: &Value, keys: &[&str]) -> String {
    let mut named = Map::new();
    for key in keys {
        let value = match item.get(*key) {
            Some(value) => value.clone(),
            None if *key == "protocol" => "TCP".into(),
            None => continue,
        };
        named.insert((*key).to_owned(), value);
    }
    format!("k:{}", Value::Object(named))
}

/// All fields of a configuration, as an applier manages them.
pub(super) fn fields(value: &Value, schema: Schema) -> Value {
    managed_part(fields_of(value, schema.0, false))
}

/// All fields of an object, as who made it by a plain write manages them: with the mappings and lists that it made.
pub(super) fn made_fields(value: &Value, schema: Schema) -> Value {
    managed_part(fields_of(value, schema.0, true))
}

/// A set without what nobody manages.
fn managed_part(mut set: Value) -> Value {
    if let Some(map) = set.as_object_mut() {
        map.remove("f:apiVersion");
        map.remove("f:kind");
        let metadata = map.get_mut("f:metadata").and_then(Value::as_object_mut);
        if let Some(metadata) = metadata {
            for field in UNMANAGED {
                metadata.remove(&format!("f:{field}"));
            }
            if metadata.is_empty() {
                map.remove("f:metadata");
            }
        }
    }
    set
}

fn fields_of(value: &Value, form: Form, made: bool) -> Value {
    let mut set = Map::new();
    match (form, value) {
        (Form::Struct(_) | Form::Map(_), Value::Object(map)) => {
            for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                let mut inner = fields_of(value, form.member(key), made);
                if made && form.is_made(key) && !is_empty(&inner) {
                    inner["."] = Value::Object(Map::new());
                }
                set.insert(format!("f:{key}"), inner);
            }
        }
        (Form::List(keys, item), Value::Array(items)) => {
            for one in items {
                let mut inner = fields_of(one, form_of(item), made);
                inner["."] = Value::Object(Map::new());
                set.insert(item_key(one, keys), inner);
            }
        }
        (Form::Set, Value::Array(items)) => {
            for one in items {
                set.insert(format!("v:{one}"), Value::Object(Map::new()));
            }
        }
        _ => {}
    }
    Value::Object(set)
}

fn members(set: &Value) -> impl Iterator<Item = (&String, &Value)> {
    set.as_object().into_iter().flatten()
}

pub(super) fn is_empty(set: &Value) -> bool {
    set.as_object().is_none_or(Map::is_empty)
}

/// What is in the first set and not in the second.
pub(super) fn difference(left: &Value, right: &Value) -> Value {
    let mut set = Map::new();
    for (key, inner) in members(left) {
        match right.get(key) {
            None => drop(set.insert(key.clone(), inner.clone())),
            Some(other) => {
                let rest = difference(inner, other);
                if !is_empty(&rest) {
                    set.insert(key.clone(), rest);
                }
            }
        }
    }
    Value::Object(set)
}

/// What is in either set.
pub(super) fn union(left: &Value, right: &Value) -> Value {
    let mut set = left.as_object().cloned().unwrap_or_default();
    for (key, inner) in members(right) {
        let merged = match set.get(key) {
            Some(own) => union(own, inner),
            None => inner.clone(),
        };
        set.insert(key.clone(), merged);
    }
    Value::Object(set)
}

/// The members by which two versions of an object differ.
pub(super) fn changed(old: &Value, new: &Value, schema: Schema) -> Value {
    let set = changed_in(old, new, schema.0);
    difference(&set, &unmanaged())
}

fn unmanaged() -> Value {
    let mut metadata = Map::new();
    for field in UNMANAGED {
        metadata.insert(format!("f:{field}"), Value::Object(Map::new()));
    }
    serde_json::json!({"f:apiVersion": {}, "f:kind": {}, "f:metadata": metadata})
}

fn changed_in(old: &Value, new: &Value, form: Form) -> Value {
    let mut set = Map::new();
    let mut add = |name: String, old: Option<&Value>, new: Option<&Value>, form: Form| {
        let inner = match (old, new) {
            (old, new) if old == new => return,
            (Some(old), Some(new)) if !form.is_whole() => changed_in(old, new, form),
            (None, Some(new)) => fields_of(new, form, true),
            (Some(old), None) => fields_of(old, form, true),
            _ => Value::Object(Map::new()),
        };
        set.insert(name, inner);
    };
    match (form, old, new) {
        (Form::Struct(_) | Form::Map(_), Value::Object(left), Value::Object(right)) => {
            for (key, value) in left {
                add(format!("f:{key}"), Some(value), right.get(key), form.member(key));
            }
            for (key, value) in right.iter().filter(|(key, _)| !left.contains_key(*key)) {
                add(format!("f:{key}"), None, Some(value), form.member(key));
            }
        }
        (Form::List(keys, item), Value::Array(left), Value::Array(right)) => {
            for one in left.iter().chain(right) {
                let name = item_key(one, keys);
                let (old, new) = (find(Some(old), &name, form), find(Some(new), &name, form));
                add(name, old, new, form_of(item));
            }
        }
        (Form::Set, Value::Array(left), Value::Array(right)) => {
            for one in left.iter().chain(right) {
                let (old, new) = (left.contains(one), right.contains(one));
                if old != new {
                    set.insert(format!("v:{one}"), Value::Object(Map::new()));
                }
            }
        }
        _ => {}
    }
    Value::Object(set)
}

/// Puts a configuration over an object.
pub(super) fn merge(live: Value, config: &Value, schema: Schema) -> Value {
    merge_in(Some(live), config, schema.0)
}

fn merge_in(live: Option<Value>, config: &Value, form: Form) -> Value {
    match (form, live, config) {
        (Form::Struct(_) | Form::Map(_), Some(Value::Object(mut live)), Value::Object(config)) => {
            for (key, value) in config.iter().filter(|(_, value)| !value.is_null()) {
                let merged = merge_in(live.remove(key), value, form.member(key));
                live.insert(key.clone(), merged);
            }
            Value::Object(live)
        }
        (Form::List(keys, item), Some(Value::Array(mut live)), Value::Array(config)) => {
            for one in config {
                let name = item_key(one, keys);
                match live.iter_mut().find(|old| item_key(old, keys) == name) {
                    Some(old) => *old = merge_in(Some(old.take()), one, form_of(item)),
                    None => live.push(one.clone()),
                }
            }
            Value::Array(live)
        }
        (Form::Set, Some(Value::Array(mut live)), Value::Array(config)) => {
            for one in config {
                if !live.contains(one) {
                    live.push(one.clone());
                }
            }
            Value::Array(live)
        }
        (_, _, config) => config.clone(),
    }
}

/// Takes a set's members out of an object, but for what others manage.
pub(super) fn remove(value: &mut Value, set: &Value, others: &Value, schema: Schema) {
    remove_in(value, set, others, schema.0);
}

fn remove_in(value: &mut Value, set: &Value, others: &Value, form: Form) {
    static NOTHING: Value = Value::Null;
    let other = |key: &str| others.get(key).unwrap_or(&NOTHING);
    match (form, value) {
        (Form::Struct(_) | Form::Map(_), Value::Object(map)) => {
            for (name, inner) in members(set) {
                let Some(key) = name.strip_prefix("f:") else { continue };
                if is_empty(inner) && others.get(name).is_none() {
                    map.remove(key);
                } else if let Some(next) = map.get_mut(key) {
                    remove_in(next, inner, other(name), form.member(key));
                    let emptied = match next {
                        Value::Object(map) => map.is_empty(),
                        Value::Array(items) => items.is_empty(),
                        _ => false,
                    };
                    if emptied {
                        map.remove(key);
                    }
                }
            }
        }
        (Form::List(keys, item), Value::Array(items)) => {
            items.retain_mut(|one| {
                let name = item_key(one, keys);
                match set.get(&name) {
                    None => true,
                    Some(inner) if inner.get(".").is_some() && others.get(&name).is_none() => false,
                    Some(inner) => {
                        remove_in(one, inner, other(&name), form_of(item));
                        true
                    }
                }
            });
        }
        (Form::Set, Value::Array(items)) => {
            items.retain(|one| {
                let name = format!("v:{one}");
                set.get(&name).is_none() || others.get(&name).is_some()
            });
        }
        _ => {}
    }
}

/// The paths that both sets have and at which two versions differ.
pub(super) fn conflicts(
    managed: &Value,
    wanted: &Value,
    (live, next): (&Value, &Value),
    schema: Schema,
) -> Vec<String> {
    let mut found = Vec::new();
    conflicts_in(managed, wanted, (Some(live), Some(next)), schema.0, "", &mut found);
    found
}

/// What a member of a set stands for in an object.
fn find<'a>(value: Option<&'a Value>, name: &str, form: Form) -> Option<&'a Value> {
    match (name.strip_prefix("f:"), form) {
        (Some(key), _) => value?.get(key),
        (None, Form::List(keys, _)) => {
            value?.as_array()?.iter().find(|one| item_key(one, keys) == name)
        }
        _ => None,
    }
}

fn conflicts_in(
    managed: &Value,
    wanted: &Value,
    (live, next): (Option<&Value>, Option<&Value>),
    form: Form,
    path: &str,
    found: &mut Vec<String>,
) {
    for (name, inner) in members(managed) {
        let Some(other) = wanted.get(name).filter(|_| name != ".") else { continue };
        let (step, member) = match (name.strip_prefix("f:"), form) {
            (Some(key), _) => (format!(".{key}"), form.member(key)),
            (None, Form::List(_, item)) => (shown_key(name), form_of(item)),
            _ => continue,
        };
        let (old, new) = (find(live, name, form), find(next, name, form));
        let path = format!("{path}{step}");
        if is_empty(inner) || is_empty(other) || member.is_whole() {
            if old != new {
                found.push(path);
            }
        } else {
            conflicts_in(inner, other, (old, new), member, &path, found);
        }
    }
}

/// `[name="web"]`, as paths show it.
fn shown_key(name: &str) -> String {
    let keys: Value = name
        .strip_prefix("k:")
        .and_then(|text| crate::manifest::read_json(text).ok())
        .unwrap_or_default();
    let pairs: Vec<String> = members(&keys).map(|(key, value)| format!("{key}={value}")).collect();
    format!("[{}]", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::object::Kind;

    fn deployment() -> Schema {
        Schema::of(Kind::Deployment.info().wire_type())
    }

    #[test]
    fn sets_are_written_as_the_server_writes_them() {
        let value = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "labels": {"a": "b"}},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": {"spec": {"containers": [
                {"name": "c", "image": "i", "args": ["x"], "ports": [{"containerPort": 80}]},
            ]}}},
        });
        assert_eq!(
            fields(&value, deployment()),
            json!({
                "f:metadata": {"f:labels": {"f:a": {}}},
                "f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": {"f:spec": {"f:containers": {
                    "k:{\"name\":\"c\"}": {
                        ".": {}, "f:name": {}, "f:image": {}, "f:args": {},
                        "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}},
                    },
                }}}},
            })
        );
    }

    #[test]
    fn what_changed_and_what_conflicts() {
        let of = |replicas: i32, image: &str| json!({"spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "c", "image": image}]}}}});
        let (old, new) = (of(1, "a"), of(2, "b"));
        let both = json!({"f:spec": {"f:replicas": {}, "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {"f:image": {}}}}}}});
        assert_eq!(changed(&old, &new, deployment()), both);
        assert_eq!(
            conflicts(&both, &fields(&new, deployment()), (&old, &new), deployment()),
            [".spec.replicas", ".spec.template.spec.containers[name=\"c\"].image"]
        );
        assert!(
            conflicts(&both, &fields(&new, deployment()), (&new, &new), deployment()).is_empty()
        );
    }

    #[test]
    fn what_is_no_longer_applied_goes() {
        let mut value = json!({"metadata": {"labels": {"a": "1", "b": "1"}}, "spec": {"template": {"spec": {"containers": [{"name": "c"}, {"name": "d"}]}}}});
        let set = json!({"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"d\"}": {".": {}, "f:name": {}}}}}}});
        remove(&mut value, &set, &json!({}), deployment());
        assert_eq!(
            value,
            json!({"metadata": {"labels": {"b": "1"}}, "spec": {"template": {"spec": {"containers": [{"name": "c"}]}}}})
        );
    }
}
