//! The revisions of a DaemonSet's template, and the labels by which its Pods tell theirs.
//!
//! Models kubernetes `pkg/controller/daemon/update.go` (`constructHistory`, `cleanupHistory`).

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{DaemonSetSpec, DaemonSetStatus};

use super::Daemons;
use crate::controller::history::{History, Versioned};
use crate::object::{Object, StatusError};
use crate::store::Client;

/// The label that carries the template's hash (`DefaultDaemonSetUniqueLabelKey`).
pub(super) const HASH_LABEL: &str = "controller-revision-hash";
/// The label that carries the template's generation.
pub(super) const GENERATION_LABEL: &str = "pod-template-generation";

/// Finds the revision of the present template or makes it.
pub(super) fn construct(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    spec: &DaemonSetSpec,
    status: &DaemonSetStatus,
) -> Result<History, StatusError> {
    let of = Versioned {
        set,
        selector: &spec.selector,
        template: &spec.template,
        collisions: status.collision_count,
        limit: spec.revision_history_limit,
        label: HASH_LABEL,
        hashes_template: true,
    };
    History::construct(client, &of)
}

/// The hash of the present template.
pub(super) fn hash(history: &History) -> &str {
    history.current.label(HASH_LABEL).unwrap_or_default()
}

/// Deletes the oldest revisions beyond the limit that no Pod is of.
pub(super) fn clean_up(
    history: History,
    client: &mut Client<'_>,
    daemons: &Daemons,
) -> Result<(), StatusError> {
    let pods: Vec<_> = daemons.nodes.iter().flat_map(|node| &node.pods).collect();
    history.clean_up(client, |revision| {
        let hash = revision.label(HASH_LABEL);
        pods.iter().any(|pod| pod.label(HASH_LABEL) == hash)
    })
}
