//! `kubectl create token SERVICE_ACCOUNT`: a signed statement of who someone is, for a while.
//!
//! Models kubectl `pkg/cmd/create/create_token.go` and the server's token request (kubernetes
//! `pkg/registry/core/serviceaccount/storage/token.go`, `pkg/apis/authentication/validation/validation.go`).
//! *Differs:* the claims are the real ones, the signature is none; nothing here checks it.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::PRINT;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::hash::sha256;
use super::super::verb::{Arguments, Flag, Outcome, Verb};
use super::generator::name_of;
use crate::manifest::base64;
use crate::object::{Key, Kind, Object, StatusError};
use crate::output::json as go_json;
use crate::random::Random;
use crate::time::Duration;

pub(super) const TOKEN: Verb = Verb {
    name: "token",
    summary: "Request a service account token",
    usage: "SERVICE_ACCOUNT_NAME",
    examples: &[
        ("Get a token of the service account bot", "kubectl create token bot"),
        ("Get one that is valid for ten minutes", "kubectl create token bot --duration=10m"),
    ],
    flags: &[FLAGS, PRINT],
    run: |call| Box::pin(std::future::ready(run(&call))),
    arguments: Arguments::None,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::array("audience", "For whom the token is; the API server, if not given."),
    Flag::text(
        "bound-object-kind",
        "",
        "Kind of the object that the token lives with: Node, Pod or Secret.",
    ),
    Flag::text("bound-object-name", "", "Name of the object that the token lives with."),
    Flag::text("bound-object-uid", "", "UID of the object that the token lives with."),
    Flag::duration("duration", "0s", "How long the token is to be valid."),
];

/// Who issues tokens, and for whom they are.
const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

/// A token is valid for an hour if nothing else is asked for.
const SECONDS_DEFAULT: i64 = 3600;

fn run(call: &Call) -> Outcome {
    let name = name_of(call)?;
    let format = Format::of_writer(call)?;
    check(call, &name)?;
    let seconds = match call.flags.duration("duration").0 / NANOS {
        0 => SECONDS_DEFAULT,
        seconds => seconds,
    };
    let account = call.get(&call.key(Kind::ServiceAccount, &name));
    let account = account.ok_or_else(|| {
        failed(&StatusError::not_found(&call.key(Kind::ServiceAccount, &name)).message)
    })?;
    // What the server finds wrong; the sentence names no object.
    let problem = if seconds < 600 {
        Some(format!("{seconds}: may not specify a duration less than 10 minutes"))
    } else if seconds > 1 << 32 {
        Some(format!("{seconds}: may not specify a duration larger than 2^32 seconds"))
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(failed(&format!(
            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {problem}"
        )));
    }
    let bound = bound(call)?;
    let token = token(call, &account, seconds, bound.as_deref());
    match format {
        Some(format) => call.out(format.print_typed(&response(call, &account, seconds, &token))?),
        None if call.shell.stdout.columns().is_some() => call.line(token),
        None => call.out(token),
    }
}

const NANOS: i64 = 1_000_000_000;

fn failed(problem: &str) -> Failure {
    Failure::plain(format!("failed to create token: {problem}"))
}

/// What kubectl itself finds wrong (`Validate`).
fn check(call: &Call, name: &str) -> Outcome {
    let text = |flag: &str| call.flags.text(flag);
    let duration = call.flags.duration("duration").0;
    let (kind, object) = (text("bound-object-kind"), text("bound-object-name"));
    let problem = if name.is_empty() {
        "service account name is required"
    } else if duration < 0 {
        "--duration must be greater than or equal to 0"
    } else if duration % NANOS != 0 {
        "--duration cannot be expressed in units less than seconds"
    } else if call.flags.list("audience").iter().any(String::is_empty) {
        "--audience must not be an empty string"
    } else if kind.is_empty() && !object.is_empty() {
        "--bound-object-name can only be set if --bound-object-kind is provided"
    } else if kind.is_empty() && !text("bound-object-uid").is_empty() {
        "--bound-object-uid can only be set if --bound-object-kind is provided"
    } else if !["", "Node", "Pod", "Secret"].contains(&kind) {
        "supported --bound-object-kind values are Node, Pod, Secret"
    } else if !kind.is_empty() && object.is_empty() {
        "--bound-object-name is required if --bound-object-kind is provided"
    } else {
        return Ok(());
    };
    Err(Failure::plain(problem))
}

/// The object that the token lives with.
fn bound(call: &Call) -> Result<Option<std::sync::Arc<Object>>, Failure> {
    let kind = match call.flags.text("bound-object-kind") {
        "" => return Ok(None),
        "Node" => Kind::Node,
        "Pod" => Kind::Pod,
        _ => Kind::Secret,
    };
    let key: Key = call.key(kind, call.flags.text("bound-object-name"));
    let object = call.get(&key).ok_or_else(|| failed(&StatusError::not_found(&key).message))?;
    let asked = call.flags.text("bound-object-uid");
    let uid = uid(&object);
    if !asked.is_empty() && asked != uid {
        return Err(failed(&format!(
            "Operation cannot be fulfilled on {} {:?}: the UID in the bound object reference ({asked}) does not match the UID in record. The object might have been deleted and then recreated",
            kind.info().resource(),
            object.name()
        )));
    }
    Ok(Some(object))
}

fn uid(object: &Object) -> String {
    object.meta.uid.clone().unwrap_or_default()
}

fn audiences(call: &Call) -> Value {
    match call.flags.list("audience") {
        [] => json!([ISSUER]),
        given => json!(given),
    }
}

/// A JSON web token with a service account's claims.
fn token(call: &Call, account: &Object, seconds: i64, bound: Option<&Object>) -> String {
    let now = call.now().secs();
    let mut own = json!({
        "namespace": account.namespace(),
        "serviceaccount": {"name": account.name(), "uid": uid(account)},
    });
    if let Some(object) = bound {
        let word = object.kind().info().singular;
        own[word] = json!({"name": object.name(), "uid": uid(object)});
    }
    let claims = json!({
        "aud": audiences(call),
        "exp": now + seconds,
        "iat": now,
        "iss": ISSUER,
        "jti": Random::new(call.now().micros().unsigned_abs()).split(account.name()).uid(),
        "kubernetes.io": own,
        "nbf": now,
        "sub": format!("system:serviceaccount:{}:{}", account.namespace(), account.name()),
    });
    let head = json!({"alg": "RS256", "kid": base64::encode_url(&sha256(ISSUER.as_bytes()))});
    let part = |value: &Value| base64::encode_url(go_json::compact(value).as_bytes());
    let signed = format!("{}.{}", part(&head), part(&claims));
    let mut signature = Vec::with_capacity(256);
    let mut digest = sha256(signed.as_bytes());
    for _ in 0..8 {
        signature.extend(digest);
        digest = sha256(&digest);
    }
    format!("{signed}.{}", base64::encode_url(&signature))
}

/// What the server answers, for `-o yaml`.
fn response(call: &Call, account: &Object, seconds: i64, token: &str) -> Value {
    let span = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "metadata": {
            "creationTimestamp": call.now().to_string(),
            "name": account.name(),
            "namespace": account.namespace(),
        },
        "spec": {
            "audiences": audiences(call),
            "boundObjectRef": Value::Null,
            "expirationSeconds": seconds,
        },
        "status": {"expirationTimestamp": (call.now() + span).to_string(), "token": token},
    })
}
