//! `VolumeBinding`: a Pod goes where its volumes are, or can be.
//!
//! What a Pod's claims need is found out before nodes are tried ([`PodVolumes`]): claims that are bound tie it to the nodes
//! from which their volumes can be reached; those that wait for their first Pod need a free volume within reach, or a
//! provisioner. The node chosen, their volumes are reserved or asked for, and the Pod waits, nominated to its node,
//! until they are bound. Models kubernetes `plugins/volumebinding/{volume_binding,binder}.go`. *Differs:* no capacities
//! of storage; whoever waits is not given up after ten minutes.

use std::sync::Arc;

use crate::object::{
    BIND_COMPLETED, Key, Kind, Name, Object, SELECTED_NODE, best_volume, is_reachable, reserve,
    storage_class, waits_for_consumer,
};
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, Plugin, PreFilter, Refusal};
use crate::store::{Client, Store};

/// The plugin's line in the list.
pub(super) const VOLUME_BINDING: Plugin =
    Plugin { pre_filter: Some(pre_filter), filter: Some(filter), ..Plugin::named(NAME) };

/// The plugin's name, by which Pods that it refused are found.
pub const NAME: &str = "VolumeBinding";

/// The provisioner of classes whose volumes somebody makes by hand.
const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// What the claims of a Pod ask for.
#[derive(Clone, Debug, Default)]
pub struct PodVolumes<'a> {
    /// All its claims.
    claims: Vec<&'a Arc<Object>>,
    /// The volumes of claims that are bound; none where a volume is gone.
    bound: Vec<Option<&'a Arc<Object>>>,
    /// Claims that wait for their first Pod.
    waiting: Vec<&'a Arc<Object>>,
    store: Option<&'a Store>,
}

impl<'a> PodVolumes<'a> {
    /// What a Pod's claims ask for. The error says why no node can do.
    pub fn of(store: &'a Store, pod: &Object) -> Result<Self, String> {
        let mut all = Self { store: Some(store), ..Self::default() };
        for key in claim_keys(pod) {
            let Some(claim) = store.get(&key) else {
                return Err(format!("persistentvolumeclaim {:?} not found", &*key.name));
            };
            all.claims.push(claim);
            all.add(store, claim)?;
        }
        Ok(all)
    }

    /// The claims.
    pub(super) fn claims(&self) -> impl Iterator<Item = &'a Arc<Object>> {
        self.claims.iter().copied()
    }

    /// The volumes of claims that are bound.
    pub(super) fn bound(&self) -> impl Iterator<Item = &'a Arc<Object>> {
        self.bound.iter().copied().flatten()
    }

    /// Where it was looked.
    pub(super) fn store(&self) -> Option<&'a Store> {
        self.store
    }

    fn add(&mut self, store: &'a Store, claim: &'a Arc<Object>) -> Result<(), String> {
        let Some(body) = claim.as_value() else { return Ok(()) };
        if body.status["phase"] == "Lost" {
            let reason = format!("bound to non-existent persistentvolume {}", volume_name(claim));
            return Err(format!("persistentvolumeclaim {:?} {reason}", claim.name()));
        }
        if claim.terminating() {
            return Err(format!("persistentvolumeclaim {:?} is being deleted", claim.name()));
        }
        if is_bound(claim) {
            self.bound.push(volume_of(store, claim));
            return Ok(());
        }
        let class = Key::cluster(Kind::StorageClass, storage_class(claim));
        let delayed = store.get(&class).is_some_and(|class| waits_for_consumer(class));
        if !delayed || !volume_name(claim).is_empty() {
            return Err("pod has unbound immediate PersistentVolumeClaims".to_owned());
        }
        self.waiting.push(claim);
        Ok(())
    }

    /// Whether there is nothing to look for.
    fn is_empty(&self) -> bool {
        self.bound.is_empty() && self.waiting.is_empty()
    }

    /// Whether there are claims that wait for their first Pod.
    pub fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Why the Pod cannot go to a node (`FindPodVolumes`).
    fn conflict(&self, node: &Object) -> Option<&'static str> {
        for volume in &self.bound {
            let Some(body) = volume.and_then(|volume| volume.as_value()) else {
                return Some(
                    "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
                );
            };
            if !is_reachable(body, node) {
                return Some("node(s) didn't match PersistentVolume's node affinity");
            }
        }
        self.choose(node)
            .is_none()
            .then_some("node(s) didn't find available persistent volumes to bind")
    }

    /// For each waiting claim the volume it would get on a node, or none where one would be made. None if one of them
    /// cannot be had.
    fn choose(&self, node: &Object) -> Option<Vec<Option<&'a Arc<Object>>>> {
        let Some(store) = self.store else { return Some(Vec::new()) };
        let mut chosen: Vec<Option<&Arc<Object>>> = Vec::new();
        for claim in &self.waiting {
            let selected = claim.annotation(SELECTED_NODE);
            let free = store.list(Kind::PersistentVolume, None).filter(|volume| {
                !chosen.iter().flatten().any(|taken| taken.name() == volume.name())
            });
            let found = match selected {
                None => best_volume(claim, free, Some(node), true),
                Some(_) => None,
            };
            let elsewhere = selected.is_some_and(|selected| selected != node.name());
            if found.is_none() && (elsewhere || !can_provision(store, claim)) {
                return None;
            }
            chosen.push(found);
        }
        Some(chosen)
    }

    /// What is to be written so that the waiting claims are bound for a node: the volume to reserve for each, or none
    /// where one is to be made.
    pub fn plan(&self, node: &Name) -> Vec<(Arc<Object>, Option<Arc<Object>>)> {
        let key = Key::cluster(Kind::Node, Name::clone(node));
        let Some(node) = self.store.and_then(|store| store.get(&key)) else { return Vec::new() };
        let chosen = self.choose(node).unwrap_or_default();
        let claims = self.waiting.iter().map(|claim| Arc::clone(claim));
        claims.zip(chosen.into_iter().map(|volume| volume.map(Arc::clone))).collect()
    }
}

/// Carries out a plan (`BindPodVolumes`). A refused write is tried again in the next cycle.
#[inline(never)]
pub fn carry_out(
    client: &mut Client<'_>,
    node: &Name,
    plan: &[(Arc<Object>, Option<Arc<Object>>)],
) {
    for (claim, volume) in plan {
        if let Some(volume) = volume {
            drop(client.modify(&volume.key(), |volume| reserve(volume, claim)));
        } else if claim.annotation(SELECTED_NODE).is_none() {
            drop(client.modify(&claim.key(), |claim| {
                let annotations =
                    Arc::make_mut(&mut claim.meta).annotations.get_or_insert_default();
                annotations.insert(SELECTED_NODE.to_owned(), node.to_string());
            }));
        }
    }
}

fn volume_name(claim: &Object) -> &str {
    claim.as_value().and_then(|body| body.spec()["volumeName"].as_str()).unwrap_or_default()
}

/// Whether a claim has its volume for good.
fn is_bound(claim: &Object) -> bool {
    claim.annotation(BIND_COMPLETED).is_some() && !volume_name(claim).is_empty()
}

fn claim_keys(pod: &Object) -> impl Iterator<Item = Key> {
    let volumes = pod.as_pod().and_then(|body| body.shared.volumes.as_ref());
    volumes.into_iter().flatten().filter_map(|volume| {
        let source = volume.persistent_volume_claim.as_ref()?;
        Some(Key::new(Kind::PersistentVolumeClaim, pod.namespace(), source.claim_name.as_str()))
    })
}

/// The claims of a Pod, of those that exist.
pub(super) fn claims_of<'a>(
    store: &'a Store,
    pod: &Object,
) -> impl Iterator<Item = &'a Arc<Object>> {
    claim_keys(pod).filter_map(|key| store.get(&key))
}

/// The volume that a claim is bound to.
pub(super) fn volume_of<'a>(store: &'a Store, claim: &Object) -> Option<&'a Arc<Object>> {
    let name = Some(volume_name(claim)).filter(|_| is_bound(claim))?;
    store.get(&Key::cluster(Kind::PersistentVolume, name))
}

/// Who makes volumes of a claim's class.
pub(super) fn storage_provisioner<'a>(store: &'a Store, claim: &Object) -> Option<&'a str> {
    let class = store.get(&Key::cluster(Kind::StorageClass, storage_class(claim)))?;
    class.as_value()?.field("provisioner").as_str()
}

/// Whether somebody makes volumes of a claim's class.
fn can_provision(store: &Store, claim: &Object) -> bool {
    storage_provisioner(store, claim).is_some_and(|provisioner| provisioner != NO_PROVISIONER)
}

fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    match cycle.around.volumes {
        Some(volumes) if !volumes.is_empty() => PreFilter::Ready,
        Some(_) | None => PreFilter::Skip,
    }
}

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    let volumes = cycle.around.volumes;
    let conflict = volumes.and_then(|volumes| volumes.conflict(node.object()));
    conflict.map_or(Ok(()), |reason| Err(Refusal::unresolvable(reason)))
}
