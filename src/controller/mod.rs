//! The controllers: each compares what is wanted with what is, and writes the next safe step.
//!
//! A controller is a value in [`CONTROLLERS`]: which changes concern it, and how it reconciles one key. It holds no
//! state of its own but what it keeps for a key (`Client::keep`, `Client::notes`): it reads the store, writes through its client, and says when
//! to be asked again. Controllers never call one another; they meet in the store. Models kubernetes `pkg/controller` and client-go's work queue.

pub mod cronjob;
pub mod daemon;
pub mod definition;
pub mod deployment;
pub mod disruption;
pub mod endpoints;
pub mod endpointslice;
pub mod endpointslicemirroring;
pub mod garbagecollector;
mod history;
pub mod job;
pub mod loadbalancer;
pub mod namespace;
pub mod nodelifecycle;
pub mod owner;
pub mod podautoscaler;
pub mod podgc;
pub mod pods;
pub mod replicaset;
pub mod resourcequota;
pub mod serviceaccount;
pub mod statefulset;
pub mod tainteviction;
pub mod ttlafterfinished;
pub mod volume;

use crate::object::Key;
use crate::store::{Change, Client, Rate, Store};
use crate::time::{Duration, Time};

/// What a controller is.
#[derive(Copy, Clone, Debug)]
pub struct Controller {
    /// Upstream's name, which Events carry as their source: `deployment-controller`.
    pub name: &'static str,
    /// Which of this controller's keys a change makes due. Must be cheap: it is asked about every change.
    pub keys: fn(&Change, &Store) -> Vec<Key>,
    /// Does the next safe thing for a key and stops; running it again is harmless.
    pub reconcile: fn(&mut Client<'_>, &Key) -> Requeue,
    /// Whether it stands for a part of a cloud, which the reference world lacks.
    pub cloud: bool,
}

impl Controller {
    /// How often it may call the API server: each has a client of its own with kube-controller-manager's
    /// `--kube-api-qps` and `--kube-api-burst`, but for the two that multiply them (`app/core.go`).
    pub fn rate(&self) -> Rate {
        let (qps, burst) = match self.name {
            "garbage-collector-controller" => (2, 1),
            "namespace-controller" => (20, 100),
            _ => (1, 1),
        };
        Rate { per_second: 20 * qps, burst: 30 * burst }
    }

    /// How long what a change makes due may wait for more of its kind.
    pub fn batch(&self, change: &Change, key: &Key) -> Duration {
        match self.name {
            "job-controller" => job::batch(change, key),
            "horizontal-pod-autoscaler" => podautoscaler::SYNC_PERIOD,
            "node-controller" => nodelifecycle::TAINTING,
            _ => Duration::ZERO,
        }
    }

    /// Whether it goes by the metrics of the Pods in its key's namespace.
    pub fn measures(&self) -> bool {
        self.name == podautoscaler::HORIZONTAL.name
    }

    /// The first delay after a refused write, and the longest; each further refusal doubles it.
    pub fn back_off(&self) -> (Duration, Duration) {
        match self.name {
            "job-controller" => (Duration::from_secs(1), Duration::from_mins(1)),
            // `workqueue.DefaultTypedControllerRateLimiter`
            _ => (Duration::from_millis(5), Duration::from_secs(1000)),
        }
    }
}

/// When a controller wants to be asked about a key again, changes aside.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Requeue {
    /// Only when something changes.
    No,
    /// After this long.
    After(Duration),
    /// With growing delay, because a write was refused (client-go's 5 ms to 1000 s exponential back-off).
    BackOff,
    /// As soon as it may call again: it stopped in the middle of its work ([`Client::may_call`]).
    Throttled,
    /// When the calls that it made have been answered: the next batch of many that belong together ([`Client::turn`]).
    NextBatch,
}

/// Every controller.
pub static CONTROLLERS: &[Controller] = &[
    deployment::DEPLOYMENT,
    replicaset::REPLICASET,
    replicaset::REPLICATION_CONTROLLER,
    daemon::DAEMON_SET,
    statefulset::STATEFUL_SET,
    endpointslice::ENDPOINT_SLICE,
    endpointslicemirroring::ENDPOINT_SLICE_MIRRORING,
    endpoints::ENDPOINTS,
    garbagecollector::GARBAGE_COLLECTOR,
    namespace::NAMESPACE,
    serviceaccount::SERVICE_ACCOUNT,
    serviceaccount::ROOT_CA,
    nodelifecycle::NODE_LIFECYCLE,
    tainteviction::TAINT_EVICTION,
    podautoscaler::HORIZONTAL,
    podgc::POD_GC,
    volume::binder::BINDER,
    volume::protection::CLAIM_PROTECTION,
    volume::protection::VOLUME_PROTECTION,
    volume::provisioner::PROVISION,
    loadbalancer::LOAD_BALANCER,
    job::JOB,
    cronjob::CRON_JOB,
    ttlafterfinished::TTL_AFTER_FINISHED,
    resourcequota::RESOURCE_QUOTA,
    disruption::DISRUPTION,
    definition::DEFINITION,
];

/// How long it is until the next multiple of a period since the epoch; `None` at one: what upstream does in rounds is
/// done at these moments.
pub(crate) fn until_round(now: Time, period: Duration) -> Option<Duration> {
    let micros = u64::try_from(now.micros()).unwrap_or(0);
    let period = u64::try_from(period.as_micros()).unwrap_or(u64::MAX).max(1);
    let into = micros % period;
    (into > 0).then(|| Duration::from_micros(period - into))
}

/// A count as the wire carries it where zero is left out.
pub(crate) fn nonzero(count: i32) -> Option<i32> {
    (count != 0).then_some(count)
}
