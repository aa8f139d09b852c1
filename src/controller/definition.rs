//! CustomResourceDefinitions: whose names are taken, when their kinds are served, and what goes with them.
//!
//! Names are given out within a group, first come first served; a definition whose names are accepted is established, and
//! from then on its kind is served. One that is deleted takes its objects with it. Upstream these run in the API server.
//! Models kubernetes `staging/src/k8s.io/apiextensions-apiserver/pkg/controller`
//! (`status/naming_controller.go`, `establish/establishing_controller.go`, `finalizer/crd_finalizer.go`).
//! *Differs:* the condition `KubernetesAPIApprovalPolicyConformant` is not told.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Controller, Requeue};
use crate::object::custom::{CLEANUP_FINALIZER, condition, definition_of};
use crate::object::value::look::{at, list, text, texts};
use crate::object::{Key, Kind, Object, ValueBody};
use crate::store::{Change, Client, DeleteOptions, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const DEFINITION: Controller =
    Controller { name: "customresourcedefinition-controller", keys, reconcile, cloud: false };

/// How often it is looked whether the objects of a definition are gone.
const POLL: Duration = Duration::from_secs(5);

fn keys(change: &Change, store: &Store) -> Vec<Key> {
    match change.key.kind {
        // What frees a name concerns the others of its group.
        Kind::CustomResourceDefinition => {
            let all = store.list(Kind::CustomResourceDefinition, None);
            let group = |name: &str| name.split_once('.').map(|(_, group)| group.to_owned());
            let mine = group(&change.key.name);
            all.filter(|one| group(one.name()) == mine).map(|one| one.key()).collect()
        }
        kind @ Kind::Custom(_) if change.after.is_none() => {
            let key = definition_of(kind);
            let terminating = |key: &Key| store.get(key).is_some_and(|one| one.terminating());
            key.filter(terminating).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(definition) = client.store().get(key).cloned() else { return Requeue::No };
    let Some(body) = definition.as_value() else { return Requeue::No };
    if definition.terminating() {
        return clean_up(client, &definition, body);
    }
    let mut status = Value::clone(&body.status);
    if at(body.spec(), &["names"]) != at(&body.status, &["acceptedNames"]) {
        accept(client.store(), body, &mut status, client.now());
    } else if condition(body, "NamesAccepted") == Some("True")
        && condition(body, "Established") != Some("True")
    {
        let words = ["True", "InitialNamesAccepted", "the initial names have been accepted"];
        set_condition(&mut status, "Established", words, client.now());
    }
    write(client, key, status)
}

fn write(client: &mut Client<'_>, key: &Key, status: Value) -> Requeue {
    let written = client.update_status(key, |body| {
        if let Some(body) = body.value_mut() {
            body.status = Arc::new(status);
        }
    });
    if written.is_ok() { Requeue::No } else { Requeue::BackOff }
}

/// Gives a definition those of its names that no other of its group has (`calculateNamesAndConditions`).
fn accept(store: &Store, body: &ValueBody, status: &mut Value, now: Time) {
    let spec = body.spec();
    let (wanted, had) = (at(spec, &["names"]), at(&body.status, &["acceptedNames"]));
    let group = text(spec, "group");
    let others = || {
        let all = store.list(Kind::CustomResourceDefinition, None);
        let bodies = all.filter_map(|one| one.as_value());
        bodies
            .filter(|one| text(one.spec(), "group") == group)
            .map(|one| at(&one.status, &["acceptedNames"]))
    };
    let used = |name: &str, kinds: bool| {
        let fields = if kinds { ["kind", "listKind"] } else { ["plural", "singular"] };
        others().any(|names| {
            fields.iter().any(|field| text(names, field) == name)
                || !kinds && texts(names, "shortNames").any(|one| one == name)
        })
    };
    let mut names = had.as_object().cloned().unwrap_or_default();
    let mut problem: Option<[String; 2]> = None;
    let mut refuse = |field: &str, name: &str| {
        let (first, rest) = field.split_at(1);
        let reason = format!("{}{rest}Conflict", first.to_uppercase());
        problem = Some([reason, format!("{name:?} is already in use")]);
    };
    for (field, kinds) in [("plural", false), ("singular", false)] {
        take(&mut names, wanted, had, field, |name| used(name, kinds), &mut refuse);
    }
    let mine: Vec<&str> = texts(had, "shortNames").collect();
    let clash = texts(wanted, "shortNames").find(|name| !mine.contains(name) && used(name, false));
    match clash {
        Some(name) => refuse("shortNames", name),
        None => copy(&mut names, wanted, "shortNames"),
    }
    for field in ["kind", "listKind"] {
        take(&mut names, wanted, had, field, |name| used(name, true), &mut refuse);
    }
    copy(&mut names, wanted, "categories");
    let accepted = problem.is_none();
    let [reason, message] =
        problem.unwrap_or_else(|| ["NoConflicts".to_owned(), "no conflicts found".to_owned()]);
    if let Some(status) = status.as_object_mut() {
        status.insert("acceptedNames".to_owned(), Value::Object(names));
    }
    let word = if accepted { "True" } else { "False" };
    set_condition(status, "NamesAccepted", [word, &reason, &message], now);
    if condition(body, "Established") != Some("True") {
        let words = if accepted {
            ["False", "Installing", "the initial names have been accepted"]
        } else {
            ["False", "NotAccepted", "not all names are accepted"]
        };
        set_condition(status, "Established", words, now);
    }
}

/// Takes a name over, if it is free or had already.
fn take(
    names: &mut Map<String, Value>,
    wanted: &Value,
    had: &Value,
    field: &str,
    used: impl Fn(&str) -> bool,
    refuse: &mut impl FnMut(&str, &str),
) {
    let name = text(wanted, field);
    if name != text(had, field) && used(name) {
        refuse(field, name);
    } else {
        copy(names, wanted, field);
    }
}

fn copy(names: &mut Map<String, Value>, wanted: &Value, field: &str) {
    match wanted.get(field) {
        Some(value) => drop(names.insert(field.to_owned(), value.clone())),
        None => drop(names.remove(field)),
    }
}

/// Sets a condition: its status, reason and message. The transition time moves only with the status.
fn set_condition(status: &mut Value, name: &str, words: [&str; 3], now: Time) {
    let [word, reason, message] = words;
    let mut condition = json!({
        "type": name, "status": word, "reason": reason, "message": message,
        "lastTransitionTime": now.to_string(),
    });
    let Some(status) = status.as_object_mut() else { return };
    let conditions = status.entry("conditions").or_insert(Value::Null);
    if !conditions.is_array() {
        *conditions = Value::Array(Vec::new());
    }
    let Some(conditions) = conditions.as_array_mut() else { return };
    match conditions.iter_mut().find(|one| text(one, "type") == name) {
        Some(old) => {
            if text(old, "status") == word {
                condition["lastTransitionTime"] = old["lastTransitionTime"].take();
            }
            *old = condition;
        }
        None => conditions.push(condition),
    }
}

/// Deletes the objects of a definition that is going, and lets it go once they are gone.
fn clean_up(client: &mut Client<'_>, definition: &Object, body: &ValueBody) -> Requeue {
    let key = definition.key();
    if !definition.meta.finalizers.iter().flatten().any(|one| one == CLEANUP_FINALIZER) {
        return Requeue::No;
    }
    let mut status = Value::clone(&body.status);
    let mut lines = client.store().served().iter();
    let mine = lines.find(|resource| resource.qualified() == definition.name());
    let kind = mine.and_then(|resource| resource.simulated());
    let objects = |store: &Store| -> Vec<Key> {
        kind.map(|kind| store.list(kind, None).map(|object| object.key()).collect())
            .unwrap_or_default()
    };
    let all = objects(client.store());
    if !all.is_empty() {
        let words =
            ["True", "InstanceDeletionInProgress", "CustomResource deletion is in progress"];
        set_condition(&mut status, "Terminating", words, client.now());
        write(client, &key, status);
        for one in &all {
            // What is held back by finalizers is waited for below.
            drop(client.delete(one, &DeleteOptions::default()));
        }
        if !objects(client.store()).is_empty() {
            return Requeue::After(POLL);
        }
        status = client
            .store()
            .get(&key)
            .and_then(|one| one.as_value())
            .map_or_else(|| Value::Null, |body| Value::clone(&body.status));
    }
    let words = if list(&status, "conditions").is_empty() || kind.is_none() {
        ["False", "NeverEstablished", "resource was never established"]
    } else {
        ["False", "InstanceDeletionCompleted", "removed all instances"]
    };
    set_condition(&mut status, "Terminating", words, client.now());
    write(client, &key, status);
    let freed = client.modify(&key, |object| {
        if let Some(finalizers) = &mut Arc::make_mut(&mut object.meta).finalizers {
            finalizers.retain(|one| one != CLEANUP_FINALIZER);
        }
    });
    if freed.is_ok() { Requeue::No } else { Requeue::BackOff }
}
