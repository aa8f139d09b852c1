//! For tests: a store and a scheduler that sees its changes, without the rest of a cluster.

use k8s_openapi::api::core::v1::{Container, Node, Pod, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Scheduler;
use super::batch::Batch;
use super::cycle::{Ranking, rank};
use super::framework::Surroundings;
use super::pod_info::PodInfo;
use crate::object::{Key, Kind, Object, system_priority_classes};
use crate::random::Random;
use crate::store::{Actor, Because, Cause, Client, Store};
use crate::time::{Duration, Time};

pub(super) const CAUSE: Cause = Cause { actor: Actor::User, because: Because::Act(1) };

/// A store and a scheduler that sees its changes, without the rest of a cluster.
pub(super) struct World {
    pub(super) store: Store,
    pub(super) scheduler: Scheduler,
    seen: u64,
    now: Time,
}

impl World {
    pub(super) fn new() -> Self {
        let mut world = Self {
            store: crate::store::testing::store(),
            scheduler: Scheduler::new(&Random::new(1)),
            seen: 0,
            now: Time::START,
        };
        for class in system_priority_classes() {
            world.create(class);
        }
        world
    }

    pub(super) fn act<T>(&mut self, work: impl FnOnce(&mut Client<'_>) -> T) -> T {
        let result = work(&mut Client::new(&mut self.store, self.now, CAUSE));
        self.show();
        result
    }

    /// Shows the scheduler what was written.
    pub(super) fn show(&mut self) {
        for change in self.store.log().since(self.seen) {
            self.scheduler.notice(change);
        }
        self.seen = self.store.revision();
    }

    pub(super) fn create(&mut self, object: Object) {
        self.act(|client| client.create(object)).expect("the object is valid");
    }

    pub(super) fn node(&mut self, name: &str, cpu: &str) {
        let mut node = Node { metadata: meta(name, None), ..Node::default() };
        let label = ("kubernetes.io/hostname".to_owned(), name.to_owned());
        node.metadata.labels = Some([label].into());
        let list = [("cpu", cpu), ("memory", "8Gi"), ("pods", "110")];
        let list = list.map(|(name, amount)| (name.to_owned(), Quantity(amount.to_owned())));
        node.status.get_or_insert_default().allocatable = Some(list.clone().into());
        let status = node.status.clone().expect("just set");
        let value = serde_json::to_value(node).expect("a node serializes");
        self.create(decoded(Kind::Node, &value));
        self.act(|client| client.update_node_status(name, |old| *old = status)).expect("there");
    }

    pub(super) fn pod(&mut self, name: &str, cpu: &str) {
        self.pod_with(name, cpu, |_| {});
    }

    pub(super) fn pod_with(&mut self, name: &str, cpu: &str, change: impl FnOnce(&mut Pod)) {
        let mut pod = Pod { metadata: meta(name, Some("default")), ..Pod::default() };
        let requests = [("cpu".to_owned(), Quantity(cpu.to_owned()))];
        pod.spec.get_or_insert_default().containers = vec![Container {
            name: "c".to_owned(),
            image: Some("nginx".to_owned()),
            resources: Some(ResourceRequirements {
                requests: Some(requests.into()),
                ..ResourceRequirements::default()
            }),
            ..Container::default()
        }];
        change(&mut pod);
        let value = serde_json::to_value(pod).expect("a Pod serializes");
        self.create(decoded(Kind::Pod, &value));
    }

    /// Runs every cycle that is due within the next seconds.
    pub(super) fn run(&mut self, secs: u64) {
        let end = self.now + Duration::from_secs(secs);
        while let Some(due) = self.scheduler.next_due().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            let Some((pod, _)) = self.scheduler.pop(self.now) else { continue };
            let fresh = self.ranked_anew(&pod);
            let client = &mut Client::new(&mut self.store, self.now, CAUSE);
            self.scheduler.schedule(&pod, client);
            let decision = self.scheduler.decision(&pod).expect("it is kept");
            assert_eq!(decision.nodes, fresh.nodes, "what was remembered is as good as new");
            self.show();
        }
        self.now = end;
    }

    /// What a scheduler that remembers nothing about nodes finds.
    pub(super) fn ranked_anew(&self, pod: &Key) -> Ranking {
        let Scheduler { nodes, images, next_start, .. } = &self.scheduler;
        let any_rules = nodes.values().any(|node| !node.pods_with_affinity.is_empty());
        let pod = PodInfo::new(self.store.get(pod).expect("it waits"), None).expect("a Pod");
        let nominated = self.scheduler.nominated_beside(&pod);
        let around =
            Surroundings { nodes, images, any_rules, nominated: &nominated, volumes: None };
        let mut batch = Batch::new(&pod, nodes, &self.store);
        rank(&pod, around, *next_start, &mut batch)
    }

    pub(super) fn place(&self, pod: &str) -> Option<String> {
        let pod = self.store.get(&Key::new(Kind::Pod, "default", pod))?;
        pod.as_pod()?.own.node_name.as_ref().map(ToString::to_string)
    }
}

pub(super) fn decoded(kind: Kind, value: &serde_json::Value) -> Object {
    Object::from_node(kind, &crate::manifest::Node::from_value(value)).expect("it is sound")
}

pub(super) fn meta(name: &str, namespace: Option<&str>) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: namespace.map(ToOwned::to_owned),
        ..ObjectMeta::default()
    }
}
