//! What the server does to objects of the kinds held as values: a line a kind, a file for its rules.
//!
//! Models the strategies under kubernetes `pkg/registry`, the defaults under `pkg/apis/*/v1/defaults.go` and the validation
//! under `pkg/apis/*/validation`.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};

use super::{
    ValueBody, autoscaler, cron_job, definition, disruption_budget, endpoints, ingress, job,
    limit_range, network_policy, priority_class, replication_controller, resource_quota, role,
};
use crate::object::field::Errors;
use crate::object::meta::NameRule;
use crate::object::{Kind, Object, names};
use crate::time::Time;

/// What the server does to objects of one kind, beyond what it does to all.
#[derive(Copy, Clone, Debug)]
pub(in crate::object) struct Rules {
    /// What they may be called.
    pub name: NameRule,
    /// Fills in what the author left out, in the fields beside metadata and status. Doing it twice changes nothing.
    pub default: fn(&mut Map<String, Value>),
    /// Gives a new object, named and with its uid, what the server gives beyond that at this moment.
    pub prepare: fn(&mut Arc<ObjectMeta>, &mut ValueBody, Time),
    /// The status of a new object.
    pub new_status: fn() -> Value,
    /// What is wrong with an object.
    pub validate: fn(&mut Errors, &Object, &ValueBody),
    /// What is wrong with a new object, beyond that.
    pub validate_new: fn(&mut Errors, &Object, &ValueBody),
    /// What is wrong with an object, beyond that, as it replaces a stored one: the new body, the old one.
    pub validate_update: fn(&mut Errors, &Object, &ValueBody, &ValueBody),
    /// What a new or changed object is warned of.
    pub warn: fn(&mut Vec<String>, &Object, &ValueBody),
}

/// The rules for kinds of which any fields are good.
pub(super) const PLAIN: Rules = Rules {
    name: names::dns1123_subdomain,
    default: |_| {},
    prepare: |_, _, _| {},
    new_status: || Value::Null,
    validate: |_, _, _| {},
    validate_new: |_, _, _| {},
    validate_update: |_, _, _, _| {},
    warn: |_, _, _| {},
};

/// The rules of a kind.
pub(in crate::object) fn of(kind: Kind) -> &'static Rules {
    match kind {
        Kind::PersistentVolume => &super::volume::RULES,
        Kind::PersistentVolumeClaim => &super::claim::RULES,
        Kind::StatefulSet => &super::stateful_set::RULES,
        Kind::StorageClass => &super::storage_class::RULES,
        Kind::CronJob => &cron_job::CRON_JOB,
        Kind::CustomResourceDefinition => &definition::DEFINITION,
        Kind::Job => &job::JOB,
        Kind::Endpoints => &endpoints::ENDPOINTS,
        Kind::HorizontalPodAutoscaler => &autoscaler::AUTOSCALER,
        Kind::Ingress => &ingress::INGRESS,
        Kind::IngressClass => &ingress::INGRESS_CLASS,
        Kind::LimitRange => &limit_range::LIMIT_RANGE,
        Kind::NetworkPolicy => &network_policy::NETWORK_POLICY,
        Kind::PodDisruptionBudget => &disruption_budget::DISRUPTION_BUDGET,
        Kind::PodTemplate => &replication_controller::POD_TEMPLATE,
        Kind::PriorityClass => &priority_class::PRIORITY_CLASS,
        Kind::ReplicationController => &replication_controller::REPLICATION_CONTROLLER,
        Kind::ResourceQuota => &resource_quota::RESOURCE_QUOTA,
        Kind::Role | Kind::ClusterRole => &role::ROLE,
        Kind::RoleBinding | Kind::ClusterRoleBinding => &role::BINDING,
        _ => &PLAIN,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::object::{Kind, Object, rules, warnings};

    fn object(kind: Kind, fields: Value) -> Object {
        let mut fields = fields;
        let namespace = kind.info().namespaced.then_some("default");
        fields["metadata"] = json!({ "name": "x", "namespace": namespace });
        let mut object = Object::from_value(kind, fields);
        rules::default(&mut object);
        object
    }

    fn problems(kind: Kind, fields: Value) -> String {
        rules::validate(&object(kind, fields)).into_lines().join("\n")
    }

    fn changes(kind: Kind, old: Value, new: Value) -> String {
        rules::validate_update(&object(kind, new), &object(kind, old)).into_lines().join("\n")
    }

    #[test]
    fn each_kind_refuses_in_the_servers_words() {
        let ingress = |path: Value| {
            problems(
                Kind::Ingress,
                json!({ "spec": { "rules": [{ "http": { "paths": [path] } }] } }),
            )
        };
        let backend = json!({ "service": { "name": "web", "port": { "number": 80 } } });
        assert_eq!(
            ingress(json!({ "path": "/a/../b", "pathType": "Prefix", "backend": backend })),
            "spec.rules[0].http.paths[0].path: Invalid value: \"/a/../b\": must not contain '/../'"
        );
        assert_eq!(
            ingress(json!({ "path": "/", "backend": backend })),
            "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"
        );
        let class = json!({ "spec": { "controller": "nginx" } });
        assert_eq!(
            problems(Kind::IngressClass, class),
            "spec.controller: Invalid value: \"nginx\": must be a domain-prefixed path (such as \"acme.io/foo\")"
        );
        let block = json!({ "cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"] });
        let policy = json!({ "spec": { "ingress": [{ "from": [{ "ipBlock": block, "podSelector": {} }] }] } });
        assert_eq!(
            problems(Kind::NetworkPolicy, policy),
            "spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"11.0.0.0/16\": must be a strict subset of `cidr`\nspec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer"
        );
        let budget =
            json!({ "spec": { "minAvailable": 1, "maxUnavailable": "10%", "selector": {} } });
        assert_eq!(
            problems(Kind::PodDisruptionBudget, budget),
            "spec: Invalid value: {\"MinAvailable\":1,\"Selector\":{},\"MaxUnavailable\":\"10%\",\"UnhealthyPodEvictionPolicy\":null}: minAvailable and maxUnavailable cannot be both set"
        );
        let quota = json!({ "spec": { "hard": { "services": "1" }, "scopes": ["BestEffort", "NotBestEffort"] } });
        assert_eq!(
            problems(Kind::ResourceQuota, quota),
            "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: unsupported scope applied to resource\nspec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes"
        );
        let limits = json!([{ "type": "Container", "min": { "cpu": "1" }, "max": { "cpu": "2" }, "maxLimitRequestRatio": { "cpu": "4" } }]);
        assert_eq!(
            problems(Kind::LimitRange, json!({ "spec": { "limits": limits } })),
            "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"4\": ratio 4 is greater than max/min = 2.000000"
        );
        let rules = json!({ "rules": [{ "verbs": ["get"], "nonResourceURLs": ["/x"] }] });
        assert_eq!(
            problems(Kind::Role, rules),
            "rules[0].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs"
        );
        let account = json!({ "roleRef": { "kind": "Role", "name": "r" }, "subjects": [{ "kind": "ServiceAccount", "name": "a" }] });
        assert_eq!(
            problems(Kind::ClusterRoleBinding, account),
            "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"\nsubjects[0].namespace: Required value"
        );
        let subset = json!({ "addresses": [{ "ip": "127.0.0.1" }], "ports": [{ "port": 80 }] });
        assert_eq!(
            problems(Kind::Endpoints, json!({ "subsets": [subset, {}] })),
            "subsets[0].addresses[0].ip: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)\nsubsets[1]: Required value: must specify `addresses` or `notReadyAddresses`"
        );
        assert_eq!(
            problems(Kind::ReplicationController, json!({})),
            "spec.selector: Required value\nspec.template: Required value"
        );
    }

    #[test]
    fn an_autoscaler_has_one_source_a_metric_and_a_target_with_a_group() {
        let target = json!({ "kind": "Deployment", "name": "web", "apiVersion": "v1" });
        let usage = json!({ "type": "Utilization", "averageUtilization": 50 });
        let metric = json!({
            "type": "Pods",
            "pods": { "metric": { "name": "m" }, "target": { "type": "AverageValue", "averageValue": "1" } },
            "resource": { "name": "cpu", "target": usage },
        });
        assert_eq!(
            problems(
                Kind::HorizontalPodAutoscaler,
                json!({ "spec": { "scaleTargetRef": target, "maxReplicas": 2, "metrics": [metric] } })
            ),
            "spec.scaleTargetRef.apiVersion: Invalid value: \"v1\": apiVersion must specify API group\nspec.metrics[0].resource: Forbidden: must populate the given metric source only"
        );
    }

    #[test]
    fn what_may_not_change_is_told() {
        assert_eq!(
            changes(
                Kind::PriorityClass,
                json!({ "value": 1 }),
                json!({ "value": 2, "preemptionPolicy": "Never" })
            ),
            "value: Forbidden: may not be changed in an update.\npreemptionPolicy: Invalid value: \"Never\": field is immutable"
        );
        let binding = |name: &str| json!({ "roleRef": { "kind": "ClusterRole", "name": name } });
        assert_eq!(
            changes(Kind::RoleBinding, binding("a"), binding("b")),
            "roleRef: Invalid value: {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"ClusterRole\",\"Name\":\"b\"}: cannot change roleRef"
        );
    }

    #[test]
    fn a_budgets_metadata_comes_last_and_alone() {
        let told = |least: i32| {
            let mut budget =
                object(Kind::PodDisruptionBudget, json!({ "spec": { "minAvailable": least } }));
            std::sync::Arc::make_mut(&mut budget.meta).name = Some("a/b".to_owned());
            rules::validate(&budget).into_lines().join("\n")
        };
        assert_eq!(
            told(-1),
            "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"
        );
        assert_eq!(told(1), "metadata.name: Invalid value: \"a/b\": may not contain '/'");
    }

    #[test]
    fn sloppy_addresses_are_warned_of() {
        let peer = json!({ "ipBlock": { "cidr": "10.0.0.7/8" } });
        let policy = object(
            Kind::NetworkPolicy,
            json!({ "spec": { "egress": [{ "to": [peer] }], "podSelector": {} } }),
        );
        assert_eq!(
            warnings(&policy),
            [
                "spec.egress[0].to[0].ipBlock.cidr: CIDR value \"10.0.0.7/8\" is ambiguous in this context (should be \"10.0.0.0/8\" or \"10.0.0.7/32\"?)"
            ]
        );
        let types = policy.as_value().map(|body| body.at(&["spec", "policyTypes"]).clone());
        assert_eq!(types, Some(json!(["Ingress", "Egress"])));
    }
}
