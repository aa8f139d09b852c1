//! The resource quota controller: counts anew what a namespace uses of its quotas.
//!
//! Admission charges what is created; this counts when a quota is new or changed, when something that a quota is about
//! went away or stopped to count, and every five minutes.
//! Models kubernetes `pkg/controller/resourcequota/resource_quota_controller.go` (`syncResourceQuota`),
//! `replenishment_controller.go` and `staging/src/k8s.io/apiserver/pkg/quota/v1/resources.go` (`CalculateUsage`).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::pods::{is_finished, pod_body};
use super::{Controller, Requeue};
use crate::object::usage::{self, Amounts};
use crate::object::value::look::{entries, quantity};
use crate::object::{Body, Key, Kind, Object, ValueBody};
use crate::store::{Change, Client, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const RESOURCE_QUOTA: Controller =
    Controller { name: "resourcequota-controller", keys, reconcile, cloud: false };

/// How often everything is counted anew (`--resource-quota-sync-period`).
const RESYNC: Duration = Duration::from_mins(5);

fn keys(change: &Change, store: &Store) -> Vec<Key> {
    let kind = change.key.kind;
    if kind == Kind::ResourceQuota && change.after.is_some() {
        let wanted = |object: &Arc<Object>| Some(Arc::clone(&object.as_value()?.fields));
        let [before, after] =
            [&change.before, &change.after].map(|one| one.as_ref().and_then(wanted));
        return if before == after { Vec::new() } else { vec![change.key.clone()] };
    }
    if !kind.info().namespaced || !uses_less(change) {
        return Vec::new();
    }
    store
        .list(Kind::ResourceQuota, Some(&change.key.namespace))
        .filter(|quota| {
            let hard = quota.as_value().map(|body| body.at(&["spec", "hard"]));
            let names = hard.and_then(Value::as_object).into_iter().flat_map(Map::keys);
            names.clone().any(|name| usage::kind_of(name) == Some(kind))
        })
        .map(|quota| quota.key())
        .collect()
}

/// Whether something went away, or changed so that it may count for less.
fn uses_less(change: &Change) -> bool {
    match (&change.before, &change.after) {
        (Some(_), None) => true,
        (Some(before), Some(after)) => match (&before.body, &after.body) {
            (Body::Pod(_), Body::Pod(_)) => {
                let ended = |object: &Object| pod_body(object).is_some_and(is_finished);
                ended(after) && !ended(before)
            }
            (Body::Service(old), Body::Service(new)) => old.spec != new.spec,
            _ => false,
        },
        (None, _) => false,
    }
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let now = client.now();
    let Some(quota) = client.store().get(key).cloned() else { return Requeue::No };
    let Some(body) = quota.as_value() else { return Requeue::No };
    let hard = body.at(&["spec", "hard"]).clone();
    let status = if hard.is_object() {
        let used = used(client.store(), &quota, body, now);
        serde_json::json!({ "hard": hard, "used": used })
    } else {
        Value::Object(Map::new())
    };
    let written = client.update_status(key, |body| {
        if let Some(body) = body.value_mut() {
            body.status = Arc::new(status);
        }
    });
    if written.is_ok() { Requeue::After(RESYNC) } else { Requeue::BackOff }
}

/// What is used of each bounded resource; nothing of what nobody counts.
fn used(store: &Store, quota: &Object, body: &ValueBody, now: Time) -> Value {
    let names: Vec<&str> = entries(body.spec(), "hard").map(|(name, _)| name).collect();
    let mut kinds: Vec<Kind> = Vec::new();
    for kind in names.iter().filter_map(|name| usage::kind_of(name)) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let mut total = Amounts::new();
    for kind in kinds {
        for object in store.list(kind, Some(quota.namespace())) {
            if !usage::in_scope(body, object) {
                continue;
            }
            for (name, amount) in usage::usage(object, now) {
                if names.contains(&name.as_str()) {
                    usage::add(&mut total, &name, &amount);
                }
            }
        }
    }
    let mut shown = Map::new();
    for name in names {
        let amount = usage::amount(&total, name).cloned().unwrap_or_else(|| quantity(&Value::Null));
        shown.insert(name.to_owned(), amount.to_string().into());
    }
    Value::Object(shown)
}
