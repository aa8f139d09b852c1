//! A container's environment: literal values, references to ConfigMaps, Secrets and the Pod's own fields.
//!
//! Models `makeEnvironmentVariables` of kubernetes `pkg/kubelet/kubelet_pods.go` and `Expand` of
//! `third_party/forked/golang/expansion`.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::EnvVarSource;

use super::Host;
use super::worker::Worker;
use crate::object::{Key, Kind};
use crate::order;
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
        env.insert("HOSTNAME".to_owned(), self.hostname(&host.node));
        self.service_links(store, &mut env);
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

    /// Why the environment cannot be made, if it cannot: what it refers to may not be there.
    pub(super) fn check_environment(
        &self,
        index: usize,
        host: &Host,
        store: &Store,
    ) -> Result<(), String> {
        let container = self.container(index);
        let refers = container.env_from.is_some()
            || container.env.iter().flatten().any(|variable| variable.value_from.is_some());
        if refers { self.environment(index, host, store).map(drop) } else { Ok(()) }
    }

    /// The variables of Services: of `kubernetes` always, of those in the Pod's namespace unless it wants none
    /// (`pkg/kubelet/envvars/envvars.go`).
    fn service_links(&self, store: &Store, env: &mut BTreeMap<String, String>) {
        let namespace = self.pod.namespace();
        let links = self.spec().enable_service_links.unwrap_or(true);
        let own = store.list(Kind::Service, Some(namespace)).filter(|_| links);
        let api = store.get(&Key::new(Kind::Service, "default", "kubernetes"));
        for object in api.into_iter().chain(own) {
            let Some(service) = object.as_service() else { continue };
            let address = service.spec.cluster_ip.as_deref().unwrap_or_default();
            if address.is_empty() || address == "None" {
                continue;
            }
            let name = variable_name(object.name());
            env.insert(format!("{name}_SERVICE_HOST"), address.to_owned());
            for (place, port) in service.spec.ports.iter().flatten().enumerate() {
                let number = port.port.to_string();
                let protocol = port.protocol.as_deref().unwrap_or("TCP");
                let small = protocol.to_ascii_lowercase();
                let url = format!("{small}://{address}:{number}");
                if place == 0 {
                    env.insert(format!("{name}_SERVICE_PORT"), number.clone());
                    env.insert(format!("{name}_PORT"), url.clone());
                }
                if let Some(port_name) = port.name.as_deref().filter(|name| !name.is_empty()) {
                    let port_name = variable_name(port_name);
                    env.insert(format!("{name}_SERVICE_PORT_{port_name}"), number.clone());
                }
                let prefix = format!("{name}_PORT_{number}_{}", protocol.to_ascii_uppercase());
                env.insert(format!("{prefix}_PROTO"), small);
                env.insert(format!("{prefix}_PORT"), number);
                env.insert(format!("{prefix}_ADDR"), address.to_owned());
                env.insert(prefix, url);
            }
        }
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
        let resource = source.resource_field_ref.as_ref();
        Ok(resource.map(|reference| self.resource(index, reference, store)))
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
        Ok(order::map(
            secret.data.iter().flatten().map(|(key, value)| (key.clone(), text_of(value))),
        ))
    }

    /// The host name inside the Pod (`GeneratePodHostNameAndDomain` of `kubelet_pods.go`; on the host's network there is
    /// the node's own).
    pub(super) fn hostname(&self, node: &str) -> String {
        if self.spec().host_network == Some(true) {
            return node.to_owned();
        }
        self.body().own.hostname.as_deref().unwrap_or(self.pod.name()).to_owned()
    }

    /// The domain behind it; empty where the Pod has no subdomain.
    pub(super) fn domain(&self) -> String {
        let subdomain = self.spec().subdomain.as_deref().filter(|subdomain| !subdomain.is_empty());
        let namespace = self.pod.namespace();
        subdomain.map_or_else(String::new, |one| format!("{one}.{namespace}.svc.cluster.local"))
    }
}

/// `my-db` as `MY_DB`.
fn variable_name(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
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
