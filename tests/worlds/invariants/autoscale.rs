//! What holds of autoscalers: how many replicas they set, and what they say once all is at rest.

use std::sync::Arc;

use kobune::object::{KINDS, Key, Kind, Object};
use kobune::store::{Change, Store};
use serde_json::{Value, json};

use super::{Verdict, holds};
use crate::facts::{World, by, field, number};
use crate::lab::{self, Lab};

/// What an autoscaler scales, if it is there.
fn target<'a>(store: &'a Store, hpa: &Object) -> Option<&'a Arc<Object>> {
    let reference = field(hpa, "/spec/scaleTargetRef");
    let info = KINDS.iter().find(|info| reference["kind"] == info.name)?;
    store.get(&Key::new(info.kind(), hpa.namespace(), reference["name"].as_str()?))
}

fn within(hpa: &Object, replicas: i64) -> Verdict {
    let least = field(hpa, "/spec/minReplicas").as_i64().unwrap_or(1);
    let most = number(hpa, "/spec/maxReplicas");
    holds((least..=most).contains(&replicas), || {
        format!("hpa/{} keeps to {least} to {most}, not {replicas}", hpa.name())
    })
}

fn autoscalers(store: &Store) -> impl Iterator<Item = &Arc<Object>> {
    store.list(Kind::HorizontalPodAutoscaler, None)
}

pub(super) fn within_bounds(world: &World<'_>, change: &Change) -> Verdict {
    let Some(after) = &change.after else { return Ok(()) };
    let scaled = change.key.kind != Kind::HorizontalPodAutoscaler;
    if !scaled || !by(change, "horizontal-pod-autoscaler") {
        return Ok(());
    }
    let own =
        |hpa: &&Arc<Object>| target(world.store, hpa).is_some_and(|one| one.key() == change.key);
    autoscalers(world.store)
        .filter(own)
        .try_for_each(|hpa| within(hpa, number(after, "/spec/replicas")))
}

pub(super) fn break_within_bounds(lab: &mut Lab) {
    let web = lab.put(lab::deployment("web", 2, &Value::Null));
    lab.put(lab::autoscaler("web", 1, 3));
    lab.by("horizontal-pod-autoscaler");
    lab.set(&web, "/spec/replicas", json!(4));
}

pub(super) fn settled(world: &World<'_>) -> Verdict {
    for hpa in autoscalers(world.store) {
        let Some(target) = target(world.store, hpa) else { continue };
        let replicas = number(target, "/spec/replicas");
        // Nobody scales what was scaled to nothing.
        if replicas > 0 {
            within(hpa, replicas)?;
        }
        let said = number(hpa, "/status/currentReplicas");
        holds(said == replicas, || {
            format!("hpa/{} says {said}, there are {replicas}", hpa.name())
        })?;
    }
    Ok(())
}

pub(super) fn break_settled(lab: &mut Lab) {
    lab.put(lab::deployment("web", 4, &Value::Null));
    lab.put(lab::autoscaler("web", 1, 3));
}
