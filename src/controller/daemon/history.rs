//! The templates that a DaemonSet had, each in a ControllerRevision.
//!
//! Models kubernetes `pkg/controller/daemon/update.go` (`constructHistory`, `snapshot`, `cleanupHistory`, `getPatch`).

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSetSpec, DaemonSetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use serde_json::{Value, json};

use super::Daemons;
use crate::controller::deployment::template_hash;
use crate::controller::owner::{claim, controller_ref};
use crate::object::{Body, Kind, Object, Reason, StatusError};
use crate::order;
use crate::store::{Client, DeleteOptions};

/// The label that carries the template's hash (`DefaultDaemonSetUniqueLabelKey`).
pub(super) const HASH_LABEL: &str = "controller-revision-hash";
/// The label that carries the template's generation.
pub(super) const GENERATION_LABEL: &str = "pod-template-generation";

/// The revisions of a set.
pub(super) struct History {
    current: Arc<Object>,
    old: Vec<Arc<Object>>,
    limit: usize,
}

fn revision(object: &Object) -> i64 {
    object.as_controller_revision().map_or(0, |body| body.revision)
}

/// What restores a template, as a revision keeps it.
fn patch(spec: &DaemonSetSpec) -> Value {
    let mut template = serde_json::to_value(&spec.template).expect("wire structs always serialize");
    template["$patch"] = json!("replace");
    json!({"spec": {"template": template}})
}

impl History {
    /// Finds the current revision or makes it, and gives it the highest number.
    pub(super) fn construct(
        client: &mut Client<'_>,
        set: &Arc<Object>,
        spec: &DaemonSetSpec,
        status: &DaemonSetStatus,
    ) -> Result<Self, StatusError> {
        let all = claim(client, set, &spec.selector, Kind::ControllerRevision, |_| true);
        let data = patch(spec);
        let is_current = |object: &Arc<Object>| {
            let body = object.as_controller_revision();
            body.and_then(|body| body.data.as_ref()).is_some_and(|kept| kept.0 == data)
        };
        let (same, old): (Vec<_>, Vec<_>) = all.into_iter().partition(is_current);
        let next = old.iter().map(|object| revision(object)).max().unwrap_or(0) + 1;
        let newest = same.into_iter().max_by_key(|object| revision(object));
        let current = match newest {
            Some(current) if revision(&current) < next => {
                let mut update = Object::clone(&current);
                if let Some(body) = update.body.controller_revision_mut() {
                    Arc::make_mut(body).revision = next;
                }
                client.update(update)?
            }
            Some(current) => current,
            None => snapshot(client, set, spec, status, next)?,
        };
        let limit = usize::try_from(spec.revision_history_limit.unwrap_or(10)).unwrap_or(0);
        Ok(Self { current, old, limit })
    }

    /// The hash of the current template.
    pub(super) fn hash(&self) -> &str {
        self.current.label(HASH_LABEL).unwrap_or_default()
    }

    /// Deletes the oldest revisions beyond the limit that no Pod is of.
    pub(super) fn clean_up(
        mut self,
        client: &mut Client<'_>,
        daemons: &Daemons,
    ) -> Result<(), StatusError> {
        let surplus = self.old.len().saturating_sub(self.limit);
        let pods = || daemons.nodes.iter().flat_map(|node| &node.pods);
        let alive = |history: &Object| {
            let hash = history.label(HASH_LABEL);
            pods().any(|pod| pod.label(HASH_LABEL) == hash)
        };
        order::sort_by_key(&mut self.old, |object| revision(object));
        for history in self.old.iter().filter(|history| !alive(history)).take(surplus) {
            match client.delete(&history.key(), &DeleteOptions::default()) {
                Err(refused) if refused.reason != Reason::NotFound => return Err(refused),
                _ => {}
            }
        }
        Ok(())
    }
}

fn snapshot(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    spec: &DaemonSetSpec,
    status: &DaemonSetStatus,
    number: i64,
) -> Result<Arc<Object>, StatusError> {
    let hash = template_hash(&spec.template, status.collision_count);
    let template = spec.template.metadata.as_ref();
    let mut labels = template.and_then(|meta| meta.labels.clone()).unwrap_or_default();
    labels.insert(HASH_LABEL.to_owned(), hash.clone());
    let meta = ObjectMeta {
        name: Some(format!("{}-{hash}", set.name())),
        namespace: set.meta.namespace.clone(),
        labels: Some(labels),
        annotations: set.meta.annotations.clone(),
        owner_references: Some(vec![controller_ref(set)]),
        ..ObjectMeta::default()
    };
    let body = ControllerRevision {
        data: Some(RawExtension(patch(spec))),
        revision: number,
        ..ControllerRevision::default()
    };
    let made = client.create(Object::new(meta, Body::ControllerRevision(Arc::new(body))));
    if let Err(refused) = &made
        && refused.reason == Reason::AlreadyExists
    {
        // Another template has the same hash: the next try counts one collision more.
        client.update_status(&set.key(), |body| {
            if let Some(body) = body.daemon_set_mut() {
                let count = body.status.collision_count.unwrap_or(0).saturating_add(1);
                Arc::make_mut(&mut body.status).collision_count = Some(count);
            }
        })?;
    }
    made
}
