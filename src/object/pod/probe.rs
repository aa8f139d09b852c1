//! Probes and lifecycle handlers.
//!
//! Models `validateProbe`, `validateHandler` and `validateLifecycle` of kubernetes `pkg/apis/core/validation/validation.go`.

use k8s_openapi::api::core::v1::{
    ExecAction, GRPCAction, HTTPGetAction, Lifecycle, LifecycleHandler, Probe, SleepAction,
    TCPSocketAction,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::text;
use crate::object::field::{Errors, Path};
use crate::object::names;

/// Which of a container's probes it is.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum ProbeUse {
    Liveness,
    Readiness,
    Startup,
}

/// Validates one probe.
pub(super) fn validate_probe(errors: &mut Errors, probe: &Probe, usage: ProbeUse, path: &Path<'_>) {
    let handler = Handler {
        exec: probe.exec.as_ref(),
        http_get: probe.http_get.as_ref(),
        tcp_socket: probe.tcp_socket.as_ref(),
        grpc: probe.grpc.as_ref(),
        sleep: None,
    };
    validate_handler(errors, &handler, None, path);
    let numbers = [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ];
    for (field, number) in numbers {
        errors.non_negative(&path.child(field), number.unwrap_or(0));
    }
    let grace_path = path.child("terminationGracePeriodSeconds");
    if let Some(grace) = probe.termination_grace_period_seconds.filter(|grace| *grace <= 0) {
        errors.invalid(&grace_path, &grace, "must be greater than 0");
    }
    match usage {
        ProbeUse::Readiness => {
            if let Some(grace) = probe.termination_grace_period_seconds {
                errors.invalid(&grace_path, &grace, "must not be set for readinessProbes");
            }
        }
        ProbeUse::Liveness | ProbeUse::Startup => {
            let threshold = probe.success_threshold.unwrap_or(0);
            if threshold != 1 {
                errors.invalid(&path.child("successThreshold"), &threshold, "must be 1");
            }
        }
    }
}

/// Validates what runs after a container's start and before its stop.
pub(super) fn validate_lifecycle(
    errors: &mut Errors,
    lifecycle: &Lifecycle,
    grace: Option<i64>,
    path: &Path<'_>,
) {
    let handlers = [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)];
    for (field, handler) in handlers {
        if let Some(LifecycleHandler { exec, http_get, tcp_socket, sleep }) = handler {
            let handler = Handler {
                exec: exec.as_ref(),
                http_get: http_get.as_ref(),
                tcp_socket: tcp_socket.as_ref(),
                grpc: None,
                sleep: sleep.as_ref(),
            };
            validate_handler(errors, &handler, grace, &path.child(field));
        }
    }
}

/// The handlers of a probe or lifecycle hook; exactly one must be there.
struct Handler<'a> {
    exec: Option<&'a ExecAction>,
    http_get: Option<&'a HTTPGetAction>,
    tcp_socket: Option<&'a TCPSocketAction>,
    grpc: Option<&'a GRPCAction>,
    sleep: Option<&'a SleepAction>,
}

fn validate_handler(
    errors: &mut Errors,
    handler: &Handler<'_>,
    grace: Option<i64>,
    path: &Path<'_>,
) {
    let mut found = false;
    // True for the first handler; any further one is refused.
    let mut first = |errors: &mut Errors, here: &Path<'_>| {
        let first = !found;
        if found {
            errors.forbidden(here, "may not specify more than 1 handler type");
        }
        found = true;
        first
    };
    if let Some(exec) = handler.exec {
        let here = path.child("exec");
        if first(errors, &here) && exec.command.as_ref().is_none_or(Vec::is_empty) {
            errors.required(&here.child("command"), "");
        }
    }
    if let Some(http) = handler.http_get {
        let here = path.child("httpGet");
        if first(errors, &here) {
            validate_http_get(errors, http, &here);
        }
    }
    if let Some(tcp) = handler.tcp_socket {
        let here = path.child("tcpSocket");
        if first(errors, &here) {
            validate_port(errors, &tcp.port, &here.child("port"));
        }
    }
    if let Some(grpc) = handler.grpc {
        let here = path.child("grpc");
        if first(errors, &here) {
            validate_port(errors, &IntOrString::Int(grpc.port), &here.child("port"));
        }
    }
    if let Some(sleep) = handler.sleep {
        let here = path.child("sleep");
        if first(errors, &here)
            && let Some(grace) = grace.filter(|grace| !(0..=*grace).contains(&sleep.seconds))
        {
            let detail = format!(
                "must be non-negative and less than terminationGracePeriodSeconds ({grace})"
            );
            errors.invalid(&here, &sleep.seconds, &detail);
        }
    }
    if !found {
        errors.required(path, "must specify a handler type");
    }
}

fn validate_http_get(errors: &mut Errors, http: &HTTPGetAction, path: &Path<'_>) {
    if text(http.path.as_ref()).is_empty() {
        errors.required(&path.child("path"), "");
    }
    validate_port(errors, &http.port, &path.child("port"));
    let scheme = text(http.scheme.as_ref());
    if !["HTTP", "HTTPS"].contains(&scheme) {
        errors.not_supported(&path.child("scheme"), scheme, &["HTTP", "HTTPS"]);
    }
    for header in http.http_headers.iter().flatten() {
        let complaints = names::http_header_name(&header.name);
        errors.invalid_each(&path.child("httpHeaders"), &header.name, complaints);
    }
}

/// A port's number or name.
pub(crate) fn validate_port(errors: &mut Errors, port: &IntOrString, path: &Path<'_>) {
    let complaints = match port {
        IntOrString::Int(number) => names::port_number(*number),
        IntOrString::String(name) => names::port_name(name),
    };
    errors.invalid_each(path, port, complaints);
}
