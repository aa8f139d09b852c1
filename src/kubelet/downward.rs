//! What a Pod tells its containers of itself: the downward API, as environment variables and as files.
//!
//! Models `podFieldSelectorRuntimeValue` of kubernetes `pkg/kubelet/kubelet_pods.go`, `pkg/fieldpath/fieldpath.go`,
//! `pkg/volume/downwardapi/downwardapi.go` and component-helpers `resource/helpers.go` (`ExtractContainerResourceValue`).
//! *Differs:* a label that changes is seen in its file when the Pod's volumes are next looked at for another reason.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, ResourceFieldSelector, ServiceAccountTokenProjection,
};

use super::Host;
use super::worker::Worker;
use crate::manifest::base64;
use crate::object::pod::{in_parts, resource_field};
use crate::object::{Key, Kind};
use crate::quantity::Quantity;
use crate::quote::quote;
use crate::store::Store;
use crate::time::Time;

impl Worker {
    /// A field of the Pod for the environment.
    pub(super) fn field(&self, path: &str, host: &Host) -> String {
        match path {
            "spec.nodeName" => host.node.to_string(),
            "spec.serviceAccountName" => {
                self.spec().service_account_name.clone().unwrap_or_default()
            }
            "status.podIP" | "status.podIPs" => {
                self.ip.map(|ip| ip.to_string()).unwrap_or_default()
            }
            "status.hostIP" | "status.hostIPs" => host.address.to_string(),
            _ => self.metadata(path),
        }
    }

    /// A field of the Pod's metadata.
    fn metadata(&self, path: &str) -> String {
        let meta = &self.pod.meta;
        let (path, key) = match path.split_once("['") {
            Some((path, rest)) => (path, rest.strip_suffix("']")),
            None => (path, None),
        };
        let of = |map: Option<&BTreeMap<String, String>>| match (map, key) {
            (Some(map), Some(key)) => map.get(key).cloned().unwrap_or_default(),
            (Some(map), None) => lines(map),
            (None, _) => String::new(),
        };
        match path {
            "metadata.name" => self.pod.name().to_owned(),
            "metadata.namespace" => self.pod.namespace().to_owned(),
            "metadata.uid" => self.pod.uid().to_owned(),
            "metadata.labels" => of(meta.labels.as_ref()),
            "metadata.annotations" => of(meta.annotations.as_ref()),
            _ => String::new(),
        }
    }

    /// What a container asks for or may use, in units of the divisor and rounded up. Where it has no limit, that is
    /// all that its node has to give.
    pub(super) fn resource(
        &self,
        index: usize,
        reference: &ResourceFieldSelector,
        store: &Store,
    ) -> String {
        let named =
            |name: &String| (0..self.runs.len()).find(|index| self.container(*index).name == *name);
        let index = reference.container_name.as_ref().map_or(Some(index), named);
        let own = index.map_or(0, |index| resource_field(self.container(index), reference));
        let limit = reference.resource.strip_prefix("limits.").filter(|_| own == 0);
        let of_node = limit.and_then(|name| {
            let node = self.body().own.node_name.as_ref()?;
            let node = store.get(&Key::cluster(Kind::Node, &**node))?.as_node()?;
            let amount = node.status.allocatable.as_ref()?.get(name)?;
            Some(in_parts(&Quantity::parse(&amount.0).ok()?, reference))
        });
        of_node.unwrap_or(own).to_string()
    }

    /// The token of the Pod's account: the claims of a real one, signed by nobody.
    pub(super) fn token(&self, source: &ServiceAccountTokenProjection) -> String {
        const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";
        let audience = source.audience.as_deref().filter(|one| !one.is_empty()).unwrap_or(ISSUER);
        let begin =
            self.pod.meta.creation_timestamp.as_ref().map_or(0, |time| Time::from(time).secs());
        let end = begin + source.expiration_seconds.unwrap_or(3600);
        let (namespace, name, uid) = (self.pod.namespace(), self.pod.name(), &self.uid);
        let account = self.spec().service_account_name.as_deref().unwrap_or("default");
        let claims = format!(
            "{{\"aud\":[\"{audience}\"],\"exp\":{end},\"iat\":{begin},\"iss\":\"{ISSUER}\",\"kubernetes.io\":{{\"namespace\":\"{namespace}\",\"pod\":{{\"name\":\"{name}\",\"uid\":\"{uid}\"}},\"serviceaccount\":{{\"name\":\"{account}\"}}}},\"nbf\":{begin},\"sub\":\"system:serviceaccount:{namespace}:{account}\"}}"
        );
        let parts = ["{\"alg\":\"RS256\"}", &claims, uid];
        parts.map(|part| base64::encode_url(part.as_bytes())).join(".")
    }

    /// The files of a volume that tells of the Pod.
    pub(super) fn downward(
        &self,
        items: Option<&Vec<DownwardAPIVolumeFile>>,
        store: &Store,
        files: &mut BTreeMap<String, String>,
    ) {
        for item in items.into_iter().flatten() {
            let text = match (&item.field_ref, &item.resource_field_ref) {
                (Some(field), _) => self.metadata(&field.field_path),
                (None, Some(resource)) => self.resource(0, resource, store),
                (None, None) => continue,
            };
            files.insert(item.path.clone(), text);
        }
    }
}

/// Labels or annotations as a file (`FormatMap`).
fn lines(map: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (key, value) in map {
        let gap = if text.is_empty() { "" } else { "\n" };
        text.extend([gap, key, "=", &quote(value)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_a_line_each() {
        let map = [("a", "1"), ("b.c/d", "x \"y\"")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(lines(&map.into()), "a=\"1\"\nb.c/d=\"x \\\"y\\\"\"");
    }
}
