//! Images on a node: what is there, what is being pulled, who waits.
//!
//! Pulls happen one at a time in the order of asking (`serializeImagePulls`, the kubelet's default). Models kubernetes
//! `pkg/kubelet/images/puller.go`; policies, events and back-off are in `start.rs`.

use std::sync::Arc;

use crate::persistent::{OrdMap, Vector};

use super::{Task, World};
use crate::engine::{ImageConfig, ImageRef, PullError, Rules, resolve, unreachable};
use crate::object::Name;
use crate::time::{Duration, Time};

/// A pull that somebody asked for.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    uid: Name,
    container: usize,
    reference: ImageRef,
    at: Time,
}

/// A pull under way, or waiting for its turn.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Pull<'a> {
    /// The uid of the Pod that asked.
    pub pod: &'a Name,
    /// The image.
    pub image: &'a ImageRef,
    /// When it began and when it ends, if it is under way.
    pub progress: Option<(Time, Time)>,
}

/// A pull that has ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pulled {
    pub(super) uid: Name,
    pub(super) container: usize,
    pub(super) result: Result<Arc<ImageConfig>, PullError>,
    /// How long the pull took.
    pub(super) took: Duration,
    /// How long it took with the time in the queue.
    pub(super) waited: Duration,
}

/// A node's images.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Images {
    present: OrdMap<String, Arc<ImageConfig>>,
    queue: Vector<Asked>,
    /// The pull under way: when it began and when it ends.
    busy: Option<(Time, Time)>,
}

impl Images {
    /// An image that is on the node.
    pub(super) fn get(&self, reference: &ImageRef) -> Option<&Arc<ImageConfig>> {
        self.present.get(&reference.to_string())
    }

    /// The pulls, the one under way first.
    pub(super) fn pulls(&self) -> impl Iterator<Item = Pull<'_>> {
        self.queue.iter().enumerate().map(|(index, asked)| Pull {
            pod: &asked.uid,
            image: &asked.reference,
            progress: self.busy.filter(|_| index == 0),
        })
    }

    /// Pulls under way end with the machine.
    pub(super) fn forget_pulls(&mut self) {
        self.queue.clear();
        self.busy = None;
    }

    /// Asks for a pull.
    pub(super) fn pull(
        &mut self,
        uid: Name,
        container: usize,
        reference: ImageRef,
        rules: Rules,
        world: &mut World<'_>,
    ) {
        self.queue.push_back(Asked { uid, container, reference, at: world.now() });
        self.begin(rules, world);
    }

    /// Starts the next pull, if none is under way.
    fn begin(&mut self, rules: Rules, world: &mut World<'_>) {
        let (None, Some(asked)) = (self.busy, self.queue.front()) else { return };
        let duration = match resolve(rules, &asked.reference) {
            Ok(_) if self.present.contains_key(&asked.reference.to_string()) => {
                rules.registry_duration()
            }
            Ok(image) => rules.pull_duration(image.bytes),
            Err(_) => rules.registry_duration(),
        };
        let end = world.now() + duration;
        self.busy = Some((world.now(), end));
        world.at(end, Task::Pull);
    }

    /// Ends the pull under way, if it is due, and starts the next.
    pub(super) fn finish(&mut self, world: &mut World<'_>, rules: Rules) -> Option<Pulled> {
        let (began, end) = self.busy?;
        if end > world.now() {
            return None;
        }
        let asked = self.queue.pop_front()?;
        self.busy = None;
        let result = if world.connected {
            resolve(rules, &asked.reference)
        } else {
            Err(unreachable(&asked.reference))
        };
        if let Ok(image) = &result {
            self.present.insert(asked.reference.to_string(), Arc::clone(image));
        }
        self.begin(rules, world);
        Some(Pulled {
            uid: asked.uid,
            container: asked.container,
            result,
            took: world.now() - began,
            waited: world.now() - asked.at,
        })
    }
}
