//! `kubectl create secret generic|tls|docker-registry NAME`.
//!
//! Models kubectl `pkg/cmd/create/create_secret*.go`. *Differs:* of certificates and keys only the PEM around them is looked
//! at.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE, read_bytes};
use super::super::failure::Failure;
use super::super::verb::{Flag, Outcome, Verb};
use super::generator::{Generator, generate};
use super::{append_hash, data};
use crate::manifest::base64;
use crate::order;
use crate::output::json;

pub(super) const SECRET: Verb = Verb {
    name: "secret",
    summary: "Create a secret using a specified subcommand",
    long: "Create a secret with specified type",
    details: &[
        "A docker-registry type secret is for accessing a container registry.",
        "A generic type secret indicate an Opaque secret type.",
        "A tls type secret holds TLS certificate and its associated key.",
    ],
    usage: "(docker-registry | generic | tls)",
    verbs: &[DOCKER_REGISTRY, GENERIC, TLS],
    ..Verb::BASE
};

const GENERIC: Verb = Verb {
    name: "generic",
    summary: "Create a secret from a local file, directory, or literal value",
    usage: "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    examples: &[(
        "Create a Secret with a user and a password",
        "kubectl create secret generic db --from-literal=user=admin --from-literal=pass=s3cr3t",
    )],
    flags: &[
        data::FROM,
        &[Flag::text("type", "", "The type of secret to create")],
        DRY_RUN,
        PRINT,
        WRITE,
    ],
    run: |call| generate(call, &GENERICS),
    ..Verb::BASE
};

const TLS: Verb = Verb {
    name: "tls",
    summary: "Create a TLS secret",
    usage: "NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
    examples: &[(
        "Create a TLS secret from a key pair",
        "kubectl create secret tls web --cert=tls.crt --key=tls.key",
    )],
    flags: &[TLS_FLAGS, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &TLS_SECRETS),
    ..Verb::BASE
};

static TLS_FLAGS: &[Flag] = &[
    Flag::switch("append-hash", "Append a hash of the secret to its name."),
    Flag::text("cert", "", "Path to PEM encoded public key certificate."),
    Flag::text("key", "", "Path to private key associated with given certificate."),
];

const DOCKER_REGISTRY: Verb = Verb {
    name: "docker-registry",
    summary: "Create a secret for use with a Docker registry",
    usage: "NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--dry-run=server|client|none]",
    examples: &[(
        "Create a Secret for a private registry",
        "kubectl create secret docker-registry reg --docker-server=r.example.com --docker-username=me --docker-password=secret",
    )],
    flags: &[DOCKER_FLAGS, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &DOCKER_SECRETS),
    ..Verb::BASE
};

static DOCKER_FLAGS: &[Flag] = &[
    Flag::switch("append-hash", "Append a hash of the secret to its name."),
    Flag::text("docker-email", "", "Email for Docker registry"),
    Flag::text("docker-password", "", "Password for Docker registry authentication"),
    Flag::text(
        "docker-server",
        "https://index.docker.io/v1/",
        "Server location for Docker registry",
    ),
    Flag::text("docker-username", "", "Username for Docker registry authentication"),
    Flag::list("from-file", "Key files can be specified using their file path."),
];

static GENERICS: Generator = secrets(generic);
static TLS_SECRETS: Generator = secrets(tls);
static DOCKER_SECRETS: Generator = secrets(docker_registry);

const fn secrets(make: fn(&Call, &str, &mut Value) -> Outcome) -> Generator {
    Generator {
        group: "",
        kind: "Secret",
        required: &[],
        make,
        refused: "failed to create secret ",
    }
}

fn generic(call: &Call, name: &str, body: &mut Value) -> Outcome {
    let entries = data::gather(call, "Secret", name)?;
    fill(call, name, body, call.flags.text("type"), entries);
    Ok(())
}

fn tls(call: &Call, name: &str, body: &mut Value) -> Outcome {
    let (certificate, key) = (call.flags.text("cert"), call.flags.text("key"));
    if certificate.is_empty() || key.is_empty() {
        return Err(Failure::plain("key and cert must be specified"));
    }
    let read = |path: &str| {
        read_bytes(call, path).map_err(|failure| {
            if let Failure::Plain(problem) = failure {
                return Failure::plain(format!("Cannot read file {path}, {problem}"));
            }
            failure
        })
    };
    let (certificate, key) = (read(certificate)?, read(key)?);
    check_pem(&certificate, "certificate", |kind| kind == "CERTIFICATE")?;
    check_pem(&key, "key", |kind| kind == "PRIVATE KEY" || kind.ends_with(" PRIVATE KEY"))?;
    let data = [("tls.crt".to_owned(), certificate), ("tls.key".to_owned(), key)];
    fill(call, name, body, "kubernetes.io/tls", data.into());
    Ok(())
}

/// Whether a PEM block of the right kind is there (Go's `tls.X509KeyPair`).
fn check_pem(bytes: &[u8], what: &str, fits: impl Fn(&str) -> bool) -> Outcome {
    let text = String::from_utf8_lossy(bytes);
    let mut skipped: Vec<&str> = Vec::new();
    for line in text.lines() {
        let Some(kind) =
            line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"))
        else {
            continue;
        };
        if !text.contains(&format!("-----END {kind}-----")) {
            continue;
        }
        if fits(kind) {
            return Ok(());
        }
        skipped.push(kind);
    }
    Err(Failure::plain(match (skipped.as_slice(), what) {
        ([], _) => format!("tls: failed to find any PEM data in {what} input"),
        (["CERTIFICATE"], "key") => {
            "tls: found a certificate rather than a key in the PEM for the private key".to_owned()
        }
        (_, "key") => format!(
            "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of the following types: [{}]",
            skipped.join(" ")
        ),
        ([kind], _) if kind.ends_with("PRIVATE KEY") => {
            "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched".to_owned()
        }
        _ => format!(
            "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following types: [{}]",
            skipped.join(" ")
        ),
    }))
}

fn docker_registry(call: &Call, name: &str, body: &mut Value) -> Outcome {
    const KEY: &str = ".dockerconfigjson";
    const TYPE: &str = "kubernetes.io/dockerconfigjson";
    let text = |flag: &str| call.flags.text(flag);
    if name.is_empty() {
        return Err(Failure::plain("name must be specified"));
    }
    let (user, password) = (text("docker-username"), text("docker-password"));
    let files = call.flags.list("from-file");
    if files.is_empty()
        && (user.is_empty() || password.is_empty() || text("docker-server").is_empty())
    {
        return Err(Failure::plain(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
        ));
    }
    if let Some(file) = files.first() {
        let source = if file.contains('=') { file.clone() } else { format!("{KEY}={file}") };
        fill(call, name, body, TYPE, data::gather_file(call, &source)?);
        return Ok(());
    }
    let json = |text: &str| json::compact(&Value::from(text));
    let auth = base64::encode(format!("{user}:{password}").as_bytes());
    // The order of the fields is that of Go's struct.
    let email = match text("docker-email") {
        "" => String::new(),
        email => format!("\"email\":{},", json(email)),
    };
    let config = format!(
        "{{\"auths\":{{{}:{{\"username\":{},\"password\":{},{email}\"auth\":{}}}}}}}",
        json(text("docker-server")),
        json(user),
        json(password),
        json(&auth)
    );
    fill(call, name, body, TYPE, order::map([(KEY.to_owned(), config.into_bytes())]));
    Ok(())
}

fn fill(call: &Call, name: &str, body: &mut Value, kind: &str, data: BTreeMap<String, Vec<u8>>) {
    if !kind.is_empty() {
        body["type"] = Value::from(kind);
    }
    if !data.is_empty() {
        let mut encoded = Map::new();
        for (key, bytes) in data {
            encoded.insert(key, Value::String(base64::encode(&bytes)));
        }
        body["data"] = Value::Object(encoded);
    }
    append_hash(call, name, body);
}
