//! `kubectl create secret generic|tls|docker-registry NAME`.

use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE, read_bytes};
use super::super::failure::Failure;
use super::super::verb::{Flag, Outcome, Verb};
use super::{data, failed_to_create, finish, name_of};
use crate::manifest::base64;
use crate::object::Kind;

pub(super) const SECRET: Verb = Verb {
    name: "secret",
    summary: "Create a secret using a specified subcommand",
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
    run: |call| Box::pin(async move { generic(&call) }),
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
    run: |call| Box::pin(async move { tls(&call) }),
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
    run: |call| Box::pin(async move { docker_registry(&call) }),
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

fn generic(call: &Call) -> Outcome {
    let name = name_of(call)?;
    let entries = data::gather(call, "Secret")?;
    send(call, &name, call.flags.text("type"), entries.into_iter().collect())
}

fn tls(call: &Call) -> Outcome {
    let name = name_of(call)?;
    let mut data = Vec::new();
    for (flag, key) in [("cert", "tls.crt"), ("key", "tls.key")] {
        let path = call.flags.text(flag);
        if path.is_empty() {
            return Err(Failure::plain(format!("{flag} must be specified")));
        }
        let bytes = read_bytes(call, path).map_err(|failure| {
            if let Failure::Plain(problem) = failure {
                return Failure::plain(format!("Cannot read file {path}, {problem}"));
            }
            failure
        })?;
        data.push((key.to_owned(), bytes));
    }
    send(call, &name, "kubernetes.io/tls", data)
}

fn docker_registry(call: &Call) -> Outcome {
    let name = name_of(call)?;
    let text = |flag: &str| call.flags.text(flag);
    for flag in ["docker-username", "docker-password"] {
        if text(flag).is_empty() {
            return Err(Failure::plain(
                "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
            ));
        }
    }
    let (user, password) = (text("docker-username"), text("docker-password"));
    let auth = base64::encode(format!("{user}:{password}").as_bytes());
    // The order of the fields is that of Go's struct.
    let email = match text("docker-email") {
        "" => String::new(),
        email => format!("\"email\":{},", Value::from(email)),
    };
    let config = format!(
        "{{\"auths\":{{{}:{{\"username\":{},\"password\":{},{email}\"auth\":{}}}}}}}",
        Value::from(text("docker-server")),
        Value::from(user),
        Value::from(password),
        Value::from(auth)
    );
    let data = vec![(".dockerconfigjson".to_owned(), config.into_bytes())];
    send(call, &name, "kubernetes.io/dockerconfigjson", data)
}

fn send(call: &Call, name: &str, kind: &str, data: Vec<(String, Vec<u8>)>) -> Outcome {
    let mut body = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
    if !kind.is_empty() {
        body["type"] = Value::from(kind);
    }
    if !data.is_empty() {
        let data: Map<String, Value> =
            data.into_iter().map(|(key, bytes)| (key, base64::encode(&bytes).into())).collect();
        body["data"] = Value::Object(data);
    }
    finish(call, Kind::Secret, body, failed_to_create("secret"))
}
