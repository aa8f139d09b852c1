//! `kubectl create ingress NAME --rule=host/path=service:port`. Models kubectl `pkg/cmd/create/create_ingress.go`.
//!
//! *Differs:* a rule that upstream's pattern lets through and its reader then dies of is refused as the others are.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::failure::Failure;
use super::super::verb::{Flag, Outcome, Verb};
use super::generator::{Generator, generate, int_or_string, text_map};

pub(super) const INGRESS: Verb = Verb {
    name: "ingress",
    aliases: &["ing"],
    summary: "Create an ingress with the specified name",
    usage: "NAME --rule=host/path=service:port[,tls[=secret]]",
    examples: &[
        (
            "Send everything below a path of a host to a Service",
            "kubectl create ingress web --rule=web.example.com/*=web:80",
        ),
        (
            "The same over HTTPS, with the certificate in a Secret",
            "kubectl create ingress web --class=nginx --rule=web.example.com/*=web:80,tls=web-cert",
        ),
    ],
    flags: &[FLAGS, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &INGRESSES),
    ..Verb::BASE
};

static INGRESSES: Generator = Generator {
    group: "networking.k8s.io",
    kind: "Ingress",
    required: &[],
    make: ingress,
    refused: "failed to create ingress: ",
};

static FLAGS: &[Flag] = &[
    Flag::array("annotation", "Annotation to insert in the ingress object, as key=value"),
    Flag::text("class", "", "Ingress Class to be used"),
    Flag::text("default-backend", "", "Default service for backend, as svcname:port"),
    Flag::array(
        "rule",
        "Rule in format host/path=service:port[,tls=secretname]. A path that ends with '*' means all below it (pathType=Prefix).",
    ),
];

/// A rule, read.
struct Rule<'a> {
    host: &'a str,
    path: &'a str,
    service: &'a str,
    port: &'a str,
    /// The secret's name, empty if none was named; `None` without TLS.
    tls: Option<&'a str>,
}

fn ingress(call: &Call, _: &str, body: &mut Value) -> Outcome {
    let backend = call.flags.text("default-backend");
    let given = call.flags.list("rule");
    if backend.is_empty() && given.is_empty() {
        return Err(Failure::plain(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
        ));
    }
    let mut parsed = Vec::new();
    for text in given {
        parsed.push(rule(text).ok_or_else(|| {
            Failure::plain(format!(
                "rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
            ))
        })?);
    }
    let annotations = annotations(call)?;
    let mut spec = json!({});
    if !backend.is_empty() {
        let parts: Vec<&str> = backend.split(':').collect();
        let [service, port] = parts.as_slice() else {
            return Err(Failure::plain(
                "default-backend should be in format servicename:serviceport",
            ));
        };
        spec["defaultBackend"] = backend_of(service, port);
    }
    if !call.flags.text("class").is_empty() {
        spec["ingressClassName"] = Value::from(call.flags.text("class"));
    }
    if !parsed.is_empty() {
        spec["rules"] = rules(&parsed);
        let tls = tls(&parsed);
        if !tls.is_empty() {
            spec["tls"] = Value::Array(tls);
        }
    }
    if let Some(annotations) = annotations {
        body["metadata"]["annotations"] = annotations;
    }
    body["spec"] = spec;
    body["status"] = json!({"loadBalancer": {}});
    Ok(())
}

fn annotations(call: &Call) -> Result<Option<Value>, Failure> {
    let mut pairs = Vec::new();
    for text in call.flags.list("annotation") {
        pairs.push(text.split_once('=').ok_or_else(|| {
            Failure::plain(format!(
                "annotation {text} is invalid and should be in format key=[value]"
            ))
        })?);
    }
    Ok((!pairs.is_empty()).then(|| text_map(pairs)))
}

/// `host/path=service:port[,tls[=secret]]`.
fn rule(text: &str) -> Option<Rule<'_>> {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let (main, rest) = text.split_once(',').map_or((text, None), |(main, rest)| (main, Some(rest)));
    let (host, path) = main.split_once('/')?;
    if !host.chars().all(|letter| word(letter) || matches!(letter, '*' | '.')) {
        return None;
    }
    let (path, service) = path.split_once('=')?;
    let (service, port) = service.split_once(':')?;
    let port = port.split(':').next()?;
    if service.is_empty() || !service.chars().all(word) || !port.chars().next().is_some_and(word) {
        return None;
    }
    // Only what stands between two commas can speak of TLS.
    let tls = rest.filter(|rest| !rest.contains(','));
    let tls = tls.map(|rest| rest.split('=').nth(1).unwrap_or_default());
    Some(Rule { host, path, service, port, tls })
}

fn backend_of(service: &str, port: &str) -> Value {
    let value = int_or_string(port);
    let port = if value.is_number() { json!({"number": value}) } else { json!({"name": value}) };
    json!({"service": {"name": service, "port": port}})
}

/// One entry a host, with its paths in their order (`buildIngressRules`).
fn rules(given: &[Rule<'_>]) -> Value {
    let mut rules: Vec<(&str, Vec<Value>)> = Vec::new();
    for rule in given {
        let (path, kind) = match rule.path.strip_suffix('*') {
            Some(path) => (path, "Prefix"),
            None => (rule.path, "Exact"),
        };
        let path = json!({
            "backend": backend_of(rule.service, rule.port),
            "path": format!("/{path}"),
            "pathType": kind,
        });
        match rules.iter_mut().find(|(host, _)| *host == rule.host) {
            Some((_, paths)) => paths.push(path),
            None => rules.push((rule.host, vec![path])),
        }
    }
    let one = |(host, paths): (&str, Vec<Value>)| {
        let mut rule = json!({"http": {"paths": paths}});
        if !host.is_empty() {
            rule["host"] = Value::from(host);
        }
        rule
    };
    rules.into_iter().map(one).collect()
}

/// One entry a secret, with its hosts (`buildTLSRules`).
fn tls(given: &[Rule<'_>]) -> Vec<Value> {
    let mut secrets: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for rule in given {
        let Some(secret) = rule.tls else { continue };
        if seen.contains(&rule.host) {
            continue;
        }
        seen.push(rule.host);
        if let Some((_, hosts)) = secrets.iter_mut().find(|(name, _)| *name == secret) {
            hosts.push(rule.host);
        } else if !rule.host.is_empty() || !secret.is_empty() {
            let hosts = if rule.host.is_empty() { Vec::new() } else { vec![rule.host] };
            secrets.push((secret, hosts));
        }
    }
    let one = |(secret, hosts): (&str, Vec<&str>)| {
        let mut entry = json!({});
        if !hosts.is_empty() {
            entry["hosts"] = json!(hosts);
        }
        if !secret.is_empty() {
            entry["secretName"] = Value::from(secret);
        }
        entry
    };
    secrets.into_iter().map(one).collect()
}
