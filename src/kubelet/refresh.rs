//! Mounted ConfigMaps and Secrets follow their objects: within a minute and a half, as files, not as environment variables.
//!
//! The real kubelet looks at a Pod's volumes anew at each sync, which comes every 60 to 90 seconds
//! (`resyncInterval` of kubernetes `pkg/kubelet/kubelet.go`); here one look is planned when something mounted has
//! changed, at the moment at which that sync could be. What is mounted with a `subPath` stays as it was.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Volume;

use super::volume::under;
use super::worker::Worker;
use super::{Kubelet, Task};
use crate::object::{Key, Kind, Name};
use crate::persistent::OrdMap;
use crate::random::Random;
use crate::store::{Change, Store};
use crate::time::Duration;

/// The soonest that a change is seen.
const SOONEST: Duration = Duration::from_secs(5);
/// The latest (`resyncInterval` and half as much again).
const LATEST_MILLIS: usize = 90_000;

impl Kubelet {
    /// What a change of a ConfigMap or Secret gives this kubelet to do, and after how long.
    #[inline(never)]
    pub fn notice_source(&self, change: &Change) -> Vec<(Duration, Task)> {
        let mounting = self.workers.values().filter(|worker| worker.mounts_source(&change.key));
        let tasks = mounting.map(|worker| {
            let mut random = Random::new(change.revision).split(&worker.uid);
            let millis = u64::try_from(random.below(LATEST_MILLIS)).unwrap_or(0);
            let delay = SOONEST.max(Duration::from_millis(millis));
            (delay, Task::Refresh { uid: Name::clone(&worker.uid) })
        });
        tasks.collect()
    }
}

impl Worker {
    /// Whether a ConfigMap or Secret is mounted.
    fn mounts_source(&self, key: &Key) -> bool {
        *key.namespace == *self.pod.namespace()
            && self.spec().volumes.iter().flatten().any(|volume| names(volume, key))
    }

    /// Whether a volume takes its files from ConfigMaps or Secrets of the Pod's author.
    pub(super) fn mounts_objects(&self) -> bool {
        self.spec().volumes.iter().flatten().any(|volume| {
            volume.config_map.is_some()
                || volume.secret.is_some()
                || (volume.projected.is_some() && !volume.name.starts_with("kube-api-access-"))
        })
    }

    /// Reads the mounted ConfigMaps and Secrets anew.
    #[inline(never)]
    pub(super) fn refresh(&mut self, store: &Store) {
        for index in 0..self.runs.len() {
            let files = self.files(self.container(index), store);
            let volumes = self.spec().volumes.iter().flatten();
            let sources: Vec<&str> = volumes
                .filter(|volume| volume.empty_dir.is_none())
                .map(|volume| volume.name.as_str())
                .collect();
            let mounts = self.container(index).volume_mounts.iter().flatten();
            let folders: Vec<String> = mounts
                .filter(|mount| mount.sub_path.is_none() && sources.contains(&mount.name.as_str()))
                .map(|mount| format!("{}/", mount.mount_path.trim_end_matches('/')))
                .collect();
            if folders.is_empty() {
                continue;
            }
            self.with_process(index, |process, _| replace(process.files_mut(), &files, &folders));
        }
    }
}

/// Puts the new files of some folders in the place of the old ones.
fn replace(old: &mut OrdMap<String, Arc<str>>, new: &OrdMap<String, Arc<str>>, folders: &[String]) {
    for folder in folders {
        for path in under(old, folder) {
            old.remove(&path);
        }
        for path in under(new, folder) {
            if let Some(text) = new.get(&path) {
                old.insert(path, Arc::clone(text));
            }
        }
    }
}

/// Whether a volume takes its files from this object.
fn names(volume: &Volume, key: &Key) -> bool {
    let name = &*key.name;
    let projected = volume.projected.iter();
    let mut projected = projected.flat_map(|projected| projected.sources.iter().flatten());
    if key.kind == Kind::ConfigMap {
        volume.config_map.as_ref().is_some_and(|source| source.name == name)
            || projected
                .any(|source| source.config_map.as_ref().is_some_and(|map| map.name == name))
    } else {
        volume.secret.as_ref().is_some_and(|source| source.secret_name.as_deref() == Some(name))
            || projected
                .any(|source| source.secret.as_ref().is_some_and(|secret| secret.name == name))
    }
}
