//! Security contexts of Pods and containers.
//!
//! Models `ValidateSecurityContext` and `validatePodSpecSecurityContext` of kubernetes
//! `pkg/apis/core/validation/validation.go`. *Differs:* options for Windows are accepted as they are.

use k8s_openapi::api::core::v1::{
    AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, Sysctl,
};

use super::text;
use super::volume::local_path;
use crate::manifest::encode;
use crate::object::field::{Errors, Path, Verbatim};
use crate::object::internal::compact;
use crate::object::names;

/// The types of a seccomp or `AppArmor` profile.
const PROFILES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];

/// Validates a container's security context.
pub(super) fn validate_security_context(
    errors: &mut Errors,
    context: &SecurityContext,
    host_users: bool,
    path: &Path<'_>,
) {
    let numbers = [("runAsUser", context.run_as_user), ("runAsGroup", context.run_as_group)];
    validate_numbers(errors, &numbers, path);
    if let Some(mount) = &context.proc_mount {
        let here = path.child("procMount");
        if !["Default", "Unmasked"].contains(&mount.as_str()) {
            errors.not_supported(&here, mount, &["Default", "Unmasked"]);
        }
        if host_users && mount == "Unmasked" {
            errors.invalid(&here, mount, "`hostUsers` must be false to use `Unmasked`");
        }
    }
    if let Some(profile) = &context.seccomp_profile {
        validate_seccomp(errors, profile, &path.child("seccompProfile"));
    }
    if context.allow_privilege_escalation == Some(false) {
        let shown = || Verbatim(compact("SecurityContext", &encode(context)));
        if context.privileged == Some(true) {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            errors.invalid(path, &shown(), detail);
        }
        let added =
            context.capabilities.iter().flat_map(|capabilities| capabilities.add.iter().flatten());
        for _ in added.filter(|name| *name == "CAP_SYS_ADMIN") {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            errors.invalid(path, &shown(), detail);
        }
    }
    if let Some(profile) = &context.app_armor_profile {
        validate_app_armor(errors, profile, &path.child("appArmorProfile"));
    }
}

fn validate_numbers(errors: &mut Errors, numbers: &[(&str, Option<i64>)], path: &Path<'_>) {
    for (field, number) in numbers {
        if let Some(number) = number {
            errors.invalid_each(&path.child(field), number, names::user_number(*number));
        }
    }
}

/// Validates a Pod's security context.
pub(super) fn validate_pod_security_context(
    errors: &mut Errors,
    context: &PodSecurityContext,
    spec: &PodSpec,
    path: &Path<'_>,
) {
    let numbers = [
        ("fsGroup", context.fs_group),
        ("runAsUser", context.run_as_user),
        ("runAsGroup", context.run_as_group),
    ];
    validate_numbers(errors, &numbers, path);
    let groups_path = path.child("supplementalGroups");
    for (index, group) in context.supplemental_groups.iter().flatten().enumerate() {
        errors.invalid_each(&groups_path.index(index), group, names::user_number(*group));
    }
    if spec.share_process_namespace == Some(true) && spec.host_pid == Some(true) {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(&path.child("shareProcessNamespace"), &true, detail);
    }
    let sysctls = context.sysctls.as_deref().unwrap_or_default();
    validate_sysctls(errors, sysctls, &path.child("sysctls"));
    let choices: [(&str, &Option<String>, &[&str]); 3] = [
        ("fsGroupChangePolicy", &context.fs_group_change_policy, &["Always", "OnRootMismatch"]),
        ("supplementalGroupsPolicy", &context.supplemental_groups_policy, &["Merge", "Strict"]),
        ("seLinuxChangePolicy", &context.se_linux_change_policy, &["MountOption", "Recursive"]),
    ];
    for (field, choice, supported) in choices {
        if let Some(choice) = choice.as_ref().filter(|one| !supported.contains(&one.as_str())) {
            errors.not_supported(&path.child(field), choice, supported);
        }
    }
    if let Some(profile) = &context.seccomp_profile {
        validate_seccomp(errors, profile, &path.child("seccompProfile"));
    }
    if let Some(profile) = &context.app_armor_profile {
        validate_app_armor(errors, profile, &path.child("appArmorProfile"));
    }
}

fn validate_sysctls(errors: &mut Errors, sysctls: &[Sysctl], path: &Path<'_>) {
    const SEGMENT: &str = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    let mut seen: Vec<&str> = Vec::new();
    for (index, Sysctl { name, .. }) in sysctls.iter().enumerate() {
        let here = path.index(index);
        let name_path = here.child("name");
        if name.is_empty() {
            errors.required(&name_path, "");
        } else if name.len() > 253 || !name.split(['.', '/']).all(is_sysctl_segment) {
            let detail = format!(
                "must have at most 253 characters and match regex ^({SEGMENT}[\\./])*{SEGMENT}$"
            );
            errors.invalid(&name_path, name, &detail);
        } else if seen.contains(&name.as_str()) {
            errors.duplicate(&name_path, name);
        }
        seen.push(name);
    }
}

fn is_sysctl_segment(segment: &str) -> bool {
    let edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = segment.as_bytes();
    bytes.first().is_some_and(edge)
        && bytes.last().is_some_and(edge)
        && bytes.iter().all(|byte| edge(byte) || matches!(byte, b'-' | b'_'))
}

fn validate_seccomp(errors: &mut Errors, profile: &SeccompProfile, path: &Path<'_>) {
    let type_path = path.child("type");
    match profile.type_.as_str() {
        "Localhost" | "RuntimeDefault" | "Unconfined" => {}
        "" => errors.required(&type_path, "type is required when seccompProfile is set"),
        other => errors.not_supported(&type_path, other, PROFILES),
    }
    let here = path.child("localhostProfile");
    match (&profile.localhost_profile, profile.type_ == "Localhost") {
        (None, true) => errors.required(&here, "must be set when seccomp type is Localhost"),
        (Some(local), true) => local_path(errors, local, &here),
        (Some(_), false) => {
            let shown = compact("SeccompProfile", &encode(profile));
            let detail = "can only be set when seccomp type is Localhost";
            errors.invalid(&here, &Verbatim(shown), detail);
        }
        (None, false) => {}
    }
}

fn validate_app_armor(errors: &mut Errors, profile: &AppArmorProfile, path: &Path<'_>) {
    let here = path.child("localhostProfile");
    let local = text(profile.localhost_profile.as_ref());
    match profile.type_.as_str() {
        "Localhost" if local.trim() != local => {
            errors.invalid(&here, local, "must not be padded with whitespace");
        }
        "Localhost" if local.is_empty() => {
            errors.required(&here, "must be set when AppArmor type is Localhost");
        }
        "Localhost" => {}
        "RuntimeDefault" | "Unconfined" => {
            if let Some(local) = &profile.localhost_profile {
                errors.invalid(&here, local, "can only be set when AppArmor type is Localhost");
            }
        }
        "" => errors.required(&path.child("type"), "type is required when appArmorProfile is set"),
        other => errors.not_supported(&path.child("type"), other, PROFILES),
    }
}
