//! The templates that a set of Pods had, each in a ControllerRevision.
//!
//! Models kubernetes `pkg/controller/history/controller_history.go` and what the DaemonSet and StatefulSet controllers
//! make of it (`pkg/controller/daemon/update.go`, `pkg/controller/statefulset/stateful_set_control.go`): the revision of
//! the present template has the highest number, and only so many others are kept.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::ControllerRevision;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use serde_json::{Value, json};

use super::deployment::{FNV_BASIS, FNV_PRIME, safe_encode, template_hash};
use super::owner::{claim, controller_ref};
use crate::manifest::{encode, types};
use crate::object::{Body, Kind, Object, Reason, StatusError, as_go_writes};
use crate::order;
use crate::store::{Client, DeleteOptions};

/// A set whose templates are kept.
#[derive(Debug)]
pub(super) struct Versioned<'a> {
    /// The set.
    pub(super) set: &'a Arc<Object>,
    /// What its revisions are found by.
    pub(super) selector: &'a LabelSelector,
    /// The present template.
    pub(super) template: &'a PodTemplateSpec,
    /// How often two templates had one hash.
    pub(super) collisions: Option<i32>,
    /// How many revisions beside the present one are kept.
    pub(super) limit: Option<i32>,
    /// The label in which a revision carries its hash.
    pub(super) label: &'static str,
    /// Whether the hash is over the template, not over what the revision keeps.
    pub(super) hashes_template: bool,
}

/// The revisions of a set.
#[derive(Debug)]
pub(super) struct History {
    /// That of the present template.
    pub(super) current: Arc<Object>,
    /// The others.
    pub(super) old: Vec<Arc<Object>>,
    limit: usize,
}

/// A revision's number.
pub(super) fn number(object: &Object) -> i64 {
    object.as_controller_revision().map_or(0, |body| body.revision)
}

/// What restores a template, as a revision keeps it.
fn patch(template: &PodTemplateSpec) -> Value {
    let mut template = encode(template);
    if let Some(of) = types::of_struct("core", "PodTemplateSpec") {
        as_go_writes(of, &mut template);
    }
    template["$patch"] = json!("replace");
    json!({"spec": {"template": template}})
}

/// The hash of what a revision keeps (`HashControllerRevision`): FNV-32 over its JSON as Go writes it, then over the
/// number of collisions in decimal.
fn data_hash(data: &Value, collisions: i32) -> String {
    let json = data.to_string();
    let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let bytes = json.bytes().chain(collisions.to_string().into_bytes());
    safe_encode(bytes.fold(FNV_BASIS, |hash, byte| hash.wrapping_mul(FNV_PRIME) ^ u32::from(byte)))
}

impl History {
    /// Finds the present revision or makes it, and gives it the highest number.
    pub(super) fn construct(
        client: &mut Client<'_>,
        of: &Versioned<'_>,
    ) -> Result<Self, StatusError> {
        let all = claim(client, of.set, of.selector, Kind::ControllerRevision, |_| true);
        let data = patch(of.template);
        let is_current = |object: &Arc<Object>| {
            let body = object.as_controller_revision();
            body.and_then(|body| body.data.as_ref()).is_some_and(|kept| kept.0 == data)
        };
        let (same, old): (Vec<_>, Vec<_>) = all.into_iter().partition(is_current);
        let next = old.iter().map(|object| number(object)).max().unwrap_or(0) + 1;
        let newest = same.into_iter().max_by_key(|object| number(object));
        let current = match newest {
            Some(current) if number(&current) < next => {
                let mut update = Object::clone(&current);
                if let Some(body) = update.body.controller_revision_mut() {
                    Arc::make_mut(body).revision = next;
                }
                client.update(update)?
            }
            Some(current) => current,
            None => snapshot(client, of, data, next)?,
        };
        let limit = usize::try_from(of.limit.unwrap_or(10)).unwrap_or(0);
        Ok(Self { current, old, limit })
    }

    /// Deletes the oldest revisions beyond the limit that are not in use.
    pub(super) fn clean_up(
        mut self,
        client: &mut Client<'_>,
        in_use: impl Fn(&Object) -> bool,
    ) -> Result<(), StatusError> {
        order::sort_by_key(&mut self.old, |object| number(object));
        let idle: Vec<_> = self.old.iter().filter(|revision| !in_use(revision)).collect();
        let surplus = idle.len().saturating_sub(self.limit);
        for revision in idle.into_iter().take(surplus) {
            match client.delete(&revision.key(), &DeleteOptions::default()) {
                Err(refused) if refused.reason != Reason::NotFound => return Err(refused),
                _ => {}
            }
        }
        Ok(())
    }
}

fn snapshot(
    client: &mut Client<'_>,
    of: &Versioned<'_>,
    data: Value,
    number: i64,
) -> Result<Arc<Object>, StatusError> {
    let hash = if of.hashes_template {
        template_hash(of.template, of.collisions)
    } else {
        data_hash(&data, of.collisions.unwrap_or(0))
    };
    let template = of.template.metadata.as_ref();
    let mut labels = template.and_then(|meta| meta.labels.clone()).unwrap_or_default();
    labels.insert(of.label.to_owned(), hash.clone());
    let meta = ObjectMeta {
        name: Some(format!("{}-{hash}", of.set.name())),
        namespace: of.set.meta.namespace.clone(),
        labels: Some(labels),
        annotations: of.set.meta.annotations.clone(),
        owner_references: Some(vec![controller_ref(of.set)]),
        ..ObjectMeta::default()
    };
    let body = ControllerRevision {
        data: Some(RawExtension(data)),
        revision: number,
        ..ControllerRevision::default()
    };
    let made = client.create(Object::new(meta, Body::ControllerRevision(Arc::new(body))));
    if let Err(refused) = &made
        && refused.reason == Reason::AlreadyExists
    {
        // Another template has the same hash: the next try counts one collision more.
        let count = of.collisions.unwrap_or(0).saturating_add(1);
        client.update_status(&of.set.key(), |body| body.set_collision_count(count))?;
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::fill;

    #[test]
    fn a_revisions_hash_is_upstreams() {
        // As a v1.36 controller manager answered for a StatefulSet `db` of `redis:7` with defaults.
        let template: PodTemplateSpec = fill(&json!({
            "metadata": {"labels": {"app": "db"}},
            "spec": {
                "containers": [{
                    "image": "redis:7", "imagePullPolicy": "IfNotPresent", "name": "db",
                    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                }],
                "dnsPolicy": "ClusterFirst", "restartPolicy": "Always",
                "schedulerName": "default-scheduler", "securityContext": {},
                "terminationGracePeriodSeconds": 30,
            },
        }));
        assert_eq!(data_hash(&patch(&template), 0), "5c64cddf9");
        assert_ne!(data_hash(&patch(&template), 1), "5c64cddf9");
    }
}
