//! A world in which invariants are broken on purpose: an API server alone, and whoever writes to it.
//!
//! What no API server would store is forged: shown to the invariants as if it had been written.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kobune::manifest::Node;
use kobune::object::{KINDS, Kind, Name, Object};
use kobune::random::Random;
use kobune::store::{Actor, Because, Cause, Change, Client, DeleteOptions, Store, decode_object};
use kobune::time::{Duration, Time};
use serde_json::{Value, json};

use crate::facts::{Machine, World};
use crate::invariants::{Check, INVARIANTS};

/// See the header.
pub(crate) struct Lab {
    store: Store,
    cause: Cause,
    forged: Vec<Change>,
    pub(crate) machines: Vec<Machine>,
    pub(crate) quiet_since: Time,
    pub(crate) now: Time,
}

impl Lab {
    /// A store with the namespace `default`; the user writes.
    pub(crate) fn new() -> Self {
        let mut lab = Self {
            store: Store::new(&Random::new(1)),
            cause: Cause { actor: Actor::User, because: Because::Act(1) },
            forged: Vec::new(),
            machines: Vec::new(),
            quiet_since: Time::START,
            now: Time::START + Duration::from_hours(1),
        };
        lab.put(
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "default" } }),
        );
        lab.put(json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "default" } }));
        lab
    }

    /// Who writes from now on.
    pub(crate) fn by(&mut self, component: &'static str) -> &mut Self {
        self.cause = Cause { actor: Actor::Component(component), because: Because::Time };
        self
    }

    /// Why, from now on.
    pub(crate) fn because(&mut self, because: Because) {
        self.cause.because = because;
    }

    fn client(&mut self) -> Client<'_> {
        Client::new(&mut self.store, self.now, self.cause)
    }

    /// Creates an object, with its status.
    pub(crate) fn put(&mut self, mut value: Value) -> Arc<Object> {
        let info = KINDS.iter().find(|info| value["kind"] == info.name).expect("a known kind");
        if info.namespaced && value["metadata"]["namespace"].is_null() {
            value["metadata"]["namespace"] = "default".into();
        }
        let wanted = decode_object(info.kind(), &Node::from_value(&value)).expect("it can be read");
        let new = self.client().create(wanted.clone()).expect("it is valid");
        if value["status"].is_null() {
            return new;
        }
        let status = value["status"].clone();
        self.set_status(&new, status)
    }

    fn set_status(&mut self, object: &Object, status: Value) -> Arc<Object> {
        let mut value = object.to_value();
        value["status"] = status;
        let wanted = read(object.kind(), &value);
        let key = object.key();
        self.client().update_status(&key, |body| *body = wanted.body).expect("it can be written")
    }

    /// Changes one field of an object, in its spec or metadata.
    pub(crate) fn set(&mut self, object: &Object, pointer: &str, to: Value) -> Arc<Object> {
        let next = read(object.kind(), &with(object.to_value(), pointer, to));
        self.client().update(next).expect("it is valid")
    }

    /// Binds a Pod to a node.
    pub(crate) fn bind(&mut self, pod: &Object, node: &str) {
        self.client().bind(&pod.key(), &Name::from(node)).expect("it can be bound");
    }

    /// Deletes an object.
    pub(crate) fn delete(&mut self, object: &Object) {
        self.client().delete(&object.key(), &DeleteOptions::default()).expect("it is there");
    }

    /// Lets a Node say that it has `many` CPUs, which is no amount.
    pub(crate) fn misstate(&mut self, node: &str) {
        let many = [("cpu".to_owned(), Quantity("many".to_owned()))];
        let write =
            self.client().update_node_status(node, |status| status.capacity = Some(many.into()));
        write.expect("it is there");
    }

    /// Removes a Namespace at once, whatever is in it.
    pub(crate) fn remove(&mut self, namespace: &Object) {
        self.delete(namespace);
        self.client().finalize_namespace(namespace.name()).expect("it is there");
    }

    /// Shows a change of one field that was never written; the version after it.
    pub(crate) fn forge(&mut self, object: &Arc<Object>, pointer: &str, to: Value) -> Arc<Object> {
        let after = read(object.kind(), &with(object.to_value(), pointer, to));
        let after = Arc::new(Object { revision: object.revision + 1, ..after });
        self.forged.push(Change {
            revision: after.revision,
            time: self.now,
            key: object.key(),
            before: Some(Arc::clone(object)),
            after: Some(Arc::clone(&after)),
            cause: self.cause,
        });
        after
    }

    /// Shows the creation of an object, once more and last.
    pub(crate) fn forge_creation(&mut self, object: &Arc<Object>) {
        self.forged.push(Change {
            revision: self.store.revision() + 1,
            time: self.now,
            key: object.key(),
            before: None,
            after: Some(Arc::clone(object)),
            cause: self.cause,
        });
    }

    /// Shows the removal of an object that was never removed.
    pub(crate) fn forge_removal(&mut self, object: &Arc<Object>) {
        self.forged.push(Change {
            revision: object.revision + 1,
            time: self.now,
            key: object.key(),
            before: Some(Arc::clone(object)),
            after: None,
            cause: self.cause,
        });
    }

    /// The names of the invariants that do not hold.
    pub(crate) fn broken(&self) -> Vec<&'static str> {
        let machines = || self.machines.clone();
        let world = World {
            store: &self.store,
            now: self.now,
            quiet_since: self.quiet_since,
            machines: &machines,
        };
        let changes = || self.store.log().since(0).chain(&self.forged);
        let fails = |check: &Check| match check {
            Check::Write(check) => changes().any(|change| check(&world, change).is_err()),
            Check::Rest(check) => check(&world).is_err(),
        };
        INVARIANTS.iter().filter(|one| fails(&one.check)).map(|one| one.name).collect()
    }
}

fn read(kind: Kind, value: &Value) -> Object {
    Object::from_node(kind, &Node::from_value(value)).expect("it can be read")
}

/// A value with one place changed; null takes it away.
fn with(mut value: Value, pointer: &str, to: Value) -> Value {
    let (parent, last) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    let parent = value.pointer_mut(parent).expect("the parent is there");
    match parent {
        Value::Array(items) => items[last.parse::<usize>().expect("an index")] = to,
        parent if to.is_null() => drop(parent.as_object_mut().and_then(|map| map.remove(last))),
        parent => parent[last] = to,
    }
    value
}

/// A machine that runs these Pods.
pub(crate) fn machine(node: &str, uids: &[&str]) -> Machine {
    let runs = uids.iter().map(|uid| Name::from(*uid)).collect();
    Machine { node: node.into(), reachable: true, runs }
}

/// A Pod of one container, labelled `app: a`.
pub(crate) fn pod(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "labels": { "app": "a" } },
        "spec": { "containers": [{ "name": "app", "image": "nginx:1.27" }] } })
}

/// The Pod on a node.
pub(crate) fn on(mut pod: Value, node: &str) -> Value {
    pod["spec"]["nodeName"] = node.into();
    pod
}

/// The Pod in a phase.
pub(crate) fn in_phase(mut pod: Value, phase: &str) -> Value {
    pod["status"] = json!({ "phase": phase });
    pod
}

/// The Pod with a request.
pub(crate) fn asking(mut pod: Value, cpu: &str) -> Value {
    pod["spec"]["containers"][0]["resources"] = json!({ "requests": { "cpu": cpu } });
    pod
}

/// An object that somebody controls.
pub(crate) fn owned(mut value: Value, kind: &str, name: &str, uid: &str) -> Value {
    value["metadata"]["ownerReferences"] = json!([{ "apiVersion": "apps/v1", "kind": kind,
        "name": name, "uid": uid, "controller": true }]);
    value
}

/// An object that this one controls.
pub(crate) fn child(value: Value, owner: &Object) -> Value {
    owned(value, owner.kind().info().name, owner.name(), owner.uid())
}

fn of_template(kind: &str, name: &str, spec: &Value) -> Value {
    let mut value = json!({ "apiVersion": "apps/v1", "kind": kind,
        "metadata": { "name": name, "labels": { "app": "a" } }, "spec": spec });
    value["spec"]["selector"] = json!({ "matchLabels": { "app": "a" } });
    value["spec"]["template"] =
        json!({ "metadata": { "labels": { "app": "a" } }, "spec": pod(name)["spec"] });
    value
}

/// A ReplicaSet of such Pods.
pub(crate) fn replica_set(name: &str, replicas: i64) -> Value {
    of_template("ReplicaSet", name, &json!({ "replicas": replicas }))
}

/// A Deployment of such Pods.
pub(crate) fn deployment(name: &str, replicas: i64, rolling: &Value) -> Value {
    let mut spec = json!({ "replicas": replicas });
    if !rolling.is_null() {
        spec["strategy"] = json!({ "rollingUpdate": rolling });
    }
    of_template("Deployment", name, &spec)
}

/// A StatefulSet of such Pods.
pub(crate) fn stateful_set(name: &str, replicas: i64) -> Value {
    of_template("StatefulSet", name, &json!({ "replicas": replicas, "serviceName": name }))
}

/// An autoscaler of a Deployment.
pub(crate) fn autoscaler(deployment: &str, least: i64, most: i64) -> Value {
    let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": deployment });
    json!({ "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": { "name": deployment },
        "spec": { "minReplicas": least, "maxReplicas": most, "scaleTargetRef": target } })
}

/// A Job that runs a command once.
pub(crate) fn job(name: &str, command: &str) -> Value {
    let container =
        json!({ "name": "app", "image": "busybox:1.36", "command": ["sh", "-c", command] });
    json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name },
        "spec": { "completions": 1, "parallelism": 1,
            "template": { "spec": { "restartPolicy": "Never", "containers": [container] } } } })
}

/// A DaemonSet of such Pods.
pub(crate) fn daemon_set(name: &str) -> Value {
    of_template("DaemonSet", name, &json!({}))
}

/// A Node that gives so much CPU.
pub(crate) fn node(name: &str, cpu: &str) -> Value {
    let room = json!({ "cpu": cpu, "memory": "8Gi", "pods": "110" });
    json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name },
        "status": { "capacity": room, "allocatable": room } })
}

/// An EndpointSlice of a Service with one ready endpoint.
pub(crate) fn slice(service: &str, address: &str, pod: &str) -> Value {
    json!({ "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": { "name": "a", "labels": { "kubernetes.io/service-name": service } },
        "endpoints": [{ "addresses": [address], "conditions": { "ready": true },
            "targetRef": { "kind": "Pod", "name": pod, "namespace": "default" } }] })
}
