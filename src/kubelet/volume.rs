//! Volumes: a Pod waits until its ConfigMaps and Secrets can be mounted.
//!
//! Models kubernetes `pkg/kubelet/volumemanager` (tries again after 500 ms, doubling up to 2 min 2 s; a sync gives up
//! after 2 min 3 s) and the ConfigMap, Secret and projected plugins of `pkg/volume`.
//!
//! *Differs:* contents do not change under a running container yet; an `emptyDir` is not shared between containers.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;
use k8s_openapi::api::core::v1::{Container, KeyToPath, Volume};

use super::sync::VOLUME_ERROR;
use super::worker::{Step, Trouble, Worker};
use super::{Host, World};
use crate::object::{Key, Kind};
use crate::store::{EventOrigin, EventType, Store};
use crate::time::{Duration, Time};

/// A worker's wait for its volumes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mounting {
    pub(super) next_try: Time,
    pub(super) give_up: Time,
}

/// How long a mount that works takes: the reconciler's loop and the wait for it.
const FIRST_TRY: Duration = Duration::from_millis(100);
/// `podAttachAndMountTimeout`.
const GIVE_UP: Duration = Duration::from_secs(123);
/// `initialDurationBeforeRetry` and `maxDurationBeforeRetry` of `pkg/util/goroutinemap/exponentialbackoff`.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(122);

impl Worker {
    /// Begins to wait for volumes.
    pub(super) fn begin_mount(&mut self, world: &World<'_>) {
        let now = world.now();
        self.step = Step::Mounting(Mounting { next_try: now + FIRST_TRY, give_up: now + GIVE_UP });
    }

    /// Tries to mount everything.
    pub(super) fn try_mount(&mut self, host: &mut Host, world: &mut World<'_>) {
        let Step::Mounting(mounting) = &self.step else { return };
        let now = world.now();
        let mut mounting = mounting.clone();
        let namespace = self.pod.namespace().to_owned();
        let volumes = self.spec().volumes.as_deref().unwrap_or_default();
        let failed: Vec<(String, String)> = volumes
            .iter()
            .filter_map(|volume| {
                let error = contents(world.client.store(), &namespace, volume).err()?;
                Some((self.volume_name(volume), error))
            })
            .collect();
        if failed.is_empty() {
            self.mounted = true;
            self.mount_tries = 0;
            self.begin_sandbox(host, world);
            return;
        }
        if mounting.give_up <= now {
            let names: Vec<&str> = failed.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!(
                "Unable to attach or mount volumes: unmounted volumes=[{}], unattached volumes=[], failed to process volumes=[]: context deadline exceeded",
                names.join(" ")
            );
            self.say(host, world, EventType::Warning, "FailedMount", message);
            self.met(Trouble::Failure);
            self.finish_sync(host, world);
            return;
        }
        for (name, error) in failed {
            let message = format!("{VOLUME_ERROR} \"{name}\" : {error}");
            self.say(host, world, EventType::Warning, "FailedMount", message);
        }
        let delay =
            RETRY_FIRST.saturating_mul(1_u32.checked_shl(self.mount_tries).unwrap_or(u32::MAX));
        self.mount_tries += 1;
        mounting.next_try = now + delay.min(RETRY_MAX);
        self.step = Step::Mounting(mounting);
    }

    /// Records an Event about the Pod as a whole.
    pub(super) fn say(
        &self,
        host: &Host,
        world: &mut World<'_>,
        event: EventType,
        reason: &str,
        message: String,
    ) {
        let origin = EventOrigin { host: &host.node, field_path: "" };
        world.client.record_from(&self.pod, origin, event, reason, message);
    }

    /// Records a normal Event about a container.
    pub(super) fn normal(
        &self,
        index: usize,
        host: &Host,
        world: &mut World<'_>,
        reason: &str,
        message: impl Into<String>,
    ) {
        self.say_of(index, host, world, EventType::Normal, reason, message.into());
    }

    /// Records a warning about a container.
    pub(super) fn warning(
        &self,
        index: usize,
        host: &Host,
        world: &mut World<'_>,
        reason: &str,
        message: impl Into<String>,
    ) {
        self.say_of(index, host, world, EventType::Warning, reason, message.into());
    }

    fn say_of(
        &self,
        index: usize,
        host: &Host,
        world: &mut World<'_>,
        event: EventType,
        reason: &str,
        message: String,
    ) {
        let field_path = self.field_path(index);
        let origin = EventOrigin { host: &host.node, field_path: &field_path };
        world.client.record_from(&self.pod, origin, event, reason, message);
    }

    /// A volume's name, with the token volume's own suffix.
    fn volume_name(&self, volume: &Volume) -> String {
        match (&self.body().own.token_suffix, volume.name.as_str()) {
            (Some(suffix), crate::object::TOKEN_VOLUME) => format!("{}{suffix}", volume.name),
            _ => volume.name.clone(),
        }
    }

    /// The files that a container finds mounted from ConfigMaps and Secrets.
    pub(super) fn files(&self, container: &Container, store: &Store) -> OrdMap<String, Arc<str>> {
        let mut files = OrdMap::new();
        for mount in container.volume_mounts.iter().flatten() {
            let volumes = self.spec().volumes.iter().flatten();
            let mut volumes = volumes.filter(|volume| volume.name == mount.name);
            let Some(Ok(contents)) =
                volumes.next().map(|volume| contents(store, self.pod.namespace(), volume))
            else {
                continue;
            };
            let folder = mount.mount_path.trim_end_matches('/');
            for (path, text) in contents {
                match &mount.sub_path {
                    Some(sub_path) if *sub_path == path => {
                        files.insert(folder.to_owned(), text.into());
                    }
                    Some(_) => {}
                    None => {
                        files.insert(format!("{folder}/{path}"), text.into());
                    }
                }
            }
        }
        files
    }
}

/// What a volume holds by path, or why it cannot be mounted.
fn contents(
    store: &Store,
    namespace: &str,
    volume: &Volume,
) -> Result<BTreeMap<String, String>, String> {
    if let Some(source) = &volume.config_map {
        let optional = source.optional.unwrap_or(false);
        return config_map(store, namespace, &source.name, source.items.as_deref(), optional);
    }
    if let Some(source) = &volume.secret {
        let name = source.secret_name.as_deref().unwrap_or_default();
        return secret(
            store,
            namespace,
            name,
            source.items.as_deref(),
            source.optional.unwrap_or(false),
        );
    }
    let mut all = BTreeMap::new();
    let sources = volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten());
    for source in sources {
        if let Some(source) = &source.config_map {
            let optional = source.optional.unwrap_or(false);
            all.extend(config_map(
                store,
                namespace,
                &source.name,
                source.items.as_deref(),
                optional,
            )?);
        }
        if let Some(source) = &source.secret {
            let optional = source.optional.unwrap_or(false);
            all.extend(secret(store, namespace, &source.name, source.items.as_deref(), optional)?);
        }
    }
    Ok(all)
}

fn config_map(
    store: &Store,
    namespace: &str,
    name: &str,
    items: Option<&[KeyToPath]>,
    optional: bool,
) -> Result<BTreeMap<String, String>, String> {
    let key = Key::new(Kind::ConfigMap, namespace, name);
    match store.get(&key).and_then(|object| object.as_config_map()) {
        Some(map) => pick(&map.data.clone().unwrap_or_default(), items, optional, "config"),
        None if optional => Ok(BTreeMap::new()),
        None => Err(format!("configmap \"{name}\" not found")),
    }
}

fn secret(
    store: &Store,
    namespace: &str,
    name: &str,
    items: Option<&[KeyToPath]>,
    optional: bool,
) -> Result<BTreeMap<String, String>, String> {
    let key = Key::new(Kind::Secret, namespace, name);
    match store.get(&key).and_then(|object| object.as_secret()) {
        Some(secret) => {
            let data = secret.data.iter().flatten();
            let data =
                data.map(|(key, value)| (key.clone(), super::config::text_of(value))).collect();
            pick(&data, items, optional, "secret")
        }
        None if optional => Ok(BTreeMap::new()),
        None => Err(format!("secret \"{name}\" not found")),
    }
}

/// All keys, or the chosen ones at their paths.
fn pick(
    data: &BTreeMap<String, String>,
    items: Option<&[KeyToPath]>,
    optional: bool,
    what: &str,
) -> Result<BTreeMap<String, String>, String> {
    let Some(items) = items else { return Ok(data.clone()) };
    let mut picked = BTreeMap::new();
    for item in items {
        match data.get(&item.key) {
            Some(text) => {
                picked.insert(item.path.clone(), text.clone());
            }
            None if optional => {}
            None => return Err(format!("references non-existent {what} key: {}", item.key)),
        }
    }
    Ok(picked)
}
