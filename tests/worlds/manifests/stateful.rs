//! StatefulSets and claims that users of the seeded worlds apply.

use kobune::random::Random;
use serde_json::{Value, json};

use super::{once_in, one_of, selector, template};

/// A StatefulSet, some with claims of their own.
pub(crate) fn stateful_set(random: &mut Random, app: &str) -> Value {
    let mut spec = json!({
        "replicas": random.below(5), "serviceName": app, "selector": selector(app),
        "template": template(random, app),
    });
    if once_in(random, 3) {
        spec["podManagementPolicy"] = "Parallel".into();
    }
    match random.below(4) {
        0 => spec["updateStrategy"] = json!({ "type": "OnDelete" }),
        1 => spec["updateStrategy"] = json!({ "rollingUpdate": { "partition": random.below(3) } }),
        2 => {
            let unavailable = 1 + random.below(3);
            spec["updateStrategy"] = json!({ "rollingUpdate": { "maxUnavailable": unavailable } });
        }
        _ => {}
    }
    if once_in(random, 4) {
        spec["minReadySeconds"] = (1 + random.below(10)).into();
    }
    if once_in(random, 3) {
        spec["volumeClaimTemplates"] =
            json!([{ "metadata": { "name": "data" }, "spec": claim_spec(random) }]);
        spec["template"]["spec"]["containers"][0]["volumeMounts"] =
            json!([{ "name": "data", "mountPath": "/data" }]);
        let (deleted, scaled) =
            (one_of(random, &["Retain", "Delete"]), one_of(random, &["Retain", "Delete"]));
        spec["persistentVolumeClaimRetentionPolicy"] =
            json!({ "whenDeleted": deleted, "whenScaled": scaled });
    }
    json!({ "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "name": app }, "spec": spec })
}

fn claim_spec(random: &mut Random) -> Value {
    json!({ "accessModes": ["ReadWriteOnce"],
        "resources": { "requests": { "storage": one_of(random, &["1Gi", "10Gi"]) } } })
}

/// A claim.
pub(crate) fn claim(random: &mut Random, name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": name },
        "spec": claim_spec(random) })
}
