//! A container's environment: literal values, references to ConfigMaps, Secrets and the Pod's own fields.
//!
//! Models `makeEnvironmentVariables` of kubernetes `pkg/kubelet/kubelet_pods.go` and `Expand` of
//! `third_party/forked/golang/expansion`. *Differs:* of the Services only `kubernetes` gets its variables.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{EnvVarSource, ResourceFieldSelector};

use super::Host;
use super::worker::Worker;
use crate::object::{Key, Kind};
use crate::store::Store;

/// A value's bytes as text.
pub(super) fn text_of(bytes: &ByteString) -> String {
    String::from_utf8_lossy(&bytes.0).into_owned()
}

impl Worker {
    /// The environment, or why the container cannot be configured.
    pub(super) fn environment(
        &self,
        index: usize,
        host: &Host,
        store: &Store,
    ) -> Result<BTreeMap<String, String>, String> {
        let container = self.container(index);
        let mut env = BTreeMap::new();
        env.insert(
            "PATH".to_owned(),
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
        );
        env.insert("HOSTNAME".to_owned(), self.hostname());
        env.insert("KUBERNETES_SERVICE_HOST".to_owned(), "10.96.0.1".to_owned());
        env.insert("KUBERNETES_SERVICE_PORT".to_owned(), "443".to_owned());
        for source in container.env_from.iter().flatten() {
            let prefix = source.prefix.as_deref().unwrap_or_default();
            let values = if let Some(reference) = &source.config_map_ref {
                let found = self.config_map(store, &reference.name);
                found.or_else(|error| optional(reference.optional, error))?
            } else if let Some(reference) = &source.secret_ref {
                let found = self.secret(store, &reference.name);
                found.or_else(|error| optional(reference.optional, error))?
            } else {
                BTreeMap::new()
            };
            env.extend(values.into_iter().map(|(key, value)| (format!("{prefix}{key}"), value)));
        }
        for variable in container.env.iter().flatten() {
            let value = match &variable.value_from {
                Some(source) => self.value_from(source, index, host, store)?,
                None => Some(expand(variable.value.as_deref().unwrap_or_default(), &env)),
            };
            if let Some(value) = value {
                env.insert(variable.name.clone(), value);
            }
        }
        Ok(env)
    }

    fn value_from(
        &self,
        source: &EnvVarSource,
        index: usize,
        host: &Host,
        store: &Store,
    ) -> Result<Option<String>, String> {
        let namespace = self.pod.namespace();
        if let Some(reference) = &source.config_map_key_ref {
            let found = self.config_map(store, &reference.name).and_then(|mut values| {
                values.remove(&reference.key).ok_or_else(|| {
                    format!(
                        "couldn't find key {} in ConfigMap {namespace}/{}",
                        reference.key, reference.name
                    )
                })
            });
            return found.map(Some).or_else(|error| optional(reference.optional, error));
        }
        if let Some(reference) = &source.secret_key_ref {
            let found = self.secret(store, &reference.name).and_then(|mut values| {
                values.remove(&reference.key).ok_or_else(|| {
                    format!(
                        "couldn't find key {} in Secret {namespace}/{}",
                        reference.key, reference.name
                    )
                })
            });
            return found.map(Some).or_else(|error| optional(reference.optional, error));
        }
        if let Some(reference) = &source.field_ref {
            return Ok(Some(self.field(&reference.field_path, host)));
        }
        Ok(source.resource_field_ref.as_ref().map(|reference| self.resource(index, reference)))
    }

    fn config_map(&self, store: &Store, name: &str) -> Result<BTreeMap<String, String>, String> {
        let key = Key::new(Kind::ConfigMap, self.pod.namespace(), name);
        let map = store.get(&key).and_then(|object| object.as_config_map());
        let map = map.ok_or_else(|| format!("configmap \"{name}\" not found"))?;
        Ok(map.data.clone().unwrap_or_default())
    }

    fn secret(&self, store: &Store, name: &str) -> Result<BTreeMap<String, String>, String> {
        let key = Key::new(Kind::Secret, self.pod.namespace(), name);
        let secret = store.get(&key).and_then(|object| object.as_secret());
        let secret = secret.ok_or_else(|| format!("secret \"{name}\" not found"))?;
        Ok(secret.data.iter().flatten().map(|(key, value)| (key.clone(), text_of(value))).collect())
    }

    /// A field of the Pod (`podFieldSelectorRuntimeValue`).
    fn field(&self, path: &str, host: &Host) -> String {
        let labelled = |map: Option<&BTreeMap<String, String>>, path: &str| {
            let key = path.split('\'').nth(1).unwrap_or_default();
            map.and_then(|map| map.get(key)).cloned().unwrap_or_default()
        };
        let ip = self.ip.map(|ip| ip.to_string()).unwrap_or_default();
        match path {
            "metadata.name" => self.pod.name().to_owned(),
            "metadata.namespace" => self.pod.namespace().to_owned(),
            "metadata.uid" => self.pod.uid().to_owned(),
            "spec.nodeName" => host.node.to_string(),
            "spec.serviceAccountName" => {
                self.spec().service_account_name.clone().unwrap_or_default()
            }
            "status.podIP" | "status.podIPs" => ip,
            "status.hostIP" | "status.hostIPs" => host.address.to_string(),
            _ if path.starts_with("metadata.labels") => {
                labelled(self.pod.meta.labels.as_ref(), path)
            }
            _ if path.starts_with("metadata.annotations") => {
                labelled(self.pod.meta.annotations.as_ref(), path)
            }
            _ => String::new(),
        }
    }

    /// A container's own request or limit, as written. *Differs:* the divisor is not applied yet.
    fn resource(&self, index: usize, reference: &ResourceFieldSelector) -> String {
        let resources = self.container(index).resources.as_ref();
        let (list, name) = match reference.resource.split_once('.') {
            Some(("requests", name)) => (resources.and_then(|all| all.requests.as_ref()), name),
            Some(("limits", name)) => (resources.and_then(|all| all.limits.as_ref()), name),
            _ => (None, ""),
        };
        list.and_then(|list| list.get(name)).map(|quantity| quantity.0.clone()).unwrap_or_default()
    }

    /// The host name inside the Pod.
    pub(super) fn hostname(&self) -> String {
        self.body().own.hostname.as_deref().unwrap_or(self.pod.name()).to_owned()
    }
}

/// A missing reference that is optional is passed over.
fn optional<T: Default>(optional: Option<bool>, error: String) -> Result<T, String> {
    if optional == Some(true) { Ok(T::default()) } else { Err(error) }
}

/// `$(NAME)` becomes the value of an earlier variable, `$$` a dollar; unknown names stay as written.
pub(super) fn expand(text: &str, env: &BTreeMap<String, String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            result.push('$');
            rest = after;
        } else if let Some((name, after)) =
            after.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        {
            match env.get(name) {
                Some(value) => result.push_str(value),
                None => result.extend(["$(", name, ")"]),
            }
            rest = after;
        } else {
            result.push('$');
            rest = after;
        }
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_in_values() {
        let env = [("A".to_owned(), "1".to_owned())].into();
        for (text, expected) in [
            ("x$(A)y", "x1y"),
            ("$(B)", "$(B)"),
            ("$$(A)", "$(A)"),
            ("$A $", "$A $"),
            ("$(A", "$(A"),
        ] {
            assert_eq!(expand(text, &env), expected, "{text}");
        }
    }
}
