//! What one reconcile of a Deployment knows: the Deployment, its ReplicaSets, which of them is new.
//!
//! Models kubernetes `pkg/controller/deployment/sync.go` (`getAllReplicaSetsAndSyncRevision`, `getNewReplicaSet`).

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{
    DeploymentSpec, DeploymentStatus, ReplicaSetSpec, ReplicaSetStatus,
};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::annotations::{
    note_replicas, revision, same_template, template_hash, update, with_hash,
};
use super::bounds::Bounds;
use super::status;
use crate::controller::owner::{claim, controller_ref, is_controlled_by};
use crate::object::{Body, Kind, Object, Reason, Split, StatusError};
use crate::order;
use crate::store::{Client, EventType};

/// A ReplicaSet, with what is asked about it at hand.
#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) object: Arc<Object>,
    pub(super) spec: Arc<ReplicaSetSpec>,
    pub(super) status: Arc<ReplicaSetStatus>,
}

impl Set {
    fn new(object: &Arc<Object>) -> Option<Self> {
        let Body::ReplicaSet(body) = &object.body else { return None };
        let (spec, status) = (Arc::clone(&body.spec), Arc::clone(&body.status));
        Some(Self { object: Arc::clone(object), spec, status })
    }

    /// How many Pods it is told to have.
    pub(super) fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(1)
    }

    pub(super) fn available(&self) -> i32 {
        self.status.available_replicas.unwrap_or(0)
    }

    pub(super) fn name(&self) -> &str {
        self.object.name()
    }

    pub(super) fn revision(&self) -> i64 {
        revision(self.object.meta.annotations.as_ref())
    }
}

/// One reconcile.
#[derive(Debug)]
pub(super) struct Rollout<'r, 'c> {
    pub(super) client: &'r mut Client<'c>,
    pub(super) deployment: Arc<Object>,
    pub(super) spec: Arc<DeploymentSpec>,
    pub(super) status: Arc<DeploymentStatus>,
    pub(super) bounds: Bounds,
    /// All its ReplicaSets but the new one, oldest first.
    pub(super) old: Vec<Set>,
    /// The ReplicaSet with the Deployment's template, once it is looked for and there is one.
    pub(super) new: Option<Set>,
}

impl<'r, 'c> Rollout<'r, 'c> {
    /// Claims the ReplicaSets and sorts them by age.
    pub(super) fn gather(
        client: &'r mut Client<'c>,
        deployment: &Arc<Object>,
        body: &Split<DeploymentSpec, DeploymentStatus>,
    ) -> Self {
        let sets = claim(client, deployment, &body.spec.selector, Kind::ReplicaSet, |_| true);
        let mut old: Vec<Set> = sets.iter().filter_map(Set::new).collect();
        order::sort_by(&mut old, |a, b| {
            let created =
                |set: &Set| set.object.meta.creation_timestamp.as_ref().map(|time| time.0);
            created(a).cmp(&created(b)).then_with(|| a.name().cmp(b.name()))
        });
        let new = old
            .iter()
            .position(|set| same_template(set.spec.template.as_ref(), &body.spec.template))
            .map(|index| old.remove(index));
        Self {
            client,
            deployment: Arc::clone(deployment),
            spec: Arc::clone(&body.spec),
            status: Arc::clone(&body.status),
            bounds: Bounds::of(&body.spec),
            old,
            new,
        }
    }

    /// How many Pods are wanted.
    pub(super) fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(1)
    }

    /// All ReplicaSets, the new one last.
    pub(super) fn sets(&self) -> impl Iterator<Item = &Set> {
        self.old.iter().chain(&self.new)
    }

    /// How many Pods all ReplicaSets together are told to have.
    pub(super) fn total_replicas(&self) -> i32 {
        self.sets().map(Set::replicas).sum()
    }

    /// How many Pods the new ReplicaSet, which has `current`, may have now (`NewRSNewReplicas`).
    pub(super) fn new_set_replicas(&self, current: i32) -> i32 {
        if super::recreate::is_wanted(&self.spec) {
            return self.replicas();
        }
        let (total, max) = (self.total_replicas(), self.replicas() + self.bounds.surge);
        if total >= max {
            return current;
        }
        current + (max - total).min(self.replicas() - current)
    }

    /// Brings the new ReplicaSet's annotations and the Deployment's revision up to date; creates the ReplicaSet if it
    /// is missing and `create` says so.
    pub(super) fn find_new_set(&mut self, create: bool) -> Result<(), StatusError> {
        let new_revision = self.old.iter().map(Set::revision).max().unwrap_or(0) + 1;
        match self.new.clone() {
            Some(set) => self.refresh_new_set(&set, new_revision),
            None if create => self.create_new_set(new_revision),
            None => Ok(()),
        }
    }

    fn refresh_new_set(&mut self, set: &Set, new_revision: i64) -> Result<(), StatusError> {
        let mut annotations = set.object.meta.annotations.clone().unwrap_or_default();
        update(&mut annotations, self.deployment.meta.annotations.as_ref(), new_revision);
        let ready_secs = self.spec.min_ready_seconds;
        let annotated = set.object.meta.annotations.as_ref() != Some(&annotations);
        if annotated || set.spec.min_ready_seconds.unwrap_or(0) != ready_secs.unwrap_or(0) {
            let mut next = Object::clone(&set.object);
            Arc::make_mut(&mut next.meta).annotations = Some(annotations);
            if let Body::ReplicaSet(body) = &mut next.body {
                Arc::make_mut(&mut body.spec).min_ready_seconds = ready_secs;
            }
            self.new = Set::new(&self.client.update(next)?);
            return Ok(());
        }
        self.note_revision(set.revision())?;
        if self.has_deadline() && status::condition(&self.status, "Progressing").is_none() {
            let message = format!("Found new replica set \"{}\"", set.name());
            self.progressing("True", "FoundNewReplicaSet", message)?;
        }
        Ok(())
    }

    fn create_new_set(&mut self, new_revision: i64) -> Result<(), StatusError> {
        let hash = template_hash(&self.spec.template, self.status.collision_count);
        let wanted = self.new_replica_set(&hash, new_revision);
        let replicas = wanted.as_replica_set().and_then(|body| body.spec.replicas).unwrap_or(0);
        let created = match self.client.create(wanted.clone()) {
            Ok(created) => created,
            Err(refused) if refused.reason == Reason::AlreadyExists => {
                return self.on_collision(&wanted, new_revision, refused);
            }
            Err(refused) => {
                let message =
                    format!("Failed to create new replica set \"{}\": {refused}", wanted.name());
                if self.has_deadline() {
                    self.progressing("False", "ReplicaSetCreateError", message.clone())?;
                }
                let about = Arc::clone(&self.deployment);
                self.client.record(&about, EventType::Warning, "ReplicaSetCreateError", message);
                return Err(refused);
            }
        };
        if replicas > 0 {
            let name = created.name();
            let message = format!("Scaled up replica set {name} from 0 to {replicas}");
            let about = Arc::clone(&self.deployment);
            self.client.record(&about, EventType::Normal, "ScalingReplicaSet", message);
        }
        self.note_revision(new_revision)?;
        if self.has_deadline() {
            let message = format!("Created new replica set \"{}\"", created.name());
            self.progressing("True", "NewReplicaSetCreated", message)?;
        }
        self.new = Set::new(&created);
        Ok(())
    }

    /// The name is taken: by our own set (a read was stale: take it), or by another template with the same hash, in
    /// which case the next try hashes with one collision more.
    fn on_collision(
        &mut self,
        wanted: &Object,
        new_revision: i64,
        refused: StatusError,
    ) -> Result<(), StatusError> {
        let existing = self.client.store().get(&wanted.key()).cloned();
        if let Some(set) = existing.as_ref().and_then(Set::new)
            && is_controlled_by(&set.object, &self.deployment)
            && same_template(set.spec.template.as_ref(), &self.spec.template)
        {
            self.new = Some(set);
            return self.note_revision(new_revision);
        }
        let mut status = DeploymentStatus::clone(&self.status);
        status.collision_count = Some(status.collision_count.unwrap_or(0).saturating_add(1));
        self.write_status(status)?;
        Err(refused)
    }

    fn new_replica_set(&self, hash: &str, new_revision: i64) -> Object {
        let mut template: PodTemplateSpec = self.spec.template.clone();
        let meta = template.metadata.get_or_insert_default();
        let labels = with_hash(meta.labels.as_ref(), hash);
        meta.labels = Some(labels.clone());
        let mut selector = self.spec.selector.clone();
        selector.match_labels = Some(with_hash(selector.match_labels.as_ref(), hash));
        let mut annotations = crate::object::Labels::new();
        update(&mut annotations, self.deployment.meta.annotations.as_ref(), new_revision);
        note_replicas(&mut annotations, self.replicas(), self.replicas() + self.bounds.surge);
        let meta = ObjectMeta {
            name: Some(set_name(self.deployment.name(), hash)),
            namespace: self.deployment.meta.namespace.clone(),
            labels: Some(labels),
            annotations: Some(annotations),
            owner_references: Some(vec![controller_ref(&self.deployment)]),
            ..ObjectMeta::default()
        };
        let spec = ReplicaSetSpec {
            replicas: Some(self.new_set_replicas(0)),
            min_ready_seconds: self.spec.min_ready_seconds,
            selector,
            template: Some(template),
        };
        Object::new(meta, Body::ReplicaSet(Split { spec: spec.into(), ..Split::default() }))
    }

    /// Copies the new ReplicaSet's revision to the Deployment.
    fn note_revision(&mut self, number: i64) -> Result<(), StatusError> {
        if revision(self.deployment.meta.annotations.as_ref()) == number {
            return Ok(());
        }
        let (key, number) = (self.deployment.key(), number.to_string());
        let revision = super::annotations::REVISION;
        self.deployment = self.client.annotate_with_status(&key, revision, &number)?;
        Ok(())
    }

    /// Changes how many Pods a ReplicaSet is told to have, and tells of it (`scaleReplicaSet`). Returns its new form.
    pub(super) fn scale_set(&mut self, set: &Set, replicas: i32) -> Result<Set, StatusError> {
        let before = set.replicas();
        let mut annotations = set.object.meta.annotations.clone().unwrap_or_default();
        let max = self.replicas() + self.bounds.surge;
        if !note_replicas(&mut annotations, self.replicas(), max) && before == replicas {
            return Ok(set.clone());
        }
        let mut next = Object::clone(&set.object);
        Arc::make_mut(&mut next.meta).annotations = Some(annotations);
        if let Body::ReplicaSet(body) = &mut next.body {
            Arc::make_mut(&mut body.spec).replicas = Some(replicas);
        }
        let scaled = self.client.update(next)?;
        if before != replicas {
            let way = if before < replicas { "up" } else { "down" };
            let message =
                format!("Scaled {way} replica set {} from {before} to {replicas}", set.name());
            let about = Arc::clone(&self.deployment);
            self.client.record(&about, EventType::Normal, "ScalingReplicaSet", message);
        }
        Ok(Set::new(&scaled).expect("an updated ReplicaSet is a ReplicaSet"))
    }

    /// Deletes the oldest ReplicaSets beyond the history limit that are empty (`cleanupDeployment`).
    pub(super) fn cleanup(&mut self) -> Result<(), StatusError> {
        let limit = match self.spec.revision_history_limit {
            Some(limit) if limit != i32::MAX => usize::try_from(limit).unwrap_or(0),
            _ => return Ok(()),
        };
        let mut sets: Vec<Set> =
            self.old.iter().filter(|set| !set.object.terminating()).cloned().collect();
        let surplus = sets.len().saturating_sub(limit);
        order::sort_by_key(&mut sets, Set::revision);
        for set in sets.into_iter().take(surplus) {
            let observed = set.status.observed_generation.unwrap_or(0);
            if set.status.replicas != 0
                || set.replicas() != 0
                || set.object.meta.generation.unwrap_or(0) > observed
            {
                continue;
            }
            match self.client.delete(&set.object.key(), &crate::store::DeleteOptions::default()) {
                Err(refused) if refused.reason != Reason::NotFound => return Err(refused),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether lack of progress is to be reported.
    pub(super) fn has_deadline(&self) -> bool {
        self.spec.progress_deadline_seconds.is_some_and(|secs| secs != i32::MAX)
    }
}

/// The ReplicaSet's name: the Deployment's, cut where the whole would pass 63 characters (`generateReplicaSetName`).
fn set_name(deployment: &str, hash: &str) -> String {
    let room = 63_usize.saturating_sub(hash.len() + 1);
    let base: String = deployment.chars().take(room).collect();
    format!("{base}-{hash}")
}
