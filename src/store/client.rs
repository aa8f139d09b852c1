//! The way to write: a client acts for one actor, at one moment, because of one thing.
//!
//! Models the API server's generic registry (kubernetes `staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go`
//! and `registry/rest`): names and uids, generation and resourceVersion, finalizers. Deletion is in `delete.rs`,
//! Events in `event.rs`.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{NodeStatus, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Cause, Flags, Store, User, admission, strategy};
use crate::object::pod::default_pod;
use crate::object::{Body, Key, Kind, Name, Object, Reason, StatusError, rules};
use crate::time::Time;

/// Writes for one actor and one cause. Reads go through [`Client::store`].
#[derive(Debug)]
pub struct Client<'a> {
    pub(super) store: &'a mut Store,
    pub(super) now: Time,
    pub(super) cause: Cause,
    /// Whether nothing of this will last; the server then gives out node ports in another way.
    pub(super) rehearsal: bool,
    /// Writes made so far, Events aside.
    pub(super) calls: u32,
    /// Events written so far.
    pub(super) event_calls: u32,
    /// How many calls may be made, see [`Client::may_call`].
    allowance: u32,
    /// What an earlier piece of the same work left to do.
    rest: Vec<Key>,
    /// Which piece of the same work this is, see [`Client::turn`].
    turn: u32,
    /// What the part that writes was started with.
    flags: Flags,
    /// The moment that a controller keeps for the key it works on.
    kept: Option<Time>,
    /// What else a controller remembers of its key, and what it is told of the Pods there.
    pub(super) memory: super::note::Memory,
    /// Who is impersonated, see [`Client::impersonate`].
    pub(super) user: Option<User>,
    /// Under which name fields are managed that this writes; none to leave that to others.
    pub(super) manager: String,
}

/// The longest prefix that a generated name keeps: 63 less the five letters (apiserver `storage/names`).
const GENERATED_PREFIX_LENGTH_MAX: usize = 58;

/// How often the server tries another generated name when one is taken.
const NAME_TRIES: usize = 8;

impl<'a> Client<'a> {
    /// A client for one piece of work.
    pub fn new(store: &'a mut Store, now: Time, cause: Cause) -> Self {
        Self {
            store,
            now,
            cause,
            rehearsal: false,
            calls: 0,
            event_calls: 0,
            allowance: u32::MAX,
            rest: Vec::new(),
            turn: 0,
            flags: Flags::default(),
            kept: None,
            memory: super::note::Memory::default(),
            user: None,
            manager: String::new(),
        }
    }

    /// The same client, asked to stop after so many calls.
    #[must_use]
    pub fn with_allowance(self, calls: u32) -> Self {
        Self { allowance: calls, ..self }
    }

    /// The same client, with what an earlier piece of the same work left to do.
    #[must_use]
    pub fn with_rest(self, rest: Vec<Key>) -> Self {
        Self { rest, ..self }
    }

    /// What an earlier piece of the same work left to do; who leaves something puts it back.
    pub fn take_rest(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.rest)
    }

    /// Leaves something for the next piece of the same work.
    pub fn leave_rest(&mut self, rest: Vec<Key>) {
        self.rest = rest;
    }

    /// The same client, with the number of batches of the same work that went before.
    #[must_use]
    pub fn with_turn(self, turn: u32) -> Self {
        Self { turn, ..self }
    }

    /// How many batches of the same work went before; each ends when all its calls have been answered.
    pub fn turn(&self) -> u32 {
        self.turn
    }

    /// Whether another call is within what was allowed. Who has many to make asks before each and goes on later;
    /// the others may go beyond it.
    pub fn may_call(&self) -> bool {
        self.calls + self.event_calls < self.allowance
    }

    /// Calls made so far, and Events written besides.
    pub fn calls(&self) -> (u32, u32) {
        (self.calls, self.event_calls)
    }

    /// Counts a call that wrote nothing.
    pub fn count_read(&mut self) {
        self.calls += 1;
    }

    /// Does some work for its answer only (`--dry-run=server`): on a copy of the state, which is thrown away.
    pub fn dry_run<T>(&self, work: impl FnOnce(&mut Client<'_>) -> T) -> T {
        let mut store = self.store.clone();
        let client = Client::new(&mut store, self.now, self.cause);
        let (user, manager) = (self.user.clone(), self.manager.clone());
        let (flags, kept) = (self.flags, self.kept);
        work(&mut Client { rehearsal: true, flags, kept, user, manager, ..client })
    }

    /// The same client for a controller: with its flags, and the moment that it keeps for its key.
    #[must_use]
    pub fn for_controller(self, flags: Flags, kept: Option<Time>) -> Self {
        Self { flags, kept, ..self }
    }

    /// What the part that writes was started with.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// The moment that the controller kept for its key: a timer's end, or since when it has seen something.
    pub fn kept(&self) -> Option<Time> {
        self.kept
    }

    /// Keeps a moment for the key, or none; it is there again when the key is reconciled next.
    pub fn keep(&mut self, moment: Option<Time>) {
        self.kept = moment;
    }

    /// The state, to read.
    pub fn store(&self) -> &Store {
        self.store
    }

    /// The moment of this piece of work.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Who acts and why.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// Creates an object: defaults and admits it, names it (`generateName`), gives it uid, creation time and generation,
    /// validates and stores it.
    pub fn create(&mut self, mut object: Object) -> Result<Arc<Object>, StatusError> {
        let generated = self.prepare_new(&mut object)?;
        self.store_new(object, generated)
    }

    /// Everything before storing; true if the name was generated.
    pub(super) fn prepare_new(&mut self, object: &mut Object) -> Result<bool, StatusError> {
        if object.kind() != Kind::Pod {
            return self.prepare_no_pod(object);
        }
        let mut generated = false;
        self.admit_namespace(object)?;
        strategy::prepare_for_create(object);
        self.admit_pod(object, |client, object| generated = client.name(object))?;
        Ok(generated)
    }

    #[inline(never)]
    fn prepare_no_pod(&mut self, object: &mut Object) -> Result<bool, StatusError> {
        rules::default(object);
        self.admit_namespace(object)?;
        strategy::prepare_for_create(object);
        let generated = self.name(object);
        if object.kind() == Kind::Job {
            // The uid is in its selector.
            Arc::make_mut(&mut object.meta).uid = Some(self.store.random.uid());
        }
        rules::prepare(object, self.now);
        self.complete(object);
        self.allocate_service(object, None)?;
        let mut errors = rules::validate(object);
        self.judge(&mut errors, object, None);
        admission::refuse(object, errors)?;
        rules::settle(object);
        self.admit(object, None)?;
        Ok(generated)
    }

    /// Gives what the server gives, and stores.
    pub(super) fn store_new(
        &mut self,
        mut object: Object,
        generated: bool,
    ) -> Result<Arc<Object>, StatusError> {
        let job = object.kind() == Kind::Job;
        let meta = Arc::make_mut(&mut object.meta);
        if !job {
            meta.uid = Some(self.store.random.uid());
        }
        meta.creation_timestamp = Some(self.now.to_meta());
        meta.deletion_timestamp = None;
        meta.deletion_grace_period_seconds = None;
        meta.self_link = None;
        let mut key = object.key();
        let mut tries = 1;
        while self.store.get(&key).is_some() {
            if !generated || tries == NAME_TRIES {
                return Err(StatusError::already_exists(&key));
            }
            tries += 1;
            Arc::make_mut(&mut object.meta).name = None;
            self.name(&mut object);
            key = object.key();
        }
        Ok(self.put(&key, object))
    }

    /// Gives a nameless object its generated name; true if it did.
    fn name(&mut self, object: &mut Object) -> bool {
        if !object.name().is_empty() {
            return false;
        }
        let Some(prefix) = object.meta.generate_name.as_ref().filter(|prefix| !prefix.is_empty())
        else {
            return false;
        };
        let kept: String = prefix.chars().take(GENERATED_PREFIX_LENGTH_MAX).collect();
        let name = format!("{kept}{}", self.store.random.suffix(5));
        Arc::make_mut(&mut object.meta).name = Some(name);
        true
    }

    /// Replaces an object's metadata and spec; its status stays. Refused with a conflict if `object.revision` is set
    /// and is not the stored one. A write that changes nothing makes no revision. Raises the generation when the spec
    /// changed, and removes the object when its last finalizer went while it was being deleted.
    pub fn update(&mut self, mut object: Object) -> Result<Arc<Object>, StatusError> {
        let key = object.key();
        let current = Arc::clone(self.store.get(&key).ok_or_else(|| StatusError::not_found(&key))?);
        if object.revision != 0 && object.revision != current.revision {
            return Err(StatusError::conflict(&key));
        }
        check_uid(&key, object.meta.uid.as_deref(), &current)?;
        if !strategy::shares_spec(&object.body, &current.body) {
            complete_update(&mut object, &current);
        }
        self.allocate_service(&mut object, Some(&current))?;
        strategy::prepare_for_update(&mut object, &current);
        if Arc::ptr_eq(&object.meta, &current.meta) && object.body == current.body {
            return Ok(current);
        }
        let mut errors = rules::validate_update(&object, &current);
        self.judge(&mut errors, &object, Some(&current));
        admission::refuse(&object, errors)?;
        if object.kind() != Kind::Pod {
            self.admit(&object, Some(&current))?;
        }
        let finished = object.terminating()
            && object.meta.finalizers.iter().flatten().next().is_none()
            && current.meta.deletion_grace_period_seconds == Some(0);
        let written = self.put(&key, object);
        if finished {
            self.store.write(&key, None, self.now, self.cause);
        }
        Ok(written)
    }

    /// Changes a copy of the stored version and updates with it: metadata and spec, see [`Client::update`].
    pub fn modify(
        &mut self,
        key: &Key,
        change: impl FnOnce(&mut Object),
    ) -> Result<Arc<Object>, StatusError> {
        let mut next = Object::clone(self.current(key)?);
        change(&mut next);
        self.update(next)
    }

    /// Replaces an object's status and nothing else, by a change to a copy of the stored version; a write that changes
    /// nothing makes no revision.
    pub fn update_status(
        &mut self,
        key: &Key,
        change: impl FnOnce(&mut Body),
    ) -> Result<Arc<Object>, StatusError> {
        let current = self.current(key)?;
        let mut next = Object::clone(current);
        change(&mut next.body);
        if !strategy::prepare_for_status_update(&mut next.body, &current.body) {
            return Ok(Arc::clone(current));
        }
        Ok(self.put(key, next))
    }

    /// Sets an annotation through the status subresource, as the deployment controller does: the generation stays.
    pub fn annotate_with_status(
        &mut self,
        key: &Key,
        name: &str,
        value: &str,
    ) -> Result<Arc<Object>, StatusError> {
        let current = self.current(key)?;
        if current.annotation(name) == Some(value) {
            return Ok(Arc::clone(current));
        }
        let mut next = Object::clone(current);
        let annotations = Arc::make_mut(&mut next.meta).annotations.get_or_insert_default();
        annotations.insert(name.to_owned(), value.to_owned());
        Ok(self.put(key, next))
    }

    /// Changes a Pod's status, see [`Client::update_status`].
    pub fn update_pod_status(
        &mut self,
        key: &Key,
        change: impl FnOnce(&mut PodStatus),
    ) -> Result<Arc<Object>, StatusError> {
        self.update_status(key, |body| {
            if let Some(status) = body.pod_status_mut() {
                change(status);
            }
        })
    }

    /// Replaces a Pod's whole status, see [`Client::update_status`].
    pub fn set_pod_status(
        &mut self,
        key: &Key,
        status: PodStatus,
    ) -> Result<Arc<Object>, StatusError> {
        self.update_status(key, |body| {
            if let Body::Pod(pod) = body {
                pod.status = Arc::new(status);
            }
        })
    }

    /// Changes a Node's status, see [`Client::update_status`].
    pub fn update_node_status(
        &mut self,
        node: &str,
        change: impl FnOnce(&mut NodeStatus),
    ) -> Result<Arc<Object>, StatusError> {
        self.update_status(&Key::cluster(Kind::Node, node), |body| {
            if let Some(status) = body.node_status_mut() {
                change(status);
            }
        })
    }

    /// Sets the number of replicas (the `scale` subresource). Returns the version after.
    pub fn scale(&mut self, key: &Key, replicas: i32) -> Result<Arc<Object>, StatusError> {
        let mut next = Object::clone(self.current(key)?);
        if !next.body.set_replicas(replicas) {
            return Err(StatusError::new(
                Reason::NotFound,
                "the server could not find the requested resource",
            ));
        }
        self.update(next)
    }

    /// Binds a Pod to a node (the `binding` subresource): sets the node and the `PodScheduled` condition, and forgets
    /// the node that it was promised.
    /// Refused if the Pod has a node already or is being deleted.
    pub fn bind(&mut self, key: &Key, node: &Name) -> Result<Arc<Object>, StatusError> {
        let current = self.current(key)?;
        let mut next = Object::clone(current);
        let terminating = next.terminating();
        let generation = next.meta.generation;
        let Body::Pod(pod) = &mut next.body else {
            return Err(StatusError::not_found(key));
        };
        let refusal = if terminating {
            Some(format!("pod {} is being deleted, cannot be assigned to a host", key.name))
        } else if let Some(node) = &pod.own.node_name {
            Some(format!("pod {} is already assigned to node \"{node}\"", key.name))
        } else if pod.shared.scheduling_gates.iter().flatten().next().is_some() {
            Some(format!("pod {} has non-empty .spec.schedulingGates", key.name))
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return Err(StatusError::new(
                Reason::Conflict,
                format!(
                    "Operation cannot be fulfilled on pods/binding \"{}\": {refusal}",
                    key.name
                ),
            ));
        }
        pod.own.node_name = Some(Arc::clone(node));
        self.copy_topology(&mut next.meta, node);
        let status = Arc::make_mut(&mut pod.status);
        status.nominated_node_name = None;
        strategy::set_scheduled(status, generation, self.now);
        Ok(self.put(key, next))
    }

    /// A bound Pod carries its node's zone and region as labels (kubernetes `plugin/pkg/admission/podtopologylabels`).
    fn copy_topology(&self, meta: &mut Arc<ObjectMeta>, node: &Name) {
        let Some(node) = self.store.get(&Key::cluster(Kind::Node, Arc::clone(node))) else {
            return;
        };
        for key in ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"] {
            if let Some(value) = node.label(key) {
                let labels = Arc::make_mut(meta).labels.get_or_insert_default();
                labels.insert(key.to_owned(), value.to_owned());
            }
        }
    }

    /// The stored version, or the server's answer where there is none.
    pub(super) fn current(&self, key: &Key) -> Result<&Arc<Object>, StatusError> {
        self.store.get(key).ok_or_else(|| StatusError::not_found(key))
    }

    pub(super) fn put(&mut self, key: &Key, next: Object) -> Arc<Object> {
        if key.kind == Kind::Event {
            self.event_calls += 1;
        } else {
            self.calls += 1;
        }
        // What does not last keeps the version of what is there.
        let revision =
            self.rehearsal.then(|| self.store.get(key).map_or(0, |object| object.revision));
        let noted = !self.manager.is_empty() || !self.store.managers.is_empty();
        let before = noted.then(|| self.store.get(key).cloned()).flatten();
        let written = self.store.write(key, Some(next), self.now, self.cause);
        let written = written.expect("an object was written");
        self.note_fields(before.as_deref(), &written);
        match revision {
            None => written,
            Some(revision) => Arc::new(Object { revision, ..Object::clone(&written) }),
        }
    }
}

/// Gives a changed spec what was left out of it.
#[inline(never)]
fn complete_update(object: &mut Object, current: &Object) {
    rules::default(object);
    rules::settle(object);
    if let Body::Pod(pod) = &mut object.body {
        let spec = Arc::make_mut(&mut pod.shared);
        default_pod(spec);
        admission::complete_update(spec, current);
    }
}

/// Refuses a write that was meant for an earlier or later object of the same name.
pub(super) fn check_uid(
    key: &Key,
    wanted: Option<&str>,
    current: &Object,
) -> Result<(), StatusError> {
    match wanted {
        Some(uid) if !uid.is_empty() && uid != current.uid() => Err(StatusError::new(
            Reason::Conflict,
            format!(
                "Operation cannot be fulfilled on {} \"{}\": Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                key.kind.info().resource(),
                key.name,
                current.uid()
            ),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{CAUSE, deployment, pod, store};

    #[test]
    fn the_generation_counts_changes_of_what_is_wanted() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let key = client.create(deployment("web")).unwrap().key();
        let mut seen = Vec::new();
        let mut look = |object: Arc<Object>| seen.push((object.meta.generation, object.revision));
        look(client.scale(&key, 3).unwrap());
        look(client.scale(&key, 3).unwrap());
        look(client.modify(&key, |_| {}).unwrap());
        let labelled = client.modify(&key, |object| {
            Arc::make_mut(&mut object.meta).labels = Some([("a".into(), "b".into())].into());
        });
        look(labelled.unwrap());
        assert_eq!(seen, [(Some(2), 4), (Some(2), 4), (Some(2), 4), (Some(2), 5)]);
    }

    #[test]
    fn a_write_on_an_old_version_is_a_conflict() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let old = client.create(deployment("web")).unwrap();
        client.scale(&old.key(), 3).unwrap();
        let refusal = client.update(Object::clone(&old)).unwrap_err();
        assert_eq!(refusal, StatusError::conflict(&old.key()));
    }

    #[test]
    fn a_pod_is_bound_once() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let key = client.create(pod("p")).unwrap().key();
        client.bind(&key, &Name::from("node-1")).unwrap();
        let refusal = client.bind(&key, &Name::from("node-2")).unwrap_err();
        assert_eq!(
            refusal.message,
            "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"node-1\""
        );
        assert_eq!(store.pods_on("node-1").count(), 1);
    }

    #[test]
    fn generated_names_have_five_letters_more() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let mut pod = pod("");
        Arc::make_mut(&mut pod.meta).generate_name = Some("web-".into());
        let name = client.create(pod).unwrap().name().to_owned();
        assert!(name.starts_with("web-") && name.len() == 9, "{name}");
    }

    #[test]
    fn pods_of_one_template_share_what_was_admitted() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let (a, b) = (client.create(pod("a")).unwrap(), client.create(pod("b")).unwrap());
        let (a, b) = (a.as_pod().unwrap(), b.as_pod().unwrap());
        assert!(Arc::ptr_eq(&a.shared, &b.shared));
        assert_ne!(a.own.token_suffix, b.own.token_suffix);
        assert_eq!(a.status.qos_class.as_deref(), Some("BestEffort"));
        assert_eq!(a.shared.tolerations.as_ref().map(Vec::len), Some(2));
    }

    #[test]
    fn refusals_read_as_upstream_writes_them() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let mut elsewhere = pod("p");
        Arc::make_mut(&mut elsewhere.meta).namespace = Some("shop".into());
        let mut robot = pod("p");
        if let Body::Pod(body) = &mut robot.body {
            Arc::make_mut(&mut body.shared).service_account_name = Some("robot".into());
        }
        let table = [
            (elsewhere, "namespaces \"shop\" not found"),
            (
                robot,
                "pods \"p\" is forbidden: error looking up service account default/robot: serviceaccount \"robot\" not found",
            ),
            (
                pod("-"),
                "Pod \"-\" is invalid: metadata.name: Invalid value: \"-\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            ),
        ];
        for (object, message) in table {
            assert_eq!(client.create(object).unwrap_err().message, message);
        }
    }
}
