//! `kubectl set env --list`: what is set, and with `--resolve` what references stand for.
//!
//! Models kubectl `pkg/cmd/set/set_env.go` and `pkg/cmd/set/env/env_resolve.go`. *Differs:* fields of the object are
//! resolved for name, namespace, labels and annotations.

use k8s_openapi::api::core::v1::ResourceFieldSelector;
use serde_json::Value;

use super::super::call::Call;
use super::super::verb::Outcome;
use super::Target;
use crate::manifest::{base64, fill};
use crate::object::pod::resource_field;
use crate::object::{Key, Kind, StatusError};
use crate::order;

/// Prints the variables of one container.
pub(super) fn print(
    call: &Call,
    target: &Target,
    container: &Value,
    variables: &[Value],
) -> Outcome {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = target.key.kind.info().name;
    call.line(format!("# {kind} {}, container {}", target.key.name, text(&container["name"])))?;
    let mut problems: Vec<(String, Vec<String>)> = Vec::new();
    for variable in variables {
        let name = text(&variable["name"]);
        let Some(from) = variable.get("valueFrom") else {
            call.line(format!("{name}={}", text(&variable["value"])))?;
            continue;
        };
        if call.flags.on("resolve") {
            match resolve(call, target, container, from) {
                Ok(value) => {
                    call.line(format!("{name}={value}"))?;
                    continue;
                }
                Err(problem) => match problems.iter_mut().find(|(other, _)| *other == problem) {
                    Some((_, names)) => names.push(name.clone()),
                    None => problems.push((problem, vec![name.clone()])),
                },
            }
        }
        call.line(format!("# {name} from {}", reference(from)))?;
    }
    if problems.is_empty() {
        return Ok(());
    }
    let line = |(problem, mut names): (String, Vec<String>)| {
        order::sort(&mut names);
        format!("error retrieving reference for {}: {problem}", names.join(", "))
    };
    let mut lines: Vec<String> = problems.into_iter().map(line).collect();
    order::sort(&mut lines);
    // What could not be resolved is told and no more: where nothing is changed, nothing fails.
    lines.iter().try_for_each(|line| call.err(line))
}

/// Where a value comes from (`GetEnvVarRefString`).
fn reference(from: &Value) -> String {
    let text = |path: &str| from.pointer(path).and_then(Value::as_str).unwrap_or_default();
    if from.get("configMapKeyRef").is_some() {
        let (name, key) = (text("/configMapKeyRef/name"), text("/configMapKeyRef/key"));
        format!("configmap {name}, key {key}")
    } else if from.get("secretKeyRef").is_some() {
        format!("secret {}, key {}", text("/secretKeyRef/name"), text("/secretKeyRef/key"))
    } else if from.get("fieldRef").is_some() {
        format!("field path {}", text("/fieldRef/fieldPath"))
    } else if from.get("resourceFieldRef").is_some() {
        let container = text("/resourceFieldRef/containerName");
        let slash = if container.is_empty() { "" } else { "/" };
        format!("resource field {container}{slash}{}", text("/resourceFieldRef/resource"))
    } else {
        "invalid valueFrom".to_owned()
    }
}

/// The value itself (`GetEnvVarRefValue`).
fn resolve(
    call: &Call,
    target: &Target,
    container: &Value,
    from: &Value,
) -> Result<String, String> {
    let text = |path: &str| from.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let data = |kind: Kind, name: &str, key: &str, what: &str| {
        let key_of = Key::new(kind, call.namespace(), name);
        let object = call.get(&key_of).ok_or_else(|| StatusError::not_found(&key_of).message)?;
        let value = object.to_value()["data"].get(key).and_then(Value::as_str).map(str::to_owned);
        value.ok_or_else(|| format!("key {key} not found in {what} {name}"))
    };
    if let Some(path) = from.pointer("/fieldRef/fieldPath").and_then(Value::as_str) {
        let (map, key) = path
            .strip_suffix("']")
            .and_then(|path| path.split_once("['"))
            .map_or((path, None), |(map, key)| (map, Some(key)));
        let pointer = format!("/{}", map.replace('.', "/"));
        let found = target.value.pointer(&pointer).filter(|_| path.starts_with("metadata."));
        let value = match key {
            Some(key) => found.and_then(|map| map.get(key)),
            None => found,
        };
        let value = value.and_then(Value::as_str).map(str::to_owned);
        return value.ok_or_else(|| format!("unsupported fieldPath: {path}"));
    }
    if let Some(reference) = from.get("resourceFieldRef") {
        let reference: ResourceFieldSelector = fill(reference);
        if !reference.resource.starts_with("limits.")
            && !reference.resource.starts_with("requests.")
        {
            return Err(format!("unsupported container resource : {}", reference.resource));
        }
        return Ok(resource_field(&fill(container), &reference).to_string());
    }
    if from.get("secretKeyRef").is_some() {
        let (name, key) = (text("/secretKeyRef/name"), text("/secretKeyRef/key"));
        let bytes = base64::decode(&data(Kind::Secret, name, key, "secret")?);
        return Ok(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned());
    }
    data(Kind::ConfigMap, text("/configMapKeyRef/name"), text("/configMapKeyRef/key"), "config map")
}
