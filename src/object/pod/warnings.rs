//! What a Pod's spec is warned of, in a Pod or in a template.
//!
//! Works on the wire form: what is not there reads as empty. Paths are text, since there is one for each warning alone.
//! Models `warningsForPodSpecAndMeta` of kubernetes `pkg/api/pod/warnings.go`, `pkg/api/node/util.go` and
//! `VisitContainersWithPath` of `pkg/apis/core/pods/helpers.go`. *Differs:* the order in a map is that of its keys, which
//! upstream leaves to chance.

use serde_json::Value;

use crate::object::names;
use crate::object::value::look::{at, entries, given, list, number, quantity, text, texts};
use crate::object::warnings::{warn_of_address, warn_of_fraction};
use crate::quote::quote;

/// Labels of nodes that are not used any more, and what is said of each.
const DEPRECATED_LABELS: [(&str, &str); 8] = [
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    (
        "beta.kubernetes.io/instance-type",
        "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    ),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
    (
        "scheduler.alpha.kubernetes.io/preferAvoidPods",
        "deprecated since v1.22; use Taints and Tolerations instead",
    ),
];

/// Annotations without effect.
const DEPRECATED_ANNOTATIONS: [(&str, &str); 3] = [
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];

/// Sources of volumes that are on their way out, with the versions that say so.
pub(in crate::object) const DEPRECATED_VOLUMES: [(&str, &str); 9] = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

/// What is said of a label of nodes, if it is not used any more.
pub(in crate::object) fn deprecated_label(label: &str) -> Option<&'static str> {
    DEPRECATED_LABELS.iter().find(|(name, _)| *name == label).map(|(_, said)| *said)
}

/// Warns of a Pod (`before` is empty) or of the template at a path (`before` is `spec.template.`).
pub(in crate::object) fn warn_of_pod(found: &mut Vec<String>, pod: &Value, before: &str) {
    let spec = at(pod, &["spec"]);
    let path = format!("{before}spec");
    warn_of_labels(found, spec, &path);
    let annotations = at(pod, &["metadata", "annotations"]);
    for (name, said) in DEPRECATED_ANNOTATIONS {
        if given(annotations, name).is_some() {
            found.push(format!("{before}metadata.annotations[{name}]: {said}"));
        }
    }
    for (index, volume) in list(spec, "volumes").iter().enumerate() {
        warn_of_volume(found, volume, &format!("{path}.volumes[{index}]"));
    }
    warn_of_paths(found, spec);
    warn_of_twins(found, spec, &path);
    for resource in ["memory", "ephemeral-storage"] {
        let amount = at(spec, &["overhead", resource]);
        warn_of_fraction(found, amount, &format!("{path}.overhead[{resource}]"));
    }
    let seccomp = |context: &Value, name: &str, found: &mut Vec<String>| {
        if given(at(context, &["securityContext"]), "seccompProfile").is_none()
            && given(annotations, name).is_some()
        {
            found.push(format!("{before}metadata.annotations[{name}]: non-functional in v1.27+; use the \"seccompProfile\" field instead"));
        }
    };
    seccomp(spec, "seccomp.security.alpha.kubernetes.io/pod", found);
    let containers = containers(spec, &path);
    for (container, path, _) in &containers {
        let name = text(container, "name");
        seccomp(
            container,
            &format!("container.seccomp.security.alpha.kubernetes.io/{name}"),
            found,
        );
        warn_of_container(found, container, path);
    }
    warn_of_ports(found, &containers);
    if number(spec, "terminationGracePeriodSeconds").is_some_and(|grace| grace < 0) {
        found.push(format!("{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"));
    }
    for field in ["podAffinity", "podAntiAffinity"] {
        warn_of_affinity(
            found,
            at(spec, &["affinity", field]),
            &format!("{path}.affinity.{field}"),
        );
    }
    for (index, address) in texts(at(spec, &["dnsConfig"]), "nameservers").enumerate() {
        warn_of_address(found, address, &format!("{path}.dnsConfig.nameservers[{index}]"));
    }
    for (index, alias) in list(spec, "hostAliases").iter().enumerate() {
        warn_of_address(found, text(alias, "ip"), &format!("{path}.hostAliases[{index}].ip"));
    }
}

/// A container with its path, and whether it runs beside others.
type Placed<'a> = (&'a Value, String, bool);

/// Every container, those for the start first.
fn containers<'a>(spec: &'a Value, path: &str) -> Vec<Placed<'a>> {
    let mut all = Vec::new();
    for field in ["initContainers", "containers", "ephemeralContainers"] {
        for (index, container) in list(spec, field).iter().enumerate() {
            let stays = field == "containers" || text(container, "restartPolicy") == "Always";
            all.push((container, format!("{path}.{field}[{index}]"), stays));
        }
    }
    all
}

fn warn_of_labels(found: &mut Vec<String>, spec: &Value, path: &str) {
    for (label, _) in entries(spec, "nodeSelector") {
        if let Some(said) = deprecated_label(label) {
            found.push(format!("{path}.nodeSelector[{label}]: {said}"));
        }
    }
    let affinity = at(spec, &["affinity", "nodeAffinity"]);
    let path_of = |rule: &str| format!("{path}.affinity.nodeAffinity.{rule}");
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    for (index, term) in list(at(affinity, &[required]), "nodeSelectorTerms").iter().enumerate() {
        let here = format!("{}.nodeSelectorTerms[{index}]", path_of(required));
        warn_of_term(found, term, &here, false);
    }
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    for (index, term) in list(affinity, preferred).iter().enumerate() {
        let here = format!("{}[{index}].preference", path_of(preferred));
        warn_of_term(found, at(term, &["preference"]), &here, true);
    }
    for (index, constraint) in list(spec, "topologySpreadConstraints").iter().enumerate() {
        let here = format!("{path}.topologySpreadConstraints[{index}]");
        let key = text(constraint, "topologyKey");
        if let Some(said) = deprecated_label(key) {
            found.push(format!("{here}.topologyKey: {key} is {said}"));
        }
        warn_of_no_selector(found, constraint, &here);
    }
}

/// Warns of a term that selects nodes; a preference's values are looked at too, since nothing refuses them.
pub(in crate::object) fn warn_of_term(
    found: &mut Vec<String>,
    term: &Value,
    path: &str,
    with_values: bool,
) {
    for (index, expression) in list(term, "matchExpressions").iter().enumerate() {
        let key = text(expression, "key");
        if let Some(said) = deprecated_label(key) {
            found.push(format!("{path}.matchExpressions[{index}].key: {key} is {said}"));
        }
        for (at, value) in texts(expression, "values").enumerate().filter(|_| with_values) {
            for wrong in names::label_value(value) {
                found.push(format!(
                    "{path}.matchExpressions[{index}].values[{at}]: {value} is invalid, {wrong}"
                ));
            }
        }
    }
}

fn warn_of_no_selector(found: &mut Vec<String>, term: &Value, path: &str) {
    if given(term, "labelSelector").is_none() {
        found
            .push(format!("{path}.labelSelector: a null labelSelector results in matching no pod"));
    }
}

fn warn_of_affinity(found: &mut Vec<String>, affinity: &Value, path: &str) {
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    for (index, term) in list(affinity, required).iter().enumerate() {
        warn_of_no_selector(found, term, &format!("{path}.{required}[{index}]"));
    }
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    for (index, term) in list(affinity, preferred).iter().enumerate() {
        let here = format!("{path}.{preferred}[{index}].podAffinityTerm");
        warn_of_no_selector(found, at(term, &["podAffinityTerm"]), &here);
    }
}

fn warn_of_volume(found: &mut Vec<String>, volume: &Value, path: &str) {
    for (field, said) in DEPRECATED_VOLUMES {
        if given(volume, field).is_some() {
            let field = if field == "storageos" { "storageOS" } else { field };
            found.push(format!("{path}.{field}: {said}"));
        }
    }
    let claim = at(volume, &["ephemeral", "volumeClaimTemplate", "spec"]);
    warn_of_claim(found, claim, &format!("{path}.ephemeral.volumeClaimTemplate.spec"));
}

/// Warns of a claim's spec.
pub(in crate::object) fn warn_of_claim(found: &mut Vec<String>, spec: &Value, path: &str) {
    for field in ["requests", "limits"] {
        let amount = at(spec, &["resources", field, "storage"]);
        warn_of_fraction(found, amount, &format!("{path}.resources.{field}[storage]"));
    }
}

/// Warns of files of one volume that would lie over each other.
fn warn_of_paths(found: &mut Vec<String>, spec: &Value) {
    let whole = [
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", "secretName"),
        ("downwardAPI", "DownwardAPI", ""),
    ];
    let parts = [
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", "name"),
        ("downwardAPI", "DownwardAPI", ""),
    ];
    let said = |what: &str, source: &Value, name: &str| match name {
        "" => what.to_owned(),
        name => format!("{what} {}", quote(text(source, name))),
    };
    for volume in list(spec, "volumes") {
        let volume_name = quote(text(volume, "name"));
        for (field, what, name) in whole {
            let source = at(volume, &[field]);
            let files = files_of(source, "");
            let before =
                format!("volume {volume_name} ({}): overlapping paths: ", said(what, source, name));
            warn_of_overlaps(found, &files, &before);
        }
        let mut files = Vec::new();
        for source in list(at(volume, &["projected"]), "sources") {
            if entries_of(source) == 0 {
                found.push(format!("volume {volume_name} (Projected) has no sources provided"));
            }
            for (field, what, name) in parts {
                let source = at(source, &[field]);
                files.extend(files_of(source, &said(what, source, name)));
            }
            if let Some(token) = given(source, "serviceAccountToken") {
                files.push((text(token, "path").to_owned(), "ServiceAccountToken".to_owned()));
            }
        }
        let before = format!("volume {volume_name} (Projected): overlapping paths: ");
        warn_of_overlaps(found, &files, &before);
    }
}

fn entries_of(value: &Value) -> usize {
    value.as_object().map_or(0, |fields| fields.values().filter(|one| !one.is_null()).count())
}

fn files_of(source: &Value, from: &str) -> Vec<(String, String)> {
    list(source, "items")
        .iter()
        .map(|item| (text(item, "path").to_owned(), from.to_owned()))
        .collect()
}

fn warn_of_overlaps(found: &mut Vec<String>, files: &[(String, String)], before: &str) {
    let shown = |(path, from): &(String, String)| {
        let path = quote(path.trim_end_matches('/'));
        if from.is_empty() { path } else { format!("{path} ({from})") }
    };
    let folder = |path: &str| format!("{}/", path.trim_end_matches('/'));
    for (index, file) in files.iter().enumerate() {
        let one = folder(&file.0);
        for earlier in files.iter().take(index) {
            let other = folder(&earlier.0);
            let empty = one == "/" || other == "/";
            if !empty && (one.starts_with(&other) || other.starts_with(&one)) {
                found.push(format!("{before}{} with {}", shown(file), shown(earlier)));
            }
        }
    }
}

/// Warns of what is named twice.
fn warn_of_twins(found: &mut Vec<String>, spec: &Value, path: &str) {
    for (field, key) in [("hostAliases", "ip"), ("imagePullSecrets", "name")] {
        let items = list(spec, field);
        for (index, item) in items.iter().enumerate() {
            let value = text(item, key);
            if items.iter().take(index).any(|other| text(other, key) == value) {
                found.push(format!(
                    "{path}.{field}[{index}].{key}: duplicate {key} {}",
                    quote(value)
                ));
            }
        }
    }
    for (index, secret) in list(spec, "imagePullSecrets").iter().enumerate() {
        if text(secret, "name").is_empty() {
            found.push(format!("{path}.imagePullSecrets[{index}].name: invalid empty name \"\""));
        }
    }
}

fn warn_of_container(found: &mut Vec<String>, container: &Value, path: &str) {
    for resource in ["memory", "ephemeral-storage"] {
        for field in ["limits", "requests"] {
            let amount = at(container, &["resources", field, resource]);
            warn_of_fraction(found, amount, &format!("{path}.resources.{field}[{resource}]"));
        }
    }
    let env = list(container, "env");
    for (index, variable) in env.iter().enumerate() {
        let (name, value) = (text(variable, "name"), text(variable, "value"));
        if !env.iter().take(index).any(|other| text(other, "name") == name) {
            continue;
        }
        // A later value may be built from the earlier one.
        let earlier = format!("$({name})");
        let builds_on = value != earlier && value.contains(&earlier);
        if !builds_on || given(variable, "valueFrom").is_some() {
            found.push(format!(
                "{path}.env[{index}]: hides previous definition of {}, which may be dropped when using apply",
                quote(name)
            ));
        }
    }
}

fn warn_of_ports(found: &mut Vec<String>, containers: &[Placed<'_>]) {
    let host_port = |port: &Value| number(port, "hostPort").unwrap_or(0);
    let host_ip = |port: &Value| text(port, "hostIP").to_owned();
    let mut seen: Vec<(&Value, String)> = Vec::new();
    for (container, path, _) in containers {
        for (index, port) in list(container, "ports").iter().enumerate() {
            let here = format!("{path}.ports[{index}]");
            let (host, ip) = (host_port(port), host_ip(port));
            let (name, protocol) = (text(port, "name"), text(port, "protocol"));
            let number_of = |port: &Value| number(port, "containerPort").unwrap_or(0);
            if !ip.is_empty() && host == 0 {
                found.push(format!(
                    "{here}: hostIP set without hostPort: {{Name:{name} HostPort:0 ContainerPort:{} Protocol:{protocol} HostIP:{ip}}}",
                    number_of(port)
                ));
            }
            for (other, there) in &seen {
                if number_of(other) != number_of(port) || text(other, "protocol") != protocol {
                    continue;
                }
                let (other_host, other_ip) = (host_port(other), host_ip(other));
                let how = match host == other_host {
                    true if ip == other_ip => "duplicate",
                    _ if host == 0 || other_host == 0 => "overlapping",
                    true if ip.is_empty() || other_ip.is_empty() => "dangerously ambiguous",
                    _ => continue,
                };
                found.push(format!("{here}: {how} port definition with {there}"));
            }
            seen.push((port, here));
        }
    }
    warn_of_port_names(found, containers);
}

/// Warns of names of ports that two containers share which run at once.
fn warn_of_port_names(found: &mut Vec<String>, containers: &[Placed<'_>]) {
    let mut seen: Vec<(&str, String)> = Vec::new();
    for (container, path, _) in containers.iter().filter(|(_, _, stays)| *stays) {
        for (index, port) in list(container, "ports").iter().enumerate() {
            let (name, here) = (text(port, "name"), format!("{path}.ports[{index}]"));
            if name.is_empty() {
                continue;
            }
            match seen.iter().find(|(other, _)| *other == name) {
                Some((_, there)) => found.push(format!(
                    "{here}: duplicate port name {} with {there}, services and probes that select ports by name will use {there}",
                    quote(name)
                )),
                None => seen.push((name, here)),
            }
        }
    }
}

/// Whether an amount is no whole number.
pub(in crate::object) fn fraction(amount: &Value) -> Option<String> {
    let amount = amount.as_str().map(|_| quantity(amount))?;
    (amount.milli_value() % 1000 != 0).then(|| amount.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(spec: &Value, annotations: &Value) -> String {
        let mut found = Vec::new();
        let pod = json!({ "metadata": { "annotations": annotations }, "spec": spec });
        warn_of_pod(&mut found, &pod, "spec.template.");
        found.join("\n")
    }

    #[test]
    fn ports_that_get_in_each_others_way() {
        let port = |more: Value| {
            let mut port = json!({ "containerPort": 80, "protocol": "TCP" });
            for (key, value) in more.as_object().into_iter().flatten() {
                port[key] = value.clone();
            }
            port
        };
        let spec = json!({ "containers": [
            { "name": "a", "ports": [port(json!({ "name": "http" })), port(json!({ "hostPort": 8080 }))] },
            { "name": "b", "ports": [port(json!({ "name": "http", "hostIP": "10.0.0.1" }))] },
        ] });
        let path = "spec.template.spec.containers";
        assert_eq!(
            of(&spec, &Value::Null),
            [
                format!("{path}[0].ports[1]: overlapping port definition with {path}[0].ports[0]"),
                format!("{path}[1].ports[0]: hostIP set without hostPort: {{Name:http HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}}"),
                format!("{path}[1].ports[0]: overlapping port definition with {path}[0].ports[0]"),
                format!("{path}[1].ports[0]: overlapping port definition with {path}[0].ports[1]"),
                format!("{path}[1].ports[0]: duplicate port name \"http\" with {path}[0].ports[0], services and probes that select ports by name will use {path}[0].ports[0]"),
            ]
            .join("\n")
        );
    }

    #[test]
    fn names_addresses_and_files_that_are_odd() {
        let items = json!([{ "key": "a", "path": "x" }, { "key": "b", "path": "x/y" }]);
        let spec = json!({
            "nodeSelector": { "beta.kubernetes.io/os": "linux" },
            "terminationGracePeriodSeconds": -5,
            "volumes": [{ "name": "v", "configMap": { "name": "c", "items": items } }, { "name": "g", "gitRepo": {} }],
            "hostAliases": [{ "ip": "10.0.0.01" }, { "ip": "10.0.0.01" }],
            "affinity": { "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [{ "topologyKey": "a" }] } },
        });
        let annotations = json!({ "container.seccomp.security.alpha.kubernetes.io/a": "x", "scheduler.alpha.kubernetes.io/critical-pod": "" });
        assert_eq!(
            of(&spec, &annotations),
            "spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead
spec.template.metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the \"priorityClassName\" field instead
spec.template.spec.volumes[1].gitRepo: deprecated in v1.11
volume \"v\" (ConfigMap \"c\"): overlapping paths: \"x/y\" with \"x\"
spec.template.spec.hostAliases[1].ip: duplicate ip \"10.0.0.01\"
spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1
spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod
spec.template.spec.hostAliases[0].ip: non-standard IP address \"10.0.0.01\" is invalid: use \"10.0.0.1\"
spec.template.spec.hostAliases[1].ip: non-standard IP address \"10.0.0.01\" is invalid: use \"10.0.0.1\""
        );
    }
}
