//! Volumes: a Pod waits until its ConfigMaps and Secrets can be mounted.
//!
//! Models kubernetes `pkg/kubelet/volumemanager` (tries again after 500 ms, doubling up to 2 min 2 s; a sync gives up
//! after 2 min 3 s) and the ConfigMap, Secret and projected plugins of `pkg/volume`.
//!
//! *Differs:* Pods that share a folder on a node's disk see what others wrote when they start; a volume that is not on a
//! node's disk has other contents on each node.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{Container, KeyToPath, Volume, VolumeMount};

use super::sync::VOLUME_ERROR;
use super::worker::{Run, Step, Trouble, Worker};
use super::{Host, World};
use crate::engine::{Logs, Process};
use crate::object::{Key, Kind};
use crate::order;
use crate::persistent::OrdMap;
use crate::store::{EventType, Store};
use crate::time::{Duration, Time};

/// A worker's wait for its volumes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mounting {
    pub(super) began: Time,
    pub(super) next_try: Time,
    /// Whether everything is mounted, and only the worker has yet to ask.
    pub(super) done: bool,
}

impl Mounting {
    /// When something is done next: a try, or the end of all tries.
    pub(super) fn due(&self) -> Time {
        self.next_try.min(self.began + GIVE_UP)
    }

    /// The first time from now on at which the worker asks whether everything is mounted.
    fn poll(&self, now: Time) -> Time {
        let polls = (now - self.began).as_nanos().div_ceil(POLL.as_nanos());
        self.began + POLL.saturating_mul(u32::try_from(polls).unwrap_or(u32::MAX))
    }
}

/// From one round of the reconciler to the next (`reconcilerLoopSleepPeriod`).
const FIRST_TRY: Duration = Duration::from_millis(100);
/// How often the worker asks whether everything is mounted (`podAttachAndMountRetryInterval`).
const POLL: Duration = Duration::from_millis(300);
/// `podAttachAndMountTimeout`.
const GIVE_UP: Duration = Duration::from_secs(123);
/// `initialDurationBeforeRetry` and `maxDurationBeforeRetry` of `pkg/util/goroutinemap/exponentialbackoff`.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(122);
static EMPTY: BTreeMap<String, String> = BTreeMap::new();

impl Worker {
    /// Begins to wait for volumes.
    pub(super) fn begin_mount(&mut self, world: &World<'_>) {
        let began = world.now();
        let done = self.mount_failures(world.client.store()).is_empty();
        let next_try = began + if done { POLL } else { FIRST_TRY };
        self.step = Step::Mounting(Mounting { began, next_try, done });
    }

    /// The volumes that cannot be mounted now, and why.
    fn mount_failures(&self, store: &Store) -> Vec<(String, String)> {
        let volumes = self.spec().volumes.iter().flatten();
        let failed = volumes.filter_map(|volume| {
            let error = self.mount(store, volume, None).err()?;
            Some((self.volume_name(volume), error))
        });
        failed.collect()
    }

    /// Tries to mount everything.
    pub(super) fn try_mount(&mut self, host: &mut Host, world: &mut World<'_>) {
        let Step::Mounting(mounting) = &self.step else { return };
        let now = world.now();
        let mut mounting = mounting.clone();
        let mut failed = Vec::new();
        if !mounting.done {
            failed = self.mount_failures(world.client.store());
        }
        if failed.is_empty() {
            (mounting.done, mounting.next_try) = (true, mounting.poll(now));
            if mounting.next_try > now {
                self.step = Step::Mounting(mounting);
                return;
            }
            self.mounted = true;
            self.mount_tries = 0;
            self.open_folders(host, world.client.store());
            self.begin_sandbox(host, world);
            return;
        }
        if mounting.began + GIVE_UP <= now {
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

    /// A volume's name, with the token volume's own suffix.
    fn volume_name(&self, volume: &Volume) -> String {
        match (&self.body().own.token_suffix, volume.name.as_str()) {
            (Some(suffix), crate::object::TOKEN_VOLUME) => format!("{}{suffix}", volume.name),
            _ => volume.name.clone(),
        }
    }

    /// Lets a running process do something, with the `emptyDir` volumes of its Pod as they are now.
    pub(super) fn with_process<T>(
        &mut self,
        index: usize,
        act: impl FnOnce(&mut Process, &mut Logs) -> T,
    ) -> Option<T> {
        let shared = self.shared_mounts(index);
        let run = self.runs.get_mut(index)?.now.as_mut().filter(|run| run.ended.is_none())?;
        let Run { process: Some(process), logs, .. } = run else { return None };
        for mount in &shared {
            let files = process.files_mut();
            for (path, _) in picked(files, &mount.place) {
                files.remove(&[&*mount.place, &path].concat());
            }
            for (path, text) in picked(held(&self.empty_dirs, mount), &mount.within) {
                files.insert(mount.place.clone() + &path, text);
            }
        }
        let result = act(process, logs);
        self.keep_empty_dirs(index);
        Some(result)
    }

    /// Takes over what a process has changed in the `emptyDir` volumes of its Pod.
    pub(super) fn keep_empty_dirs(&mut self, index: usize) {
        let shared = self.shared_mounts(index);
        let before = self.empty_dirs.clone();
        for mount in &shared {
            let run = self.runs[index].now.as_ref();
            let Some(process) = run.and_then(|run| run.process.as_ref()) else { return };
            let (old, new) = (held(&before, mount), process.files());
            let mut changed = held(&self.empty_dirs, mount).clone();
            for (path, _) in picked(old, &mount.within) {
                if !new.contains_key(&[&*mount.place, &path].concat()) {
                    changed.remove(&[&*mount.within, &path].concat());
                }
            }
            for (path, text) in picked(new, &mount.place) {
                let within = [&*mount.within, &path].concat();
                if old.get(&within) != Some(&text) {
                    changed.insert(within, text);
                }
            }
            self.empty_dirs.insert(mount.volume.clone(), changed);
        }
    }

    /// Takes what its folders on the node's disk hold; the Pods before it on this node left it there.
    fn open_folders(&mut self, host: &Host, store: &Store) {
        let namespace = self.pod.namespace();
        let found =
            self.spec().volumes.iter().flatten().filter_map(|volume| {
                Some((volume.name.clone(), folder_of(store, namespace, volume)?))
            });
        self.on_disk = found.collect();
        for (volume, folder) in &self.on_disk.clone() {
            let held = host.disk.get(folder).cloned().unwrap_or_default();
            self.empty_dirs.insert(volume.clone(), held);
        }
    }

    /// Leaves on the node's disk what its folders there hold.
    pub(super) fn close_folders(&self, host: &mut Host) {
        for (volume, folder) in &self.on_disk {
            if let Some(held) = self.empty_dirs.get(volume) {
                host.disk.insert(folder.clone(), held.clone());
            }
        }
    }

    /// A container's mounts of folders that it may write to.
    fn shared_mounts(&self, index: usize) -> Vec<Shared> {
        let volumes = self.spec().volumes.as_deref().unwrap_or_default();
        if volumes.iter().all(|volume| volume.empty_dir.is_none()) && self.on_disk.is_empty() {
            return Vec::new();
        }
        let mounts = self.container(index).volume_mounts.iter().flatten();
        mounts.filter(|mount| self.writable(&mount.name)).map(|mount| self.shared(mount)).collect()
    }

    /// Whether a volume is a folder that containers may write to.
    fn writable(&self, name: &str) -> bool {
        let mut volumes = self.spec().volumes.iter().flatten();
        self.on_disk.contains_key(name)
            || volumes.any(|volume| volume.name == name && volume.empty_dir.is_some())
    }

    /// A mount of a folder, of a folder in it, or of a file in it, whichever stands there now.
    fn shared(&self, mount: &VolumeMount) -> Shared {
        let place = mount.mount_path.trim_end_matches('/');
        let sub_path = mount.sub_path.as_deref().unwrap_or_default().trim_matches('/');
        let held = self.empty_dirs.get(&mount.name);
        let (within, end) = match sub_path {
            "" => (String::new(), "/"),
            file if held.is_some_and(|held| held.contains_key(file)) => (file.to_owned(), ""),
            folder => (format!("{folder}/"), "/"),
        };
        Shared { volume: mount.name.clone(), within, place: format!("{place}{end}") }
    }

    /// Whether a folder is mounted; a `subPath` of a ConfigMap and the like is a file.
    pub(super) fn is_folder(&self, mount: &VolumeMount) -> bool {
        mount.sub_path.is_none()
            || self.writable(&mount.name) && self.shared(mount).place.ends_with('/')
    }

    /// The files that a container finds mounted from ConfigMaps, Secrets and shared folders.
    pub(super) fn files(&self, container: &Container, store: &Store) -> OrdMap<String, Arc<str>> {
        let mut files = OrdMap::new();
        for mount in container.volume_mounts.iter().flatten() {
            let volumes = self.spec().volumes.iter().flatten();
            let mut volumes = volumes.filter(|volume| volume.name == mount.name);
            if let Some(held) = self.empty_dirs.get(&mount.name) {
                let Shared { within, place, .. } = self.shared(mount);
                for (path, text) in picked(held, &within) {
                    files.insert(place.clone() + &path, text);
                }
            }
            let Some(Ok(contents)) = volumes.next().map(|volume| self.contents(store, volume))
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

    /// What a volume holds by path, or why it cannot be mounted.
    fn contents(&self, store: &Store, volume: &Volume) -> Result<BTreeMap<String, String>, String> {
        let mut files = BTreeMap::new();
        self.mount(store, volume, Some(&mut files))?;
        Ok(files)
    }

    /// Puts what a volume holds among `files`, or only says why it cannot be mounted.
    fn mount(
        &self,
        store: &Store,
        volume: &Volume,
        mut files: Option<&mut BTreeMap<String, String>>,
    ) -> Result<(), String> {
        let namespace = self.pod.namespace();
        if let Some(source) = &volume.config_map {
            let (name, items) = (source.name.as_str(), source.items.as_deref());
            return config_map(store, namespace, name, items, source.optional, files);
        }
        if let Some(source) = &volume.secret {
            let name = source.secret_name.as_deref().unwrap_or_default();
            return secret(store, namespace, name, source.items.as_deref(), source.optional, files);
        }
        if let (Some(source), Some(files)) = (&volume.downward_api, &mut files) {
            self.downward(source.items.as_ref(), store, files);
        }
        for source in volume.projected.iter().flat_map(|all| all.sources.iter().flatten()) {
            if let Some(source) = &source.config_map {
                let (name, items) = (source.name.as_str(), source.items.as_deref());
                let files = files.as_deref_mut();
                config_map(store, namespace, name, items, source.optional, files)?;
            }
            if let Some(source) = &source.secret {
                let (name, items) = (source.name.as_str(), source.items.as_deref());
                let files = files.as_deref_mut();
                secret(store, namespace, name, items, source.optional, files)?;
            }
            let Some(files) = &mut files else { continue };
            if let Some(source) = &source.downward_api {
                self.downward(source.items.as_ref(), store, files);
            }
            if let Some(source) = &source.service_account_token {
                files.insert(source.path.clone(), self.token(source));
            }
        }
        Ok(())
    }
}

/// A container's mount of a folder that it may write to.
struct Shared {
    volume: String,
    /// What of the volume: a folder with a slash at its end, all of it, or a file.
    within: String,
    /// Where: a folder with a slash at its end, or a file.
    place: String,
}

/// What a volume holds.
fn held<'a>(
    volumes: &'a OrdMap<String, OrdMap<String, Arc<str>>>,
    mount: &Shared,
) -> &'a OrdMap<String, Arc<str>> {
    static NOTHING: OrdMap<String, Arc<str>> = OrdMap::new();
    volumes.get(&mount.volume).unwrap_or(&NOTHING)
}

/// The files of a folder by their paths within it, or the file of that name by none.
fn picked(files: &OrdMap<String, Arc<str>>, from: &str) -> Vec<(String, Arc<str>)> {
    let folder = from.is_empty() || from.ends_with('/');
    let found = files.iter().filter_map(|(path, text)| {
        let rest = path.strip_prefix(from).filter(|rest| folder || rest.is_empty())?;
        Some((rest.to_owned(), Arc::clone(text)))
    });
    found.collect()
}

/// The paths within a folder.
pub(super) fn under(files: &OrdMap<String, Arc<str>>, folder: &str) -> Vec<String> {
    files.keys().filter(|path| path.starts_with(folder)).cloned().collect()
}

/// The folder on the node's disk that a volume is, if it is one: named by the Pod, or by the volume its claim has.
fn folder_of(store: &Store, namespace: &str, volume: &Volume) -> Option<String> {
    if let Some(host_path) = &volume.host_path {
        return Some(host_path.path.clone());
    }
    let name = &volume.persistent_volume_claim.as_ref()?.claim_name;
    let claim = store.get(&Key::new(Kind::PersistentVolumeClaim, namespace, name.as_str()))?;
    let bound = claim.as_value()?.spec()["volumeName"].as_str()?;
    let volume = store.get(&Key::cluster(Kind::PersistentVolume, bound))?;
    let spec = volume.as_value()?.spec();
    let path = spec["hostPath"]["path"].as_str().or_else(|| spec["local"]["path"].as_str());
    // What is somewhere else looks the same from every node, but here each has its own.
    Some(path.map_or_else(|| format!("/var/lib/kubelet/volumes/{bound}"), str::to_owned))
}

fn config_map(
    store: &Store,
    namespace: &str,
    name: &str,
    items: Option<&[KeyToPath]>,
    optional: Option<bool>,
    files: Option<&mut BTreeMap<String, String>>,
) -> Result<(), String> {
    let key = Key::new(Kind::ConfigMap, namespace, name);
    let optional = optional.unwrap_or(false);
    match store.get(&key).and_then(|object| object.as_config_map()) {
        Some(map) => pick(map.data.as_ref().unwrap_or(&EMPTY), items, optional, "config", files),
        None if optional => Ok(()),
        None => Err(format!("configmap \"{name}\" not found")),
    }
}

fn secret(
    store: &Store,
    namespace: &str,
    name: &str,
    items: Option<&[KeyToPath]>,
    optional: Option<bool>,
    files: Option<&mut BTreeMap<String, String>>,
) -> Result<(), String> {
    let key = Key::new(Kind::Secret, namespace, name);
    let optional = optional.unwrap_or(false);
    match store.get(&key).and_then(|object| object.as_secret()) {
        Some(secret) => {
            let data = secret.data.iter().flatten();
            let data =
                order::map(data.map(|(key, value)| (key.clone(), super::config::text_of(value))));
            pick(&data, items, optional, "secret", files)
        }
        None if optional => Ok(()),
        None => Err(format!("secret \"{name}\" not found")),
    }
}

/// All keys, or the chosen ones at their paths.
fn pick(
    data: &BTreeMap<String, String>,
    items: Option<&[KeyToPath]>,
    optional: bool,
    what: &str,
    mut files: Option<&mut BTreeMap<String, String>>,
) -> Result<(), String> {
    let mut put = |path: &String, text: &String| {
        if let Some(files) = &mut files {
            files.insert(path.clone(), text.clone());
        }
    };
    let Some(items) = items else {
        for (key, text) in data {
            put(key, text);
        }
        return Ok(());
    };
    for item in items {
        match data.get(&item.key) {
            Some(text) => put(&item.path, text),
            None if optional => {}
            None => return Err(format!("references non-existent {what} key: {}", item.key)),
        }
    }
    Ok(())
}
