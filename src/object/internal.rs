//! A value as the server's own types print it: Go's names, every field, in Go's order.
//!
//! Errors that show a whole struct show the internal one, which has no names for JSON. It differs from the wire's in few
//! places: a Pod's flags for the host's namespaces stand in its security context, embedded structs have no name, and
//! `metav1` types are those of the wire. Models kubernetes `pkg/apis/core/types.go` and Go `encoding/json`.

use serde_json::{Map, Value};

use super::difference;
use super::field::as_go;
use crate::manifest::types::{Field, Shape, Struct, Type, of_struct};

/// A value ready to be written.
enum Tree {
    Plain(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Structs whose internal fields stand in another order, or in other places; the rest follow in the wire's order.
const ORDER: &[(&str, &str)] = &[
    (
        "PodSpec",
        "Volumes InitContainers Containers EphemeralContainers RestartPolicy TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy NodeSelector ServiceAccountName AutomountServiceAccountToken NodeName SecurityContext ImagePullSecrets Hostname Subdomain SetHostnameAsFQDN Affinity SchedulerName Tolerations HostAliases PriorityClassName Priority PreemptionPolicy DNSConfig ReadinessGates RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints OS SchedulingGates ResourceClaims Resources HostnameOverride SchedulingGroup",
    ),
    (
        "PodSecurityContext",
        "HostNetwork HostPID HostIPC ShareProcessNamespace HostUsers SELinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls SeccompProfile AppArmorProfile SELinuxChangePolicy",
    ),
    (
        "PersistentVolumeSource",
        "GCEPersistentDisk AWSElasticBlockStore HostPath Glusterfs NFS RBD Quobyte ISCSI FlexVolume Cinder CephFS FC Flocker AzureFile VsphereVolume AzureDisk PhotonPersistentDisk PortworxVolume ScaleIO Local StorageOS CSI",
    ),
    (
        "Volume",
        "Name HostPath EmptyDir GCEPersistentDisk AWSElasticBlockStore GitRepo Secret NFS ISCSI Glusterfs PersistentVolumeClaim RBD Quobyte",
    ),
];

/// Fields of a Pod's spec that the internal security context holds.
const OF_HOST: [&str; 5] =
    ["HostNetwork", "HostPID", "HostIPC", "ShareProcessNamespace", "HostUsers"];

/// A value of a core type in one line.
pub(super) fn compact(name: &str, value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, &of_core(name, value), None);
    out
}

/// How two values of a core type differ, as upstream's errors tell it: a unified difference of their lines.
pub(super) fn differ(name: &str, old: &Value, new: &Value) -> String {
    let [old, new] = [old, new].map(|value| {
        let mut out = String::new();
        write(&mut out, &of_core(name, value), Some(0));
        out
    });
    difference::unified(&old, &new)
}

fn of_core(name: &str, value: &Value) -> Tree {
    of_struct("core", name).map_or_else(|| Tree::Plain(value.to_string()), |of| tree(of, value))
}

fn tree(of: Type, value: &Value) -> Tree {
    if let (Shape::Struct(of), true) = (of.shape(), value.is_object() || !of.is_pointer()) {
        return fields_of(of, value);
    }
    match (of.shape(), value) {
        (Shape::List(item), Value::Array(items)) => {
            Tree::List(items.iter().map(|value| tree(item, value)).collect())
        }
        (Shape::Map(of), Value::Object(entries)) => {
            let entry = |(key, value): (&String, &Value)| (key.clone(), tree(of, value));
            Tree::Object(entries.iter().map(entry).collect())
        }
        (_, Value::Null) if !of.is_pointer() => Tree::Plain(zero(of).to_owned()),
        (_, value) => Tree::Plain(as_go(value)),
    }
}

/// What a value that was never set is.
fn zero(of: Type) -> &'static str {
    match of.shape() {
        Shape::String => "\"\"",
        Shape::Bool => "false",
        Shape::Int32 | Shape::Int64 | Shape::Float64 | Shape::IntOrString => "0",
        Shape::Quantity => "\"0\"",
        _ => "null",
    }
}

fn fields_of(of: &Struct, value: &Value) -> Tree {
    let mut fields: Vec<(String, Tree)> = Vec::new();
    for field in &of.fields {
        let value = value.get(field.name).unwrap_or(&Value::Null);
        if field.go_name == Some("ObjectMeta") {
            fields.extend(as_wire(value));
        } else {
            fields.push((go_name(field), tree_of_field(field, value)));
        }
    }
    if of.name == "PodSpec" {
        into_security_context(&mut fields);
    }
    if let Some((_, order)) = ORDER.iter().find(|(name, _)| *name == of.name) {
        let mut ordered = Vec::new();
        for name in order.split(' ') {
            if let Some(at) = fields.iter().position(|(field, _)| field == name) {
                ordered.push(fields.remove(at));
            }
        }
        ordered.append(&mut fields);
        fields = ordered;
    }
    Tree::Object(fields)
}

fn tree_of_field(field: &Field, value: &Value) -> Tree {
    match field.of.as_struct() {
        // Types of `metav1` have names for JSON.
        Some(of) if of.is_meta() => match value {
            Value::Null => Tree::Plain("null".to_owned()),
            value => Tree::Object(as_wire(value)),
        },
        _ => tree(field.of, value),
    }
}

/// The fields of a value as the wire has them.
fn as_wire(value: &Value) -> Vec<(String, Tree)> {
    let whole = |value: &Value| match value {
        Value::Object(_) => Tree::Object(as_wire(value)),
        other => Tree::Plain(as_go(other)),
    };
    let fields = value.as_object().map(Map::iter).into_iter().flatten();
    fields.map(|(key, value)| (key.clone(), whole(value))).collect()
}

fn go_name(field: &Field) -> String {
    if let Some(name) = field.go_name {
        return name.to_owned();
    }
    let mut letters = field.name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Moves what concerns the host's namespaces; the alias of the ServiceAccount's name goes.
fn into_security_context(fields: &mut Vec<(String, Tree)>) {
    let mut moved = Vec::new();
    for name in OF_HOST {
        if let Some(at) = fields.iter().position(|(field, _)| field == name) {
            moved.push(fields.remove(at));
        }
    }
    fields.retain(|(field, _)| field != "DeprecatedServiceAccount");
    let Some((_, context)) = fields.iter_mut().find(|(field, _)| field == "SecurityContext") else {
        return;
    };
    if let Tree::Plain(_) = context {
        *context = of_core("PodSecurityContext", &Value::Object(Map::new()));
    }
    if let Tree::Object(of_context) = context {
        moved.append(of_context);
        *of_context = moved;
    }
}

/// Writes a tree, in one line or a line each with so many spaces before it.
fn write(out: &mut String, tree: &Tree, indent: Option<usize>) {
    let inner = indent.map(|spaces| spaces + 1);
    let line = |out: &mut String, spaces: Option<usize>| {
        if let Some(spaces) = spaces {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', spaces));
        }
    };
    match tree {
        Tree::Plain(text) => out.push_str(text),
        Tree::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                line(out, inner);
                write(out, item, inner);
            }
            line(out, indent.filter(|_| !items.is_empty()));
            out.push(']');
        }
        Tree::Object(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                line(out, inner);
                out.push_str(&as_go(&Value::String(name.clone())));
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(out, value, inner);
            }
            line(out, indent.filter(|_| !fields.is_empty()));
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn go_names_and_every_field() {
        let probe = json!({ "httpGet": { "path": "/a&b", "port": 80 }, "periodSeconds": 5 });
        assert_eq!(
            compact("Probe", &probe),
            r#"{"Exec":null,"HTTPGet":{"Path":"/a\u0026b","Port":80,"Host":"","Scheme":"","HTTPHeaders":null},"TCPSocket":null,"GRPC":null,"InitialDelaySeconds":0,"TimeoutSeconds":0,"PeriodSeconds":5,"SuccessThreshold":0,"FailureThreshold":0,"TerminationGracePeriodSeconds":null}"#
        );
        let template =
            json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "hostPID": true } });
        let shown = compact("PodTemplateSpec", &template);
        assert!(shown.starts_with(r#"{"labels":{"a":"b"},"Spec":{"Volumes":null,"#), "{shown}");
        assert!(
            shown.contains(r#""SecurityContext":{"HostNetwork":false,"HostPID":true,"#),
            "{shown}"
        );
        assert!(!shown.contains("ServiceAccount\""), "{shown}");
    }

    #[test]
    fn lines_differ() {
        let spec = |policy: &str| json!({ "restartPolicy": policy });
        assert_eq!(
            differ("PodSpec", &spec("Always"), &spec("Never")),
            "@@ -3,7 +3,7 @@\n  \"InitContainers\": null,\n  \"Containers\": null,\n  \"EphemeralContainers\": null,\n- \"RestartPolicy\": \"Always\",\n+ \"RestartPolicy\": \"Never\",\n  \"TerminationGracePeriodSeconds\": null,\n  \"ActiveDeadlineSeconds\": null,\n  \"DNSPolicy\": \"\",\n"
        );
    }
}
