//! The manifests that users of the seeded worlds apply: workloads with this and that, good ones and bad ones.

mod batch;
mod stateful;

pub(crate) use batch::{cron_job, is_quick, job};
pub(crate) use stateful::{claim, stateful_set};

use kobune::output::yaml;
use kobune::random::Random;
use serde_json::{Value, json};

/// Images that start, stay, and answer at port 80.
const GOOD_IMAGES: &[&str] = &["nginx:1.27", "nginx:1.28", "httpd:2.4", "traefik/whoami:v1.10"];
/// The label by which a template says that its Pods cannot come to work.
pub(crate) const UNSOUND: (&str, &str) = ("sound", "no");

/// One of some things.
pub(crate) fn one_of<'a, T: ?Sized>(random: &mut Random, all: &[&'a T]) -> &'a T {
    all[random.below(all.len())]
}

/// True once in so many times.
pub(crate) fn once_in(random: &mut Random, times: usize) -> bool {
    random.below(times) == 0
}

/// An image that starts and stays.
pub(crate) fn good_image(random: &mut Random) -> &'static str {
    one_of(random, GOOD_IMAGES)
}

/// Whether an image is one of those that start and stay.
pub(crate) fn is_good_image(image: &str) -> bool {
    GOOD_IMAGES.contains(&image)
}

/// `kubectl apply` of a manifest, as a line of the script.
pub(crate) fn apply(manifest: &Value) -> String {
    format!("kubectl apply -f - <<'END'\n{}END", yaml::print(manifest))
}

fn requests(random: &mut Random) -> Value {
    let cpu = one_of(random, &["0", "50m", "250m", "500m", "1", "1500m"]);
    let memory = one_of(random, &["0", "64Mi", "300Mi", "1Gi", "3Gi"]);
    match random.below(4) {
        0 => json!({}),
        1 => json!({ "requests": { "cpu": cpu, "memory": memory } }),
        2 => json!({ "requests": { "cpu": cpu } }),
        _ => json!({ "requests": { "cpu": cpu }, "limits": { "cpu": "2", "memory": "3Gi" } }),
    }
}

/// A container that comes to work, with this and that.
fn container(random: &mut Random) -> Value {
    let mut container =
        json!({ "name": "app", "image": good_image(random), "resources": requests(random) });
    let probe =
        json!({ "httpGet": { "path": "/", "port": 80 }, "periodSeconds": 1 + random.below(10) });
    for kind in ["readinessProbe", "livenessProbe", "startupProbe"] {
        if once_in(random, 4) {
            container[kind] = probe.clone();
        }
    }
    if once_in(random, 6) {
        container["lifecycle"] =
            json!({ "preStop": { "sleep": { "seconds": 1 + random.below(12) } } });
    }
    container
}

/// A container that never comes to work.
fn bad_container(random: &mut Random) -> Value {
    match random.below(6) {
        0 => json!({ "name": "app", "image": "nginx:0.1" }),
        1 => {
            json!({ "name": "app", "image": "busybox:1.36", "command": ["sh", "-c", "sleep 3; exit 1"] })
        }
        2 => {
            json!({ "name": "app", "image": "nginx:1.27", "envFrom": [{ "configMapRef": { "name": "nowhere" } }] })
        }
        3 => {
            json!({ "name": "app", "image": "nginx:1.27", "resources": { "requests": { "cpu": "64" } } })
        }
        4 => {
            json!({ "name": "app", "image": "nginx:1.27", "readinessProbe": { "httpGet": { "port": 81 }, "periodSeconds": 3 } })
        }
        _ => {
            json!({ "name": "app", "image": "nginx:1.27", "livenessProbe": { "httpGet": { "path": "/no", "port": 80 }, "periodSeconds": 2 } })
        }
    }
}

fn init_container(random: &mut Random) -> Value {
    match random.below(3) {
        0 => {
            json!({ "name": "side", "image": "busybox:1.36", "command": ["sleep", "100000"], "restartPolicy": "Always" })
        }
        1 => {
            json!({ "name": "first", "image": "busybox:1.36", "command": ["sleep", "2"], "resources": { "requests": { "cpu": "700m" } } })
        }
        _ => json!({ "name": "first", "image": "busybox:1.36", "command": ["true"] }),
    }
}

/// Where the Pods of an app may and would like to go.
fn place(random: &mut Random, app: &str, spec: &mut Value) {
    match random.below(12) {
        0 => spec["nodeSelector"] = json!({ "disk": "ssd" }),
        1 => spec["tolerations"] = json!([{ "operator": "Exists" }]),
        2 => {
            let chaos = json!({ "key": "chaos", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30 });
            spec["tolerations"] = json!([chaos]);
        }
        3 => {
            let term = json!({ "labelSelector": { "matchLabels": { "app": app } }, "topologyKey": "kubernetes.io/hostname" });
            spec["affinity"] = json!({ "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [term] } });
        }
        4 => {
            let when = one_of(random, &["DoNotSchedule", "ScheduleAnyway"]);
            spec["topologySpreadConstraints"] = json!([{ "maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": when, "labelSelector": { "matchLabels": { "app": app } } }]);
            if once_in(random, 2) {
                spec["topologySpreadConstraints"][0]["matchLabelKeys"] =
                    json!(["pod-template-hash", "controller-revision-hash"]);
            }
        }
        5 => spec["containers"][0]["ports"] = json!([{ "containerPort": 80, "hostPort": 8080 }]),
        _ => {}
    }
}

/// The template of an app's Pods; one in eight never comes to work.
pub(crate) fn template(random: &mut Random, app: &str) -> Value {
    let mut labels = json!({ "app": app });
    let bad = once_in(random, 8);
    let main = if bad { bad_container(random) } else { container(random) };
    if bad {
        labels[UNSOUND.0] = UNSOUND.1.into();
    }
    let mut spec = json!({ "containers": [main] });
    if once_in(random, 5) {
        spec["initContainers"] = json!([init_container(random)]);
    }
    if once_in(random, 4) {
        spec["terminationGracePeriodSeconds"] =
            one_of(random, &[&0, &1, &5, &60]).to_owned().into();
    }
    place(random, app, &mut spec);
    json!({ "metadata": { "labels": labels }, "spec": spec })
}

fn bound(random: &mut Random) -> Value {
    match random.below(3) {
        0 => json!(random.below(3)),
        1 => json!(one_of(random, &["0%", "25%", "50%", "100%"])),
        _ => json!(one_of(random, &["10%", "34%"])),
    }
}

fn strategy(random: &mut Random) -> Value {
    match random.below(5) {
        0 => json!({ "type": "Recreate" }),
        1 => json!({ "type": "RollingUpdate" }),
        _ => {
            let (surge, unavailable) = (bound(random), bound(random));
            let none = |bound: &Value| *bound == 0 || *bound == "0%";
            // The API server refuses both to be nothing.
            let unavailable =
                if none(&surge) && none(&unavailable) { json!(1) } else { unavailable };
            json!({ "rollingUpdate": { "maxSurge": surge, "maxUnavailable": unavailable } })
        }
    }
}

fn selector(app: &str) -> Value {
    json!({ "matchLabels": { "app": app } })
}

/// A Deployment.
pub(crate) fn deployment(random: &mut Random, app: &str) -> Value {
    let mut spec = json!({
        "replicas": random.below(7), "selector": selector(app), "strategy": strategy(random),
        "template": template(random, app),
    });
    if once_in(random, 3) {
        spec["minReadySeconds"] = (1 + random.below(15)).into();
    }
    if once_in(random, 4) {
        spec["revisionHistoryLimit"] = random.below(3).into();
    }
    if once_in(random, 4) {
        spec["progressDeadlineSeconds"] = (60 + random.below(60)).into();
    }
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": app }, "spec": spec })
}

/// A ReplicaSet of the user's own.
pub(crate) fn replica_set(random: &mut Random, app: &str) -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": { "name": app },
        "spec": { "replicas": random.below(4), "selector": selector(app), "template": template(random, app) } })
}

/// A DaemonSet.
pub(crate) fn daemon_set(random: &mut Random, app: &str) -> Value {
    let update = match random.below(4) {
        0 => json!({ "type": "OnDelete" }),
        1 => json!({ "rollingUpdate": { "maxSurge": 1 + random.below(2), "maxUnavailable": 0 } }),
        _ => json!({ "rollingUpdate": { "maxUnavailable": 1 + random.below(2) } }),
    };
    let patience = if once_in(random, 3) { 1 + random.below(12) } else { 0 };
    json!({ "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": app },
        "spec": { "selector": selector(app), "updateStrategy": update, "minReadySeconds": patience,
            "template": template(random, app) } })
}

/// A Service of an app.
pub(crate) fn service(random: &mut Random, app: &str) -> Value {
    let kind = one_of(random, &["ClusterIP", "NodePort", "LoadBalancer"]);
    let mut spec = json!({ "type": kind, "selector": { "app": app }, "ports": [{ "port": 80 }] });
    if once_in(random, 6) {
        spec = json!({ "clusterIP": "None", "publishNotReadyAddresses": once_in(random, 2),
            "selector": { "app": app }, "ports": [{ "port": 80 }] });
    }
    json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": app }, "spec": spec })
}

/// A Pod that nobody controls.
pub(crate) fn pod(random: &mut Random, name: &str) -> Value {
    let mut pod = template(random, name);
    pod["apiVersion"] = "v1".into();
    pod["kind"] = "Pod".into();
    pod["metadata"]["name"] = name.into();
    pod["spec"]["restartPolicy"] = one_of(random, &["Always", "OnFailure", "Never"]).into();
    if pod["spec"]["initContainers"][0]["restartPolicy"] == "Always" {
        pod["spec"]["restartPolicy"] = "Always".into();
    }
    pod
}
