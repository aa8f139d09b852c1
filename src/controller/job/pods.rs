//! The Pods of a Job: made, deleted, let go.
//!
//! Models the writing parts of kubernetes `pkg/controller/job/job_controller.go` (`manageJob`, `deleteActivePods`,
//! `deleteJobPods`) and `indexed_job_utils.go`. Calls come one after another and stop where the rate of calls does; the next
//! turn begins anew from what is there.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{Container, EnvVar, EnvVarSource, ObjectFieldSelector, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::facts::{FAILURES, IGNORED_FAILURES, INDEX, JobPod, TRACKING_FINALIZER, is_tracked};
use super::policy::{self, Failure};
use super::verdict::Facts;
use crate::controller::owner::controller_ref;
use crate::object::{Body, Key, Object, PodBody, Reason, StatusError, ValueBody};
use crate::store::{Client, DeleteOptions, EventType};

/// The environment variable that tells a Pod its index.
const INDEX_VARIABLE: &str = "JOB_COMPLETION_INDEX";
/// How long the beginning of a generated name may be (apiserver `storage/names`).
const PREFIX_LENGTH_MAX: usize = 58;

/// What came of some calls.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// How many Pods were created or deleted.
    pub(super) count: i64,
    /// How many of those that were deleted were ready.
    pub(super) ready: i64,
    /// Whether some are left because no more calls were allowed.
    pub(super) throttled: bool,
    /// The first refusal.
    pub(super) refusal: Option<StatusError>,
}

/// Creates Pods one, two, four... at a time, each for its index if it has one; a batch with a refusal is the last.
pub(super) fn create(
    client: &mut Client<'_>,
    job: &Arc<Object>,
    body: &ValueBody,
    facts: &Facts<'_>,
    wanted: &[Option<i64>],
) -> Done {
    let (mut pattern, mut done) = (pattern(job, body, facts.spec.indexed()), Done::default());
    let (mut remaining, mut batch, mut indexes) =
        (wanted.len(), wanted.len().min(1), wanted.iter());
    while batch > 0 && done.refusal.is_none() {
        for _ in 0..batch {
            if done.refusal.is_none() && !client.may_call() {
                done.throttled = true;
                return done;
            }
            let pod = match indexes.next() {
                Some(Some(index)) => of_index(&pattern, job.name(), facts, *index),
                _ => pattern.clone(),
            };
            match client.create(pod) {
                Ok(pod) => {
                    let message = format!("Created pod: {}", pod.name());
                    client.record(job, EventType::Normal, "SuccessfulCreate", message);
                    done.count += 1;
                    if let (Body::Pod(pattern), Body::Pod(made)) = (&mut pattern.body, &pod.body) {
                        pattern.shared = Arc::clone(&made.shared);
                    }
                }
                Err(error) => {
                    let message = format!("Error creating: {error}");
                    client.record(job, EventType::Warning, "FailedCreate", message);
                    done.refusal.get_or_insert(error);
                }
            }
        }
        remaining -= batch;
        batch = (2 * batch).min(remaining);
    }
    done
}

/// A Pod as the template says, with what all of the Job's have.
fn pattern(job: &Object, body: &ValueBody, indexed: bool) -> Object {
    let template = body.template().unwrap_or_default();
    let from = template.metadata.unwrap_or_default();
    let mut finalizers = from.finalizers.unwrap_or_default();
    if !finalizers.iter().any(|finalizer| finalizer == TRACKING_FINALIZER) {
        finalizers.push(TRACKING_FINALIZER.to_owned());
    }
    let meta = ObjectMeta {
        generate_name: Some(format!("{}-", job.name())),
        namespace: job.meta.namespace.clone(),
        labels: from.labels,
        annotations: from.annotations,
        finalizers: Some(finalizers),
        owner_references: Some(vec![controller_ref(job)]),
        ..ObjectMeta::default()
    };
    let mut spec = template.spec.unwrap_or_default();
    if indexed {
        let init = spec.init_containers.iter_mut().flatten();
        init.chain(&mut spec.containers).for_each(tell_index);
    }
    Object::new(meta, Body::Pod(PodBody::from_spec(spec, PodStatus::default())))
}

/// Gives a container the variable that holds its Pod's index, unless it has one of that name.
fn tell_index(container: &mut Container) {
    let variables = container.env.get_or_insert_default();
    if variables.iter().any(|variable| variable.name == INDEX_VARIABLE) {
        return;
    }
    let field_ref = ObjectFieldSelector {
        field_path: format!("metadata.labels['{INDEX}']"),
        ..ObjectFieldSelector::default()
    };
    variables.push(EnvVar {
        name: INDEX_VARIABLE.to_owned(),
        value_from: Some(EnvVarSource { field_ref: Some(field_ref), ..EnvVarSource::default() }),
        ..EnvVar::default()
    });
}

/// The Pod of an index: it has a hostname, and carries how often its index failed before.
fn of_index(pattern: &Object, job: &str, facts: &Facts<'_>, index: i64) -> Object {
    let mut pod = pattern.clone();
    let meta = Arc::make_mut(&mut pod.meta);
    let annotations = meta.annotations.get_or_insert_default();
    annotations.insert(INDEX.to_owned(), index.to_string());
    if facts.failed_indexes.is_some() {
        let replaced = facts.awaiting_replacement();
        let replaced = replaced.iter().find(|(one, _)| *one == index).map(|(_, pod)| *pod);
        let (failures, ignored) =
            replaced.map_or((0, 0), |pod| match policy::failure(facts.spec, pod) {
                Failure::Ignored => (pod.failures(), pod.ignored_failures() + 1),
                Failure::Counts | Failure::FailsIndex | Failure::FailsJob(_) => {
                    (pod.failures() + 1, pod.ignored_failures())
                }
            });
        annotations.insert(FAILURES.to_owned(), failures.to_string());
        if ignored > 0 {
            annotations.insert(IGNORED_FAILURES.to_owned(), ignored.to_string());
        }
    }
    meta.labels.get_or_insert_default().insert(INDEX.to_owned(), index.to_string());
    let suffix = format!("-{index}-");
    let whole = job.len() + suffix.len();
    let kept = if whole > PREFIX_LENGTH_MAX { PREFIX_LENGTH_MAX - suffix.len() } else { job.len() };
    let name: String = job.chars().take(kept).collect();
    meta.generate_name = Some(format!("{name}{suffix}"));
    if let Body::Pod(body) = &mut pod.body {
        body.own.hostname = Some(format!("{job}-{index}").into());
    }
    pod
}

/// Deletes Pods; those that are let go lose the finalizer first, and so are not counted as failed.
pub(super) fn delete(
    client: &mut Client<'_>,
    job: &Arc<Object>,
    pods: &[JobPod],
    let_go: bool,
) -> Done {
    let mut done = Done::default();
    for pod in pods {
        if !client.may_call() {
            done.throttled = true;
            return done;
        }
        let key = pod.0.key();
        let released = if let_go { remove_finalizer(client, &key) } else { Ok(()) };
        match released.and_then(|()| client.delete(&key, &DeleteOptions::default()).map(drop)) {
            Ok(()) => {
                let message = format!("Deleted pod: {}", key.name);
                client.record(job, EventType::Normal, "SuccessfulDelete", message);
            }
            Err(error) if error.reason == Reason::NotFound => {}
            Err(error) => {
                let message = format!("Error deleting: {error}");
                client.record(job, EventType::Warning, "FailedDelete", message);
                done.refusal.get_or_insert(error);
                continue;
            }
        }
        done.count += 1;
        done.ready += i64::from(pod.ready());
    }
    done
}

/// Takes the tracking finalizer off Pods; returns those for which calls did not suffice.
pub(super) fn release(client: &mut Client<'_>, pods: Vec<Key>) -> Result<Vec<Key>, StatusError> {
    let mut left = pods.into_iter();
    while client.may_call()
        && let Some(key) = left.next()
    {
        remove_finalizer(client, &key)?;
    }
    Ok(left.collect())
}

/// Takes the tracking finalizer off a Pod; one that is gone has none.
pub(super) fn remove_finalizer(client: &mut Client<'_>, key: &Key) -> Result<(), StatusError> {
    if !client.store().get(key).is_some_and(|pod| is_tracked(pod)) {
        return Ok(());
    }
    let removed = client.modify(key, |pod| {
        let finalizers = &mut Arc::make_mut(&mut pod.meta).finalizers;
        if let Some(all) = finalizers {
            all.retain(|finalizer| finalizer != TRACKING_FINALIZER);
        }
        finalizers.take_if(|all| all.is_empty());
    });
    match removed {
        Err(error) if error.reason != Reason::NotFound => Err(error),
        _ => Ok(()),
    }
}
