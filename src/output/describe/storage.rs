//! What `kubectl describe` says of volumes, claims and storage classes. Models `describePersistentVolume`,
//! `describePersistentVolumeClaim` and `describeStorageClass`. *Differs:* of a volume's source that needs a machine in a
//! cloud or a server of its own, only the type is told.

use serde_json::Value;

use super::page::Page;
use super::{View, event};
use crate::object::{Kind, ValueBody, is_default_class, storage_class};
use crate::output::age;
use crate::output::columns::access_modes;

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `Finalizers` and what the two kinds have alike.
fn finalizers(page: &mut Page, view: &View<'_>) {
    let list: Vec<&str> =
        view.object.meta.finalizers.iter().flatten().map(String::as_str).collect();
    page.field(0, "Finalizers", format!("[{}]", list.join(" ")));
}

fn status(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    match &view.object.meta.deletion_timestamp {
        Some(since) => {
            let lasts = age::of(Some(since), view.now);
            page.field(0, "Status", format!("Terminating (lasts {lasts})"));
        }
        None => page.field(0, "Status", text(&body.status["phase"])),
    }
}

/// Describes a volume.
pub(super) fn volume(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    let spec = body.spec();
    page.name(view.object);
    page.labels_and_annotations(view.object);
    finalizers(page, view);
    page.field(0, "StorageClass", storage_class(view.object));
    status(page, view, body);
    let claim = &spec["claimRef"];
    let claim = if claim.is_object() {
        format!("{}/{}", text(&claim["namespace"]), text(&claim["name"]))
    } else {
        String::new()
    };
    page.field(0, "Claim", claim);
    page.field(0, "Reclaim Policy", text(&spec["persistentVolumeReclaimPolicy"]));
    page.field(0, "Access Modes", access_modes(&spec["accessModes"]));
    page.field_if(0, "VolumeMode", spec["volumeMode"].as_str());
    page.field(0, "Capacity", spec["capacity"]["storage"].as_str().unwrap_or("0"));
    node_affinity(page, &spec["nodeAffinity"]["required"]);
    page.field(0, "Message", text(&body.status["message"]));
    page.line(0, "Source:");
    source(page, spec);
    event::table(page, view);
}

fn node_affinity(page: &mut Page, required: &Value) {
    let Some(terms) = required["nodeSelectorTerms"].as_array() else {
        return page.field(0, "Node Affinity", "<none>");
    };
    page.field(0, "Node Affinity", "");
    page.field(1, "Required Terms", if terms.is_empty() { "<none>" } else { "" });
    for (index, term) in terms.iter().enumerate() {
        let requirements = term["matchExpressions"].as_array().into_iter().flatten();
        let lines: Vec<String> = requirements.map(requirement).collect();
        page.list(&format!("    Term {index}"), &lines);
    }
}

fn requirement(requirement: &Value) -> String {
    let operator = text(&requirement["operator"]).to_lowercase();
    let head = format!("{} {operator}", text(&requirement["key"]));
    let values: Vec<&str> =
        requirement["values"].as_array().into_iter().flatten().map(text).collect();
    if values.is_empty() { head } else { format!("{head} [{}]", values.join(", ")) }
}

fn source(page: &mut Page, spec: &Value) {
    if let Some(path) = spec.get("hostPath") {
        page.field(2, "Type", "HostPath (bare host directory volume)");
        page.field(2, "Path", text(&path["path"]));
        page.field(2, "HostPathType", path["type"].as_str().unwrap_or("<none>"));
    } else if let Some(nfs) = spec.get("nfs") {
        page.field(2, "Type", "NFS (an NFS mount that lasts the lifetime of a pod)");
        page.field(2, "Server", text(&nfs["server"]));
        page.field(2, "Path", text(&nfs["path"]));
        page.field(2, "ReadOnly", nfs["readOnly"].as_bool().unwrap_or(false));
    } else if let Some(local) = spec.get("local") {
        let kind = "LocalVolume (a persistent volume backed by local storage on a node)";
        page.field(2, "Type", kind);
        page.field(2, "Path", text(&local["path"]));
    } else if let Some(csi) = spec.get("csi") {
        page.field(2, "Type", "CSI (a Container Storage Interface (CSI) volume source)");
        page.field(2, "Driver", text(&csi["driver"]));
        page.field(2, "FSType", text(&csi["fsType"]));
        page.field(2, "VolumeHandle", text(&csi["volumeHandle"]));
        page.field(2, "ReadOnly", csi["readOnly"].as_bool().unwrap_or(false));
        let attributes = csi["volumeAttributes"].as_object().into_iter().flatten();
        let lines: Vec<String> =
            attributes.map(|(key, value)| format!("{key}={}", text(value))).collect();
        page.list("    VolumeAttributes", &lines);
    } else {
        page.line(1, "<unknown>");
    }
}

/// Describes a claim.
pub(super) fn claim(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    let spec = body.spec();
    page.name(view.object);
    page.field(0, "StorageClass", storage_class(view.object));
    status(page, view, body);
    let bound = text(&spec["volumeName"]);
    page.field(0, "Volume", bound);
    page.labels_and_annotations(view.object);
    finalizers(page, view);
    let (capacity, modes) = match bound {
        "" => ("", String::new()),
        _ => (
            body.status["capacity"]["storage"].as_str().unwrap_or("0"),
            access_modes(&body.status["accessModes"]),
        ),
    };
    page.field(0, "Capacity", capacity);
    page.field(0, "Access Modes", modes);
    page.field_if(0, "VolumeMode", spec["volumeMode"].as_str());
    let source = &spec["dataSource"];
    if source.is_object() {
        page.line(0, "DataSource:");
        page.field_if(1, "APIGroup", source["apiGroup"].as_str());
        page.field(1, "Kind", text(&source["kind"]));
        page.field(1, "Name", text(&source["name"]));
    }
    page.list("Used By", &used_by(view));
    event::table(page, view);
}

/// The Pods that mount the claim, in order of name.
fn used_by(view: &View<'_>) -> Vec<String> {
    let pods = view.store.list(Kind::Pod, Some(view.object.namespace()));
    let mounts = |pod: &&std::sync::Arc<crate::object::Object>| {
        let volumes = pod.as_pod().and_then(|pod| pod.shared.volumes.as_ref());
        volumes.into_iter().flatten().any(|volume| {
            let claim = volume.persistent_volume_claim.as_ref();
            claim.is_some_and(|claim| claim.claim_name == view.object.name())
        })
    };
    pods.filter(mounts).map(|pod| pod.name().to_owned()).collect()
}

/// Describes a storage class.
pub(super) fn class(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    page.name(view.object);
    page.field(0, "IsDefaultClass", if is_default_class(view.object) { "Yes" } else { "No" });
    let annotations = view.object.meta.annotations.iter().flatten();
    page.field(0, "Annotations", pairs(annotations.map(|(key, value)| (key, value.as_str()))));
    page.field(0, "Provisioner", text(body.field("provisioner")));
    let parameters = body.field("parameters").as_object().into_iter().flatten();
    page.field(0, "Parameters", pairs(parameters.map(|(key, value)| (key, text(value)))));
    let expansion = match body.field("allowVolumeExpansion").as_bool() {
        None => "<unset>",
        Some(true) => "True",
        Some(false) => "False",
    };
    page.field(0, "AllowVolumeExpansion", expansion);
    match body.field("mountOptions").as_array().filter(|options| !options.is_empty()) {
        None => page.field(0, "MountOptions", "<none>"),
        Some(options) => {
            page.line(0, "MountOptions:");
            for option in options {
                page.line(1, text(option));
            }
        }
    }
    page.field_if(0, "ReclaimPolicy", body.field("reclaimPolicy").as_str());
    page.field_if(0, "VolumeBindingMode", body.field("volumeBindingMode").as_str());
    if let Some(topologies) = body.field("allowedTopologies").as_array() {
        page.field(0, "AllowedTopologies", "");
        for (index, term) in topologies.iter().enumerate() {
            let keys = term["matchLabelExpressions"].as_array().into_iter().flatten();
            let lines: Vec<String> = keys.map(topology).collect();
            page.list(&format!("  Term {index}"), &lines);
        }
    }
    event::table(page, view);
}

/// `zone in [a, b]`.
fn topology(expression: &Value) -> String {
    let values: Vec<&str> =
        expression["values"].as_array().into_iter().flatten().map(text).collect();
    format!("{} in [{}]", text(&expression["key"]), values.join(", "))
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a String, &'a str)>) -> String {
    let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key}={value}")).collect();
    if pairs.is_empty() { "<none>".to_owned() } else { pairs.join(",") }
}
