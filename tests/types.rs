//! The table of types says what k8s-openapi says: every struct of every served kind has the same fields, of like types.
//!
//! The table is made from upstream's Go sources (`tools/types.mjs`), k8s-openapi from upstream's `OpenAPI` document, so a
//! slip in either shows here, and so does a release that only one of them has followed.

use k8s_openapi::api::{
    apps, autoscaling, batch, coordination, core, discovery, networking, policy, rbac, scheduling,
    storage,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions;
use kobune::manifest::types::{Shape, Type, of_struct};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

/// The schema of a kind and of all that hangs on it, by upstream's full names.
fn definitions<T: JsonSchema>() -> Vec<(String, Value)> {
    let root = SchemaGenerator::default().into_root_schema_for::<T>();
    let mut schema = root.to_value();
    let defs = schema["$defs"].as_object_mut().map(std::mem::take).unwrap_or_default();
    let mut all: Vec<(String, Value)> = defs.into_iter().collect();
    all.push((T::schema_name().into_owned(), schema));
    all
}

/// The table's type for upstream's full name: `io.k8s.api.core.v1.PodSpec`; none for what reads itself.
fn in_table(name: &str) -> Option<Type> {
    let mut parts = name.rsplit('.');
    let (kind, version, group) = (parts.next()?, parts.next()?, parts.next()?);
    let package = match (group, version) {
        ("autoscaling", "v1") => "autoscaling1",
        (group, _) => group,
    };
    of_struct(package, kind)
}

/// What JSON a shape is written as.
fn json_type(shape: Shape) -> &'static str {
    match shape {
        Shape::String | Shape::Bytes | Shape::Time | Shape::MicroTime | Shape::Quantity => "string",
        Shape::Bool => "boolean",
        Shape::Int32 | Shape::Int64 => "integer",
        Shape::Float64 => "number",
        Shape::List(_) => "array",
        Shape::Map(_) | Shape::Struct(_) => "object",
        Shape::IntOrString | Shape::Any => "",
    }
}

/// Where a schema only refers to another, that one.
fn resolve<'a>(schema: &'a Value, all: &'a [(String, Value)]) -> &'a Value {
    let referred = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str());
    let Some(name) = referred.and_then(|text| text.rsplit('/').next()) else { return schema };
    all.iter().find(|(known, _)| known == name).map_or(schema, |(_, schema)| schema)
}

/// How many structs were compared.
fn compare(found: &mut Vec<String>, all: &[(String, Value)]) -> usize {
    let mut count = 0;
    for (name, schema) in all {
        let Some(of) = in_table(name).and_then(Type::as_struct) else { continue };
        let Some(fields) = schema["properties"].as_object() else { continue };
        count += 1;
        for field in &of.fields {
            if !fields.contains_key(field.name) {
                found.push(format!("{name}: k8s-openapi has no field {}", field.name));
            }
        }
        for (field, schema) in fields {
            let Some(ours) = of.field(field) else {
                found.push(format!("{name}: the table has no field {field}"));
                continue;
            };
            let wanted = json_type(ours.of.shape());
            let theirs = resolve(schema, all)["type"].as_str().unwrap_or_default();
            if !wanted.is_empty() && !theirs.is_empty() && wanted != theirs {
                found.push(format!("{name}.{field}: {wanted} in the table, {theirs} there"));
            }
        }
    }
    count
}

/// Compares kinds; how many structs that were, those of several kinds counted for each.
macro_rules! compare_kinds {
    ($found:ident: $($kind:ty),+ $(,)?) => { 0 $(+ compare(&mut $found, &definitions::<$kind>()))+ };
}

#[test]
fn the_table_has_the_fields_that_k8s_openapi_has() {
    let mut found = Vec::new();
    let count = compare_kinds! { found:
        core::v1::Binding, core::v1::ConfigMap, core::v1::Endpoints, core::v1::Event,
        core::v1::LimitRange, core::v1::Namespace, core::v1::Node, core::v1::PersistentVolume,
        core::v1::PersistentVolumeClaim, core::v1::Pod, core::v1::PodTemplate,
        core::v1::ReplicationController, core::v1::ResourceQuota, core::v1::Secret,
        core::v1::Service, core::v1::ServiceAccount,
        apps::v1::ControllerRevision, apps::v1::DaemonSet, apps::v1::Deployment,
        apps::v1::ReplicaSet, apps::v1::StatefulSet,
        autoscaling::v1::HorizontalPodAutoscaler, autoscaling::v2::HorizontalPodAutoscaler,
        batch::v1::CronJob, batch::v1::Job, coordination::v1::Lease, discovery::v1::EndpointSlice,
        networking::v1::Ingress, networking::v1::IngressClass, networking::v1::IPAddress,
        networking::v1::NetworkPolicy, networking::v1::ServiceCIDR,
        policy::v1::PodDisruptionBudget, rbac::v1::ClusterRole, rbac::v1::ClusterRoleBinding,
        rbac::v1::Role, rbac::v1::RoleBinding, scheduling::v1::PriorityClass,
        storage::v1::CSIDriver, storage::v1::CSINode, storage::v1::CSIStorageCapacity,
        storage::v1::StorageClass, storage::v1::VolumeAttachment,
        storage::v1::VolumeAttributesClass, apiextensions::v1::CustomResourceDefinition,
    };
    assert!(count > 1000, "only {count} structs were found in the table");
    kobune::order::sort(&mut found);
    found.dedup();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
