//! What the server does to objects of the kinds held as values: a line a kind, a file for its rules.
//!
//! Models the strategies under kubernetes `pkg/registry`, the defaults under `pkg/apis/*/v1/defaults.go` and the validation
//! under `pkg/apis/*/validation`.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};

use super::{ValueBody, cron_job, job};
use crate::object::field::Errors;
use crate::object::meta::NameRule;
use crate::object::{Kind, Object, names};

/// What the server does to objects of one kind, beyond what it does to all.
#[derive(Copy, Clone, Debug)]
pub(in crate::object) struct Rules {
    /// What they may be called.
    pub name: NameRule,
    /// Fills in what the author left out, in the fields beside metadata and status. Doing it twice changes nothing.
    pub default: fn(&mut Map<String, Value>),
    /// Gives a new object, named and with its uid, what the server gives beyond that.
    pub prepare: fn(&mut Arc<ObjectMeta>, &mut ValueBody),
    /// The status of a new object.
    pub new_status: fn() -> Value,
    /// What is wrong with an object.
    pub validate: fn(&mut Errors, &Object, &ValueBody),
    /// What is wrong with an object, beyond that, as it replaces a stored one: the new body, the old one.
    pub validate_update: fn(&mut Errors, &Object, &ValueBody, &ValueBody),
    /// What a new or changed object is warned of.
    pub warn: fn(&mut Vec<String>, &Object, &ValueBody),
}

/// The rules for kinds of which any fields are good.
pub(super) const PLAIN: Rules = Rules {
    name: names::dns1123_subdomain,
    default: |_| {},
    prepare: |_, _| {},
    new_status: || Value::Null,
    validate: |_, _, _| {},
    validate_update: |_, _, _, _| {},
    warn: |_, _, _| {},
};

/// The rules of a kind.
pub(in crate::object) fn of(kind: Kind) -> &'static Rules {
    match kind {
        Kind::Role | Kind::RoleBinding | Kind::ClusterRole | Kind::ClusterRoleBinding => &RBAC,
        Kind::CronJob => &cron_job::CRON_JOB,
        Kind::Job => &job::JOB,
        _ => &PLAIN,
    }
}

/// Names of roles may hold what a path segment may.
const RBAC: Rules = Rules { name: names::path_segment, ..PLAIN };
