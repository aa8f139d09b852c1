//! Server-side apply: a configuration put over an object, with a record of who manages which fields.
//!
//! Records are kept where they are needed: once an object was applied on the server, or changed by another client than its
//! creator. Until then its creator manages all that is not its status, which is derived when asked for. Records stand
//! beside the objects, so objects that are never applied on the server are no larger.
//!
//! Models apimachinery `pkg/util/managedfields` (`fieldmanager.go`, `internal/structuredmerge.go`, `internal/conflict.go`)
//! and the migration of kubectl's own fields (client-go `util/csaupgrade`). *Differs:* one version of each kind; what
//! controllers write in the status is told from the present status.

use std::sync::Arc;

use serde_json::{Value, json};

use super::fields::{self, Schema};
use super::wire::{decode_body, has_empty_parts, without_empty_parts};
use super::{Actor, Client, Store};
use crate::manifest::Node;
use crate::object::{Key, Object, Reason, StatusError};
use crate::order;
use crate::time::Time;

/// Where client-side apply keeps what it applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The manager of client-side apply.
const CLIENT_SIDE: &str = "kubectl-client-side-apply";

/// Who applies, and how.
#[derive(Copy, Clone, Debug)]
pub struct ApplyOptions<'a> {
    /// The applier's name.
    pub field_manager: &'a str,
    /// Whether fields are taken from others who want them differently.
    pub force: bool,
}

/// The object after its configuration was applied.
type Applied = Result<Arc<Object>, StatusError>;

/// Somebody who manages fields of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Manager {
    name: String,
    /// Whether by apply; else by plain writes.
    applies: bool,
    subresource: &'static str,
    time: Time,
    fields: Value,
}

/// Who manages an object's fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Managers {
    /// Whether all is written down; else its creator manages what nobody here does.
    complete: bool,
    list: Vec<Manager>,
}

fn schema(key: &Key) -> Schema {
    Schema::of(key.kind.info().wire_type())
}

/// A set of fields but for those of the status.
fn without_status(mut set: Value) -> Value {
    if let Some(map) = set.as_object_mut() {
        map.remove("f:status");
    }
    set
}

/// The one who created an object, as far as it can be told.
fn creator(object: &Object) -> &'static str {
    if object.annotation(LAST_APPLIED).is_some() {
        CLIENT_SIDE
    } else if object.controller().is_some() {
        "kube-controller-manager"
    } else {
        "kubectl-create"
    }
}

impl Managers {
    /// Writes down what was only derived.
    fn complete(&mut self, object: &Object, value: &Value, schema: Schema) {
        if self.complete {
            return;
        }
        self.complete = true;
        let mut rest = without_status(fields::made_fields(value, schema));
        for manager in &self.list {
            rest = fields::difference(&rest, &manager.fields);
        }
        // What controllers write beside the status.
        let theirs =
            json!({"f:metadata": {"f:annotations": {"f:deployment.kubernetes.io/revision": {}}}});
        rest = fields::difference(&rest, &theirs);
        let time = object.meta.creation_timestamp.as_ref().map_or(Time::START, Time::from);
        let name = creator(object).to_owned();
        let manager = Manager { name, applies: false, subresource: "", time, fields: rest };
        self.list.insert(0, manager);
    }

    /// All that the others manage.
    fn others(&self, name: &str) -> Value {
        let others = self.list.iter().filter(|one| !(one.applies && one.name == name));
        others.fold(json!({}), |all, one| fields::union(&all, &one.fields))
    }

    /// Gives somebody the fields that a plain write changed.
    fn take(&mut self, name: &str, subresource: &'static str, set: &Value, now: Time) {
        for manager in &mut self.list {
            manager.fields = fields::difference(&manager.fields, set);
        }
        let own =
            |one: &&mut Manager| !one.applies && one.name == name && one.subresource == subresource;
        match self.list.iter_mut().find(own) {
            Some(manager) => {
                manager.fields = fields::union(&manager.fields, set);
                manager.time = now;
            }
            None => self.list.push(Manager {
                name: name.to_owned(),
                applies: false,
                subresource,
                time: now,
                fields: set.clone(),
            }),
        }
        self.list.retain(|manager| !fields::is_empty(&manager.fields));
    }
}

impl Store {
    /// Those who are written down beside an object.
    fn managers_of(&self, key: &Key) -> Managers {
        self.managers.get(key).map(|all| Managers::clone(all)).unwrap_or_default()
    }

    /// `metadata.managedFields` of an object.
    pub fn managed_fields(&self, object: &Object) -> Value {
        let key = object.key();
        let (value, schema) = (object.to_value(), schema(&key));
        let mut managers = self.managers_of(&key);
        managers.complete(object, &value, schema);
        let api = key.kind.info().api_version();
        let there = fields::made_fields(&value, schema);
        let mut entries: Vec<Value> = managers
            .list
            .iter()
            .map(|manager| {
                // What is no longer there is nobody's.
                let gone = fields::difference(&manager.fields, &there);
                let mut entry = json!({
                    "apiVersion": api,
                    "fieldsType": "FieldsV1",
                    "fieldsV1": fields::difference(&manager.fields, &gone),
                    "manager": manager.name,
                    "operation": if manager.applies { "Apply" } else { "Update" },
                    "time": manager.time.to_string(),
                });
                if !manager.subresource.is_empty() {
                    entry["subresource"] = manager.subresource.into();
                }
                entry
            })
            .collect();
        entries.extend(status_entry(&value, &there, &key));
        order::sort_by_key(&mut entries, |entry| {
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            (text("operation"), text("time"), text("manager"))
        });
        Value::Array(entries)
    }
}

/// What controllers and kubelets manage, told from what is there.
fn status_entry(value: &Value, there: &Value, key: &Key) -> Option<Value> {
    const REVISION: &str = "f:deployment.kubernetes.io/revision";
    let status = there.get("f:status").filter(|status| !fields::is_empty(status))?;
    let mut set = json!({"f:status": status});
    if there.pointer("/f:metadata/f:annotations").is_some_and(|all| all.get(REVISION).is_some()) {
        set["f:metadata"] = json!({"f:annotations": {REVISION: {}}});
    }
    let manager = match key.kind.info().name {
        "Pod" | "Node" => "kubelet",
        _ => "kube-controller-manager",
    };
    let conditions = value.pointer("/status/conditions").and_then(Value::as_array);
    let times = conditions.into_iter().flatten().flat_map(|condition| {
        ["lastUpdateTime", "lastTransitionTime"].map(|key| condition.get(key)?.as_str())
    });
    let created = value.pointer("/metadata/creationTimestamp").and_then(Value::as_str);
    let time = times.flatten().max().or(created);
    Some(json!({
        "apiVersion": key.kind.info().api_version(), "fieldsType": "FieldsV1", "fieldsV1": set,
        "manager": manager, "operation": "Update", "subresource": "status", "time": time,
    }))
}

impl Client<'_> {
    /// Manages the fields that are written from now on under a name.
    pub fn write_as(&mut self, manager: &str) {
        manager.clone_into(&mut self.manager);
    }

    /// Notes whose fields a plain write made.
    pub(super) fn note_fields(&mut self, before: Option<&Object>, after: &Object) {
        let Some(before) = before else { return };
        let key = after.key();
        let known = self.store.managers.get(&key).cloned();
        let user = self.cause.actor == Actor::User && !self.manager.is_empty();
        if known.is_none() && (!user || self.manager == creator(before)) {
            return;
        }
        let name = if user { self.manager.as_str() } else { "kube-controller-manager" };
        let schema = schema(&key);
        let set = without_status(fields::changed(&before.to_value(), &after.to_value(), schema));
        if fields::is_empty(&set) {
            return;
        }
        let mut managers = known.map(|all| Managers::clone(&all)).unwrap_or_default();
        if !managers.complete && name == creator(before) {
            for manager in &mut managers.list {
                manager.fields = fields::difference(&manager.fields, &set);
            }
            managers.list.retain(|manager| !fields::is_empty(&manager.fields));
        } else {
            let subresource = if user && name == "kubectl" { "scale" } else { "" };
            managers.take(name, subresource, &set, self.now);
        }
        self.store.managers.insert(key, Arc::new(managers));
    }

    /// Applies a configuration to the object of a key, which need not be there.
    pub fn apply(&mut self, key: &Key, config: &Value, options: ApplyOptions<'_>) -> Applied {
        let applied = self.apply_once(key, config, options)?;
        if !self.migrate(key, options.field_manager) {
            return Ok(applied);
        }
        // What client-side apply managed is now the applier's; what is not applied any more goes.
        self.apply_once(key, config, options)
    }

    fn apply_once(&mut self, key: &Key, config: &Value, options: ApplyOptions<'_>) -> Applied {
        let manager = options.field_manager;
        self.check_served("patch", key)?;
        decode_body(self.store, key.kind, config)?;
        let schema = schema(key);
        let set = without_status(fields::fields(config, schema));
        let Some(live) = self.store.get(key).cloned() else {
            let created = self.create_body(key.kind, config)?;
            let managers = Managers { complete: true, list: vec![self.applier(manager, set)] };
            self.store.managers.insert(created.key(), Arc::new(managers));
            return Ok(created);
        };
        let before = live.to_value();
        let mut managers = self.store.managers_of(key);
        managers.complete(&live, &before, schema);
        let mut next = fields::merge(before.clone(), config, schema);
        let last = managers.list.iter().find(|one| one.applies && one.name == manager);
        if let Some(last) = last {
            let gone = fields::difference(&last.fields, &set);
            fields::remove(&mut next, &gone, &managers.others(manager), schema);
        }
        if manager == "kubectl" && live.annotation(LAST_APPLIED).is_some() {
            let mut plain = config.clone();
            plain["metadata"]["annotations"] = json!({});
            next["metadata"]["annotations"][LAST_APPLIED] = format!("{plain}\n").into();
        }
        let decoded = self.store.decode(key.kind, &Node::from_value(&next));
        let mut object =
            decoded.map_err(|error| StatusError::new(Reason::BadRequest, error.to_string()))?;
        if has_empty_parts(&next) {
            object = without_empty_parts(object);
        }
        let after = object.to_value();
        let conflicts = conflicts(&managers, manager, &set, (&before, &after), schema, key);
        if !conflicts.is_empty() && !options.force {
            return Err(refusal(&conflicts));
        }
        for (at, _, paths) in &conflicts {
            if let Some(loser) = managers.list.get_mut(*at).filter(|_| !paths.is_empty()) {
                loser.fields =
                    fields::difference(&loser.fields, &fields::changed(&before, &after, schema));
            }
        }
        let silent = std::mem::take(&mut self.manager);
        let written = self.update(object);
        self.manager = silent;
        let written = written?;
        let applier = self.applier(manager, set);
        match managers.list.iter_mut().find(|one| one.applies && one.name == manager) {
            Some(known) if known.fields == applier.fields => {}
            Some(known) => *known = applier,
            None => managers.list.push(applier),
        }
        managers.list.retain(|one| !fields::is_empty(&one.fields));
        self.store.managers.insert(key.clone(), Arc::new(managers));
        Ok(written)
    }

    fn applier(&self, name: &str, fields: Value) -> Manager {
        Manager { name: name.to_owned(), applies: true, subresource: "", time: self.now, fields }
    }

    /// Gives what client-side apply managed to kubectl's server-side manager; true if there was anything.
    fn migrate(&mut self, key: &Key, manager: &str) -> bool {
        let Some(known) = self.store.managers.get(key) else { return false };
        let mut managers = Managers::clone(known);
        let old = |one: &Manager| !one.applies && one.name == CLIENT_SIDE;
        let Some(at) = managers.list.iter().position(old) else { return false };
        let mut taken = managers.list.remove(at).fields;
        let annotation =
            json!({"f:metadata": {"f:annotations": {(format!("f:{LAST_APPLIED}")): {}}}});
        taken = fields::difference(&taken, &annotation);
        if let Some(own) = managers.list.iter_mut().find(|one| one.applies && one.name == manager) {
            own.fields = fields::union(&own.fields, &taken);
        }
        managers.list.push(self.applier("kubectl-last-applied", annotation));
        self.store.managers.insert(key.clone(), Arc::new(managers));
        true
    }
}

/// A manager, by place, as messages name it, and the fields that it holds against an applier.
type Conflict = (usize, String, Vec<String>);

fn conflicts(
    managers: &Managers,
    applier: &str,
    set: &Value,
    versions: (&Value, &Value),
    schema: Schema,
    key: &Key,
) -> Vec<Conflict> {
    let api = key.kind.info().api_version();
    let mut found = Vec::new();
    for (at, one) in managers.list.iter().enumerate() {
        if one.applies && one.name == applier {
            continue;
        }
        let paths = fields::conflicts(&one.fields, set, versions, schema);
        if paths.is_empty() {
            continue;
        }
        let mut name = format!("{:?}", one.name);
        if !one.subresource.is_empty() {
            name = format!("{name} with subresource {:?}", one.subresource);
        }
        if !one.applies {
            name = format!("{name} using {api}");
        }
        found.push((at, name, paths));
    }
    found
}

fn refusal(conflicts: &[Conflict]) -> StatusError {
    let count: usize = conflicts.iter().map(|(_, _, paths)| paths.len()).sum();
    let text = match conflicts {
        [(_, name, paths)] if count == 1 => {
            format!("Apply failed with 1 conflict: conflict with {name}: {}", paths.join(""))
        }
        several => {
            let of = |(_, name, paths): &Conflict| {
                let paths: Vec<String> = paths.iter().map(|path| format!("\n- {path}")).collect();
                format!("conflicts with {name}:{}", paths.concat())
            };
            let parts: Vec<String> = several.iter().map(of).collect();
            format!("Apply failed with {count} conflicts: {}", parts.join("\n"))
        }
    };
    StatusError::new(Reason::Conflict, text)
}
