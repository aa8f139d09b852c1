//! ResourceQuotas: what a new object uses is charged before it is stored, or it is refused.
//!
//! What is used stands in a quota's status. It is charged here at once, and counted anew by the quota controller when
//! something went away. A quota whose status was not written yet bounds nothing.
//! Models kubernetes `staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go` (`CheckRequest`).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::forbidden;
use crate::object::usage::{self, Amounts, amount};
use crate::object::value::look::{entries, quantity};
use crate::object::{Key, Kind, Object, StatusError};
use crate::quantity::Quantity;
use crate::store::Client;

/// What a quota is charged with.
type Charge = (Key, Amounts);

impl Client<'_> {
    /// Charges the quotas of its namespace with an object; for one that replaces another, with the difference.
    pub(in crate::store) fn charge_quotas(
        &mut self,
        object: &Object,
        current: Option<&Object>,
    ) -> Result<(), StatusError> {
        let kind = object.kind();
        let charged_on_update = matches!(kind, Kind::Service | Kind::PersistentVolumeClaim);
        if !kind.info().namespaced || kind == Kind::Event || current.is_some() && !charged_on_update
        {
            return Ok(());
        }
        if self.store.list(Kind::ResourceQuota, Some(object.namespace())).next().is_none() {
            return Ok(());
        }
        self.charge_all(object, current)
    }

    #[inline(never)]
    fn charge_all(&mut self, object: &Object, current: Option<&Object>) -> Result<(), StatusError> {
        // What each asks of the object comes before what any of them still has.
        let mut concerned = Vec::new();
        for quota in self.store.list(Kind::ResourceQuota, Some(object.namespace())) {
            if is_concerned(quota, object)? {
                concerned.push(quota);
            }
        }
        let mut charges = Vec::new();
        for quota in concerned {
            charges.extend(charge(quota, object, current, self.now)?);
        }
        for (key, used) in charges {
            self.update_status(&key, |body| {
                if let Some(body) = body.value_mut() {
                    Arc::make_mut(&mut body.status)["used"] = shown(&used);
                }
            })?;
        }
        Ok(())
    }
}

/// Amounts as a status holds them.
fn shown(amounts: &Amounts) -> Value {
    let entries = amounts.iter().map(|(name, amount)| (name.clone(), amount.to_string().into()));
    Value::Object(entries.collect::<Map<String, Value>>())
}

/// Whether a quota is about an object, which must then say what the quota counts, and the quota how much is used.
fn is_concerned(quota: &Object, object: &Object) -> Result<bool, StatusError> {
    let Some(body) = quota.as_value() else { return Ok(false) };
    let concerned = || {
        let hard = entries(&body.status, "hard").map(|(name, _)| name);
        hard.filter(|name| usage::kind_of(name) == Some(object.kind()))
    };
    if concerned().next().is_none() || !usage::in_scope(body, object) {
        return Ok(false);
    }
    let name = quota.name();
    if let Some(pod) = object.as_pod()
        && let Some(lacking) = usage::unnamed(&pod.shared, concerned())
    {
        let why = format!("failed quota: {name}: must specify {lacking}");
        return Err(forbidden(object, &why));
    }
    let known = body.status.get("used").unwrap_or(&Value::Null);
    if concerned().any(|name| known.get(name).is_none()) {
        let names = concerned().collect::<Vec<_>>().join(",");
        let why = format!("status unknown for quota: {name}, resources: {names}");
        return Err(forbidden(object, &why));
    }
    Ok(true)
}

/// What a quota would be charged with, if with anything.
fn charge(
    quota: &Object,
    object: &Object,
    current: Option<&Object>,
    now: crate::time::Time,
) -> Result<Option<Charge>, StatusError> {
    let Some(body) = quota.as_value() else { return Ok(None) };
    let name = quota.name();
    let hard = || entries(&body.status, "hard").map(|(name, value)| (name, quantity(value)));
    let mut used: Amounts = entries(&body.status, "used")
        .map(|(name, value)| (name.to_owned(), quantity(value)))
        .collect();
    let before = current.map(|current| usage::usage(current, now)).unwrap_or_default();
    let mut wanted = Amounts::new();
    for (name, more) in usage::usage(object, now) {
        let more = amount(&before, &name).map_or(more.clone(), |before| more.minus(before));
        let more_than_nothing = !more.is_negative() && !more.is_zero();
        if more_than_nothing && hard().any(|(hard, _)| hard == name) {
            wanted.push((name, more));
        }
    }
    let beyond: Vec<(String, Quantity)> = hard()
        .filter(|(name, limit)| {
            let sum =
                amount(&wanted, name).zip(amount(&used, name)).map(|(more, used)| used.plus(more));
            sum.is_some_and(|sum| sum > *limit)
        })
        .map(|(name, limit)| (name.to_owned(), limit))
        .collect();
    if !beyond.is_empty() {
        let of = |amounts: &Amounts| {
            let amounts =
                beyond.iter().filter_map(|(name, _)| Some((name, amount(amounts, name)?)));
            amounts.map(|(name, amount)| format!("{name}={amount}")).collect::<Vec<_>>().join(",")
        };
        let why = format!(
            "exceeded quota: {name}, requested: {}, used: {}, limited: {}",
            of(&wanted),
            of(&used),
            of(&beyond)
        );
        return Err(forbidden(object, &why));
    }
    for (name, more) in &wanted {
        usage::add(&mut used, name, more);
    }
    Ok((!wanted.is_empty()).then(|| (quota.key(), used)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::object::Body;
    use crate::store::testing::{CAUSE, deployment, pod, store};
    use crate::time::Time;

    fn quota(hard: &Value, used: &Value, scopes: &[&str]) -> Object {
        let meta = json!({ "name": "q", "namespace": "default" });
        let mut object = Object::from_value(
            Kind::ResourceQuota,
            json!({ "metadata": meta, "spec": { "hard": hard, "scopes": scopes } }),
        );
        if let Body::Value(body) = &mut object.body {
            body.status = Arc::new(json!({ "hard": hard, "used": used }));
        }
        object
    }

    /// What an object is answered with in a namespace with this quota.
    fn answer(quota: &Object, object: &Object) -> Result<Option<Charge>, String> {
        match is_concerned(quota, object) {
            Ok(true) => charge(quota, object, None, Time::START),
            Ok(false) => Ok(None),
            Err(refusal) => Err(refusal),
        }
        .map_err(|refusal| refusal.message)
    }

    #[test]
    fn what_goes_beyond_a_quota_is_refused_and_the_rest_charged() {
        let counted = quota(&json!({ "pods": "1" }), &json!({ "pods": "0" }), &[]);
        let (_, used) = answer(&counted, &pod("a")).unwrap().unwrap();
        assert_eq!(shown(&used), json!({ "pods": "1" }));
        let full = quota(&json!({ "pods": "1" }), &json!({ "pods": "1" }), &[]);
        assert_eq!(
            answer(&full, &pod("a")).unwrap_err(),
            "pods \"a\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"
        );
        assert_eq!(answer(&full, &deployment("d")), Ok(None));
        let compute = quota(
            &json!({ "limits.cpu": "1", "requests.memory": "1Gi" }),
            &json!({ "limits.cpu": "0", "requests.memory": "0" }),
            &[],
        );
        assert_eq!(
            answer(&compute, &pod("a")).unwrap_err(),
            "pods \"a\" is forbidden: failed quota: q: must specify limits.cpu for: web; requests.memory for: web"
        );
    }

    #[test]
    fn a_quota_is_about_what_lies_in_its_scopes() {
        let scoped = quota(&json!({ "pods": "0" }), &json!({ "pods": "0" }), &["NotBestEffort"]);
        assert_eq!(answer(&scoped, &pod("a")), Ok(None));
        let scoped = quota(&json!({ "pods": "0" }), &json!({ "pods": "0" }), &["BestEffort"]);
        assert!(answer(&scoped, &pod("a")).is_err());
    }

    #[test]
    fn what_a_later_quota_asks_for_comes_before_what_an_earlier_one_has_left() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        for (name, hard) in [("a", "pods"), ("b", "requests.cpu")] {
            let amounts = json!({ hard: "0" });
            let mut quota = quota(&amounts, &amounts, &[]);
            Arc::make_mut(&mut quota.meta).name = Some(name.to_owned());
            let body = quota.body.clone();
            let key = client.create(quota).unwrap().key();
            client.update_status(&key, |stored| *stored = body).unwrap();
        }
        let refusal = client.create(pod("a")).unwrap_err();
        assert_eq!(
            refusal.message,
            "pods \"a\" is forbidden: failed quota: b: must specify requests.cpu for: web"
        );
    }

    #[test]
    fn a_new_quota_bounds_nothing_before_it_was_counted() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        client.create(quota(&json!({ "pods": "0" }), &json!({}), &[])).unwrap();
        assert!(client.create(pod("a")).is_ok());
    }
}
