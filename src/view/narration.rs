//! What happened, in sentences: for the live narration, the ticks of the timeline, and "skip to the next change".
//!
//! A [`Happening`] is a change that somebody who watches the harbour would notice. Heartbeats, Events, counters and
//! the many small status writes on the way are none.

use k8s_openapi::api::apps::v1::{DeploymentSpec, DeploymentStatus};

use super::picture::{Health, health_of};
use super::{Lang, Text};
use crate::controller::job::finished_by;
use crate::controller::tainteviction::TAINT_EVICTION;
use crate::object::{Body, Key, Kind, Object};
use crate::store::{Actor, Because, Change, Store};
use crate::time::Time;

/// Something worth a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The revision that made it so.
    pub revision: u64,
    /// When.
    pub time: Time,
    /// Of what.
    pub key: Key,
    /// The sentence.
    pub text: Text,
    /// What is filled in.
    pub values: Vec<String>,
    /// Whether it is bad news.
    pub grave: bool,
}

impl Happening {
    /// The sentence in a language.
    pub fn tell(&self, lang: Lang) -> String {
        let values: Vec<&str> = self.values.iter().map(String::as_str).collect();
        self.text.fill(lang, &values)
    }
}

/// What happened after a revision, oldest first.
pub fn happenings(store: &Store, since: u64) -> Vec<Happening> {
    store.log().since(since).filter_map(happening).collect()
}

/// Whether the picture could show a change at all: what "next event" stops at.
pub fn visible(change: &Change) -> bool {
    match &change.object().body {
        Body::Event(_) | Body::Lease(_) | Body::ControllerRevision(_) => false,
        Body::Node(_) => node(change).is_some(),
        _ => true,
    }
}

/// The number of the user's act that made a change, if one did directly.
pub fn act(change: &Change) -> Option<u64> {
    match change.cause.because {
        Because::Act(number) => Some(number),
        Because::Change(_) | Because::Time => None,
    }
}

fn happening(change: &Change) -> Option<Happening> {
    let (text, values, grave) = match change.key.kind {
        Kind::Pod => pod(change)?,
        Kind::Node => node(change)?,
        Kind::Deployment => deployment(change)?,
        Kind::Job => job(change)?,
        Kind::EndpointSlice => endpoints(change)?,
        Kind::CronJob
        | Kind::DaemonSet
        | Kind::Service
        | Kind::ConfigMap
        | Kind::Secret
        | Kind::Namespace => thing(change)?,
        _ => return None,
    };
    Some(Happening {
        revision: change.revision,
        time: change.time,
        key: change.key.clone(),
        text,
        values,
        grave,
    })
}

type Sentence = (Text, Vec<String>, bool);

fn pod(change: &Change) -> Option<Sentence> {
    let name = change.key.name.to_string();
    let Some(after) = change.after.as_deref() else {
        return Some((Text::PodGone, vec![name], false));
    };
    let Some(before) = change.before.as_deref() else {
        return Some((Text::PodCreated, vec![name], false));
    };
    let (was, is) = (health_of(before)?, health_of(after)?);
    let node = || node_name(after).to_owned();
    if node_name(before).is_empty() && !node_name(after).is_empty() {
        return Some((Text::PodPlaced, vec![name, node()], false));
    }
    if was.health == is.health {
        let refused = was.waiting.is_none() && is.waiting.is_some();
        let again = is.health == Health::Crashing && is.restarts > was.restarts;
        return if refused {
            Some((Text::PodUnschedulable, vec![name], true))
        } else if again {
            Some((Text::PodCrashed, vec![name, is.restarts.to_string()], true))
        } else {
            None
        };
    }
    match is.health {
        Health::Ready => Some((Text::PodBecameReady, vec![name, node()], false)),
        Health::Crashing => Some((Text::PodCrashed, vec![name, is.restarts.to_string()], true)),
        Health::Stuck => Some((Text::PodStuck, vec![name, is.status], true)),
        Health::Terminating if evicted(change) => {
            Some((Text::PodEvicted, vec![name, node()], true))
        }
        Health::Terminating => Some((Text::PodTerminating, vec![name], false)),
        Health::Done => Some((Text::PodDone, vec![name], false)),
        Health::Failed => Some((Text::PodFailed, vec![name], true)),
        Health::Unready if was.health == Health::Ready => {
            Some((Text::PodLostReady, vec![name], true))
        }
        Health::Queued | Health::Starting | Health::Unready => None,
    }
}

fn node(change: &Change) -> Option<Sentence> {
    let name = change.key.name.to_string();
    let Some(after) = change.after.as_deref() else {
        return Some((Text::NodeGone, vec![name], true));
    };
    let Some(before) = change.before.as_deref() else {
        return Some((Text::NodeJoined, vec![name], false));
    };
    match (node_ready(before), node_ready(after)) {
        (false, true) => Some((Text::NodeBecameReady, vec![name], false)),
        (true, false) => Some((Text::NodeLost, vec![name], true)),
        (true, true) | (false, false) => match (schedulable(before), schedulable(after)) {
            (true, false) => Some((Text::NodeCordoned, vec![name], false)),
            (false, true) => Some((Text::NodeUncordoned, vec![name], false)),
            (true, true) | (false, false) => None,
        },
    }
}

/// Whether a Pod is told to go because of its node's taints.
fn evicted(change: &Change) -> bool {
    change.cause.actor == Actor::Component(TAINT_EVICTION.name)
}

fn schedulable(object: &Object) -> bool {
    object.as_node().is_some_and(|node| node.spec.unschedulable != Some(true))
}

/// A Service lost its last ready Pod, or has its first one again.
fn endpoints(change: &Change) -> Option<Sentence> {
    let count = |object: &Object| {
        let Body::EndpointSlice(slice) = &object.body else { return 0 };
        let ready = slice.endpoints.iter().flatten().filter(|endpoint| {
            endpoint.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(true)
        });
        ready.count()
    };
    let (before, after) = (change.before.as_deref()?, change.after.as_deref()?);
    let service = after.label("kubernetes.io/service-name")?.to_owned();
    match (count(before), count(after)) {
        (0, 0) => None,
        (_, 0) => Some((Text::ServiceSilent, vec![service], true)),
        (0, _) => Some((Text::ServiceAnswers, vec![service], false)),
        _ => None,
    }
}

fn job(change: &Change) -> Option<Sentence> {
    let (Some(before), Some(after)) = (change.before.as_deref(), change.after.as_deref()) else {
        return thing(change);
    };
    let name = vec![change.key.name.to_string()];
    match (finished_by(before), finished_by(after)?) {
        (Some(_), _) => None,
        (None, (end, _)) if end == "Complete" => Some((Text::JobDone, name, false)),
        (None, _) => Some((Text::JobFailed, name, true)),
    }
}

fn deployment(change: &Change) -> Option<Sentence> {
    let name = change.key.name.to_string();
    let (Some(before), Some(after)) = (change.before.as_deref(), change.after.as_deref()) else {
        return thing(change);
    };
    let (Body::Deployment(was), Body::Deployment(is)) = (&before.body, &after.body) else {
        return None;
    };
    let wanted = is.spec.replicas.unwrap_or(1);
    if was.spec.replicas != is.spec.replicas {
        return Some((Text::DeploymentScaled, vec![name, wanted.to_string()], false));
    }
    if was.spec.paused != is.spec.paused {
        let held = is.spec.paused == Some(true);
        let text = if held { Text::RolloutHeld } else { Text::RolloutGoesOn };
        return Some((text, vec![name], false));
    }
    if was.spec.template != is.spec.template {
        return Some((Text::RolloutBegan, vec![name, image(&is.spec).to_owned()], false));
    }
    if !stalled(&was.status) && stalled(&is.status) {
        return Some((Text::RolloutNoProgress, vec![name], true));
    }
    let ready = |status: &DeploymentStatus| {
        status.ready_replicas.unwrap_or(0) == wanted
            && status.updated_replicas.unwrap_or(0) == wanted
            && status.replicas.unwrap_or(0) == wanted
    };
    let now_ready = wanted > 0 && !ready(&was.status) && ready(&is.status);
    now_ready.then(|| (Text::DeploymentReady, vec![name, wanted.to_string()], false))
}

/// The image of the first container of a Deployment's Pods.
fn image(spec: &DeploymentSpec) -> &str {
    let pod = spec.template.spec.as_ref();
    let first = pod.and_then(|pod| pod.containers.first());
    first.and_then(|container| container.image.as_deref()).unwrap_or_default()
}

fn stalled(status: &DeploymentStatus) -> bool {
    let mut conditions = status.conditions.iter().flatten();
    conditions.any(|condition| condition.reason.as_deref() == Some("ProgressDeadlineExceeded"))
}

fn thing(change: &Change) -> Option<Sentence> {
    // What the cluster keeps in every namespace by itself is no news.
    if &*change.key.name == "kube-root-ca.crt" {
        return None;
    }
    let values = vec![change.key.kind.info().name.to_owned(), change.key.name.to_string()];
    match (&change.before, &change.after) {
        (None, Some(_)) => Some((Text::SomethingCreated, values, false)),
        (Some(_), None) => Some((Text::SomethingGone, values, false)),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn node_name(object: &Object) -> &str {
    if let Body::Pod(pod) = &object.body {
        pod.own.node_name.as_deref().unwrap_or_default()
    } else {
        ""
    }
}

fn node_ready(object: &Object) -> bool {
    let Body::Node(node) = &object.body else { return false };
    let mut conditions = node.status.conditions.iter().flatten();
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Cluster, Settings};
    use crate::object::PodBody;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    #[test]
    fn heartbeats_are_no_news() {
        let mut cluster = Cluster::new(Settings::default());
        cluster.advance_to(cluster.now() + crate::time::Duration::from_secs(90));
        let seen = cluster.store().revision();
        cluster.advance_to(cluster.now() + crate::time::Duration::from_mins(10));
        assert_eq!(happenings(cluster.store(), seen), []);
        assert!(cluster.store().log().since(seen).all(|change| !visible(change)));
    }

    #[test]
    fn a_pods_life_is_told() {
        let change = |before: Option<PodBody>, after: Option<PodBody>| {
            let object = |body| {
                let name = Some("web-1".to_owned());
                Object::new(ObjectMeta { name, ..ObjectMeta::default() }, Body::Pod(body)).into()
            };
            Change {
                revision: 1,
                time: Time::START,
                key: Key::new(Kind::Pod, "default", "web-1"),
                before: before.map(object),
                after: after.map(object),
                cause: crate::store::Cause { actor: Actor::User, because: Because::Time },
            }
        };
        let fresh = PodBody::default();
        let mut placed = fresh.clone();
        placed.own.node_name = Some("node-1".into());
        let tell = |change: &Change| happening(change).map(|news| news.tell(Lang::En));
        assert_eq!(
            tell(&change(None, Some(fresh.clone()))).as_deref(),
            Some("Pod web-1 was created.")
        );
        assert_eq!(
            tell(&change(Some(fresh), Some(placed.clone()))).as_deref(),
            Some("Pod web-1 was placed on node-1.")
        );
        assert_eq!(tell(&change(Some(placed.clone()), Some(placed.clone()))), None);
        assert_eq!(tell(&change(Some(placed), None)).as_deref(), Some("Pod web-1 is gone."));
    }
}
