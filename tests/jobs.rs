//! Jobs in random worlds: whatever is done to them and to their Pods, they count right and come to an end.
//!
//! Each seed is a cluster of three nodes in which Jobs of all kinds are created, changed, suspended and deleted, Pods are deleted,
//! and machines fail and return. What must always hold is checked after every step; what must hold in the end after two
//! quiet hours.

use std::collections::BTreeMap;
use std::sync::Arc;

use kobune::cluster::{Cluster, Settings};
use kobune::object::{Key, Kind, Object};
use kobune::random::Random;
use kobune::store::{DeleteOptions, Propagation};
use kobune::time::{Duration, Time};
use serde_json::{Value, json};

const TRACKING: &str = "batch.kubernetes.io/job-tracking";
const SEEDS: u64 = 20;
const NODES: [&str; 3] = ["node-1", "node-2", "node-3"];

struct World {
    seed: u64,
    cluster: Cluster,
    random: Random,
    /// The largest parallelism that each Job ever had, by uid.
    widest: BTreeMap<String, i64>,
    /// How each Job ended, by uid.
    ended: BTreeMap<String, String>,
    made: u32,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            cluster: Cluster::new(Settings { seed, nodes: 3, ..Settings::default() }),
            random: Random::new(seed).split("jobs"),
            widest: BTreeMap::new(),
            ended: BTreeMap::new(),
            made: 0,
        }
    }

    fn below(&mut self, count: usize) -> usize {
        self.random.below(count)
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn all(&self, kind: Kind) -> Vec<Arc<Object>> {
        self.cluster.store().list(kind, Some("default")).cloned().collect()
    }

    fn some(&mut self, kind: Kind) -> Option<Key> {
        let all = self.all(kind);
        let index = self.below(all.len().max(1));
        all.get(index).map(|object| object.key())
    }

    /// A Job of any kind.
    fn job(&mut self) -> Value {
        self.made += 1;
        let commands = ["true", "sleep 5", "sleep 40", "exit 1", "sleep 3; exit 42"];
        let command = commands[self.below(5)];
        let restarts = self.one_in(3);
        let mut spec = json!({
            "parallelism": 1 + self.below(4),
            "backoffLimit": self.below(3),
            "template": { "spec": {
                "restartPolicy": if restarts { "OnFailure" } else { "Never" },
                "terminationGracePeriodSeconds": 5,
                "containers": [{ "name": "main", "image": "busybox:1.36", "command": ["sh", "-c", command] }],
            } },
        });
        if self.one_in(2) {
            spec["completions"] = json!(1 + self.below(5));
            if self.one_in(2) {
                spec["completionMode"] = json!("Indexed");
                if !restarts && self.one_in(2) {
                    spec["backoffLimitPerIndex"] = json!(self.below(2));
                    spec.as_object_mut().expect("a mapping").remove("backoffLimit");
                } else if self.one_in(2) {
                    spec["successPolicy"] = json!({ "rules": [{ "succeededCount": 1 }] });
                }
            }
        }
        if self.one_in(5) {
            spec["activeDeadlineSeconds"] = json!(10 + self.below(60));
        }
        if self.one_in(5) {
            spec["ttlSecondsAfterFinished"] = json!(self.below(100));
        }
        if self.one_in(5) {
            spec["suspend"] = json!(true);
        }
        if !restarts && self.one_in(3) {
            spec["podFailurePolicy"] = json!({ "rules": [
                { "action": "FailJob", "onExitCodes": { "operator": "In", "values": [42] } },
                { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget" }] },
            ] });
        }
        let name = format!("job-{}", self.made);
        json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name, "namespace": "default" }, "spec": spec })
    }

    /// Something happens.
    fn act(&mut self) {
        match self.below(10) {
            0..4 => {
                let job = self.job();
                let made = self.cluster.act(|client| client.create_body(Kind::Job, &job).map(drop));
                made.unwrap_or_else(|error| panic!("{error}: {job}"));
            }
            4 => {
                let suspend = self.one_in(2);
                self.change(|spec| spec["suspend"] = json!(suspend));
            }
            5 => {
                let parallelism = self.below(5);
                self.change(|spec| spec["parallelism"] = json!(parallelism));
            }
            6 => {
                let grace_secs = self.one_in(2).then_some(0);
                if let Some(key) = self.some(Kind::Pod) {
                    let options = DeleteOptions { grace_secs, ..DeleteOptions::default() };
                    self.cluster.act(|client| drop(client.delete(&key, &options)));
                }
            }
            7 => {
                let all = [Propagation::Background, Propagation::Foreground, Propagation::Orphan];
                let propagation = all[self.below(3)];
                if let Some(key) = self.some(Kind::Job) {
                    let options = DeleteOptions { propagation, ..DeleteOptions::default() };
                    self.cluster.act(|client| drop(client.delete(&key, &options)));
                }
            }
            8 => {
                let node = NODES[self.below(3)];
                drop(self.cluster.power_off(node));
            }
            _ => self.power_on(),
        }
    }

    fn power_on(&mut self) {
        for node in NODES {
            drop(self.cluster.power_on(node));
        }
    }

    /// Changes the spec of some Job; refusals are fine.
    fn change(&mut self, change: impl FnOnce(&mut Value)) {
        let Some(key) = self.some(Kind::Job) else { return };
        self.cluster.act(|client| {
            let changed = client.modify(&key, |job| {
                if let Some(body) = job.body.value_mut() {
                    change(body.spec_mut());
                }
            });
            drop(changed);
        });
    }

    fn advance(&mut self, time: Duration) {
        let until = self.cluster.now() + time;
        while self.cluster.next_due().is_some_and(|due| due <= until) {
            self.cluster.step();
            self.check();
        }
        self.cluster.advance_to(until);
    }

    /// The Pods that a Job owns.
    fn pods(&self, job: &Object) -> Vec<Arc<Object>> {
        let owned = self.cluster.store().owned_by(job.uid());
        owned.filter(|object| object.kind() == Kind::Pod).cloned().collect()
    }

    fn check(&mut self) {
        for job in self.all(Kind::Job) {
            let (spec, status) = (spec(&job).clone(), status(&job));
            let number = |of: &Value, field: &str| of[field].as_i64().unwrap_or(0);
            let widest = self.widest.entry(job.uid().to_owned()).or_default();
            *widest = (*widest).max(number(&spec, "parallelism"));
            let widest = *widest;
            let active = self.pods(&job).iter().filter(|pod| is_active(pod)).count();
            let name = format!("seed {}, {}", self.seed, job.name());
            assert!(i64::try_from(active).expect("few") <= widest, "{name}: {active} Pods");
            if let Some(completions) = spec["completions"].as_i64() {
                assert!(number(&status, "succeeded") <= completions, "{name}: {status}");
            }
            assert!(number(&status, "ready") <= number(&status, "active"), "{name}: {status}");
            let end = end(&job);
            let before = self.ended.get(job.uid());
            assert!(before.is_none() || before.map(String::as_str) == end, "{name} came back");
            if let Some(end) = end {
                for field in ["active", "terminating"] {
                    assert_eq!(number(&status, field), 0, "{name}: {status}");
                }
                assert_eq!(status["uncountedTerminatedPods"], json!({}), "{name}: {status}");
                self.ended.insert(job.uid().to_owned(), end.to_owned());
            }
        }
    }

    /// After a long quiet time everything has ended that can, and nobody holds on to a Pod.
    fn check_end(&self) {
        for job in self.all(Kind::Job) {
            let spec = spec(&job);
            let runs = spec["suspend"] != json!(true) && spec["parallelism"] != json!(0);
            let (seed, name, status, end) = (self.seed, job.name(), status(&job), end(&job));
            assert!(end.is_some() || !runs, "seed {seed}, {name} goes on: {status} {spec}");
            let indexes = &status["completedIndexes"];
            if end == Some("Complete") && spec["successPolicy"].is_null() && !indexes.is_null() {
                let count = status["succeeded"].as_i64();
                assert_eq!(count, spec["completions"].as_i64(), "seed {seed}, {name}: {indexes}");
            }
        }
        for pod in self.all(Kind::Pod) {
            let owner = pod.controller().map(|owner| Key::new(Kind::Job, "default", &*owner.name));
            let job = owner.and_then(|key| self.cluster.store().get(&key).cloned());
            let counts = job.as_ref().is_some_and(|job| end(job).is_none());
            assert!(counts || !is_tracked(&pod), "seed {}, {} is held", self.seed, pod.name());
            assert!(!pod.terminating(), "seed {}, {} does not go", self.seed, pod.name());
        }
    }
}

fn spec(job: &Object) -> &Value {
    job.as_value().expect("a Job is held as a value").spec()
}

fn status(job: &Object) -> Value {
    Value::clone(&job.as_value().expect("a Job is held as a value").status)
}

/// How a Job ended.
fn end(job: &Object) -> Option<&'static str> {
    let status = status(job);
    let conditions = status["conditions"].as_array().cloned().unwrap_or_default();
    let holds =
        |of: &str| conditions.iter().any(|one| one["type"] == of && one["status"] == "True");
    assert!(!holds("Complete") || !holds("Failed"), "{} ended twice", job.name());
    ["Complete", "Failed"].into_iter().find(|of| holds(of))
}

fn is_tracked(pod: &Object) -> bool {
    pod.meta.finalizers.iter().flatten().any(|finalizer| finalizer == TRACKING)
}

fn is_active(pod: &Object) -> bool {
    let phase = pod.as_pod().and_then(|body| body.status.phase.clone()).unwrap_or_default();
    !pod.terminating() && phase != "Succeeded" && phase != "Failed"
}

#[test]
fn jobs_count_right_and_come_to_an_end() {
    let mut ended = 0;
    for seed in 0..SEEDS {
        let mut world = World::new(seed);
        world.cluster.advance_to(Time::START + Duration::from_secs(30));
        for _ in 0..25 {
            world.act();
            let secs = world.below(40);
            world.advance(Duration::from_secs(secs as u64));
        }
        world.power_on();
        world.advance(Duration::from_hours(2));
        world.check_end();
        ended += world.ended.len();
    }
    assert!(ended > 3 * usize::try_from(SEEDS).expect("few"), "hardly anything ended: {ended}");
}
