//! A kind's document for `kubectl explain`, out of k8s-openapi: the schemas that the kind is made of.
//!
//! k8s-openapi has them as version 2 of the server's `OpenAPI` does; what version 3 adds, the values that a field may have,
//! comes from `enums.txt` (`tools/enums.mjs`). Models kube-openapi `pkg/generators/{openapi,enum}.go`.

use k8s_openapi::api::admissionregistration::v1 as admissionregistration_v1;
use k8s_openapi::api::apps::v1 as apps_v1;
use k8s_openapi::api::authentication::v1 as authentication_v1;
use k8s_openapi::api::authorization::v1 as authorization_v1;
use k8s_openapi::api::autoscaling::v1 as autoscaling_v1;
use k8s_openapi::api::autoscaling::v2 as autoscaling_v2;
use k8s_openapi::api::batch::v1 as batch_v1;
use k8s_openapi::api::certificates::v1 as certificates_v1;
use k8s_openapi::api::coordination::v1 as coordination_v1;
use k8s_openapi::api::core::v1 as core_v1;
use k8s_openapi::api::discovery::v1 as discovery_v1;
use k8s_openapi::api::events::v1 as events_v1;
use k8s_openapi::api::flowcontrol::v1 as flowcontrol_v1;
use k8s_openapi::api::networking::v1 as networking_v1;
use k8s_openapi::api::node::v1 as node_v1;
use k8s_openapi::api::policy::v1 as policy_v1;
use k8s_openapi::api::rbac::v1 as rbac_v1;
use k8s_openapi::api::resource::v1 as resource_v1;
use k8s_openapi::api::scheduling::v1 as scheduling_v1;
use k8s_openapi::api::storage::v1 as storage_v1;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1 as apiextensions_v1;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1 as apiregistration_v1;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Makes a kind's schema.
type Make = fn(&mut SchemaGenerator);

/// Every kind that the server has: its document's name and how its schema is made.
pub(crate) const KINDS: &[(&str, Make)] = &{
    macro_rules! kinds {
        ($($group:literal $module:ident: $($kind:ident)+;)+) => {
            [$($((
                concat!($group, ".", stringify!($kind)),
                (|generator: &mut SchemaGenerator| {
                    generator.subschema_for::<$module::$kind>();
                }) as Make,
            ),)+)+]
        };
    }
    kinds! {
        "core.v1" core_v1: Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node
            PersistentVolumeClaim PersistentVolume Pod PodTemplate ReplicationController ResourceQuota Secret ServiceAccount
            Service;
        "admissionregistration.k8s.io.v1" admissionregistration_v1: MutatingWebhookConfiguration
            ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration MutatingAdmissionPolicy
            MutatingAdmissionPolicyBinding;
        "apiextensions.k8s.io.v1" apiextensions_v1: CustomResourceDefinition;
        "apiregistration.k8s.io.v1" apiregistration_v1: APIService;
        "apps.v1" apps_v1: ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet;
        "authentication.k8s.io.v1" authentication_v1: SelfSubjectReview TokenReview;
        "authorization.k8s.io.v1" authorization_v1: LocalSubjectAccessReview SelfSubjectAccessReview
            SelfSubjectRulesReview SubjectAccessReview;
        "autoscaling.v2" autoscaling_v2: HorizontalPodAutoscaler;
        "autoscaling.v1" autoscaling_v1: HorizontalPodAutoscaler;
        "batch.v1" batch_v1: CronJob Job;
        "certificates.k8s.io.v1" certificates_v1: CertificateSigningRequest;
        "coordination.k8s.io.v1" coordination_v1: Lease;
        "discovery.k8s.io.v1" discovery_v1: EndpointSlice;
        "events.k8s.io.v1" events_v1: Event;
        "flowcontrol.apiserver.k8s.io.v1" flowcontrol_v1: FlowSchema PriorityLevelConfiguration;
        "networking.k8s.io.v1" networking_v1: IngressClass Ingress IPAddress NetworkPolicy ServiceCIDR;
        "node.k8s.io.v1" node_v1: RuntimeClass;
        "policy.v1" policy_v1: PodDisruptionBudget;
        "rbac.authorization.k8s.io.v1" rbac_v1: ClusterRoleBinding ClusterRole RoleBinding Role;
        "resource.k8s.io.v1" resource_v1: DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice;
        "scheduling.k8s.io.v1" scheduling_v1: PriorityClass;
        "storage.k8s.io.v1" storage_v1: CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment
            VolumeAttributesClass;
    }
};

/// The values of types and the fields that have these types.
const ENUMS: &str = include_str!("enums.txt");

/// One document, by its name: `apps.v1.Deployment`.
pub(crate) fn document(name: &str) -> Option<String> {
    let (_, make) = KINDS.iter().find(|(known, _)| *known == name)?;
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    make(&mut generator);
    let mut schemas = Map::new();
    for (definition, mut schema) in generator.take_definitions(true) {
        tidy(&mut schema);
        // k8s-openapi wants metadata where the server does not.
        if let Some(names) = schema.get_mut("required").and_then(Value::as_array_mut) {
            names.retain(|name| name != "metadata");
        }
        say_values(&definition, &mut schema);
        schemas.insert(definition, schema);
    }
    let kind = name.rsplit('.').next().unwrap_or_default();
    let version = name.strip_suffix(kind)?.trim_end_matches('.').rsplit('.').next()?;
    let ending = format!(".{version}.{kind}");
    let root = schemas.keys().find(|definition| definition.ends_with(&ending))?.clone();
    Some(json!({"root": root, "schemas": schemas}).to_string())
}

/// References as version 3 writes them: beside other words in an `allOf`, and only the name of what is meant.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(map) => {
            map.values_mut().for_each(tidy);
            let target = map.get("$ref").and_then(Value::as_str);
            let Some(target) = target.and_then(|text| text.rsplit('/').next()) else { return };
            let target = Value::from(target);
            map.remove("$ref");
            if map.is_empty() {
                map.insert("$ref".to_owned(), target);
            } else {
                map.insert("allOf".to_owned(), json!([{"$ref": target}]));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Adds what the fields of a definition may say.
fn say_values(definition: &str, schema: &mut Value) {
    let prefix = format!("field {definition} ");
    for line in ENUMS.lines().filter_map(|line| line.strip_prefix(&prefix)) {
        let Some((field, name)) = line.split_once(' ') else { continue };
        let Some(field) = schema.pointer_mut(&format!("/properties/{field}")) else { continue };
        let head = format!("enum {name}");
        let values: Vec<Vec<String>> = ENUMS
            .lines()
            .skip_while(|line| *line != head)
            .skip(1)
            .take_while(|line| line.starts_with('['))
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let mut text = field["description"].as_str().unwrap_or_default().to_owned();
        text.push_str("\n\nPossible enum values:");
        for value in &values {
            let more = value[1..].concat();
            text.extend([
                "
 - `\"", &value[0], "\"` ", &more,
            ]);
            text.truncate(text.trim_end().len());
        }
        field["description"] = Value::from(text);
        field["enum"] = values.iter().map(|value| Value::from(value[0].as_str())).collect();
    }
}
