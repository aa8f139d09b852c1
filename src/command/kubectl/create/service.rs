//! `kubectl create service clusterip|externalname|loadbalancer|nodeport NAME`.
//!
//! Models kubectl `pkg/cmd/create/create_service.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::failure::Failure;
use super::super::verb::{Flag, Outcome, Verb};
use super::generator::{Generator, generate};
use crate::object::names;

pub(super) const SERVICE: Verb = Verb {
    name: "service",
    aliases: &["svc"],
    summary: "Create a service using a specified subcommand",
    usage: "[flags]",
    verbs: &[CLUSTER_IP, EXTERNAL_NAME, LOAD_BALANCER, NODE_PORT],
    ..Verb::BASE
};

const CLUSTER_IP: Verb = Verb {
    name: "clusterip",
    summary: "Create a ClusterIP service",
    usage: "NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    examples: &[(
        "Create a Service whose port 80 leads to port 8080",
        "kubectl create service clusterip web --tcp=80:8080",
    )],
    flags: &[TCP, ADDRESS, DRY_RUN, PRINT, WRITE],
    run: |call| {
        generate(call, const { &services(cluster_ip, "failed to create ClusterIP service: ") })
    },
    ..Verb::BASE
};

const EXTERNAL_NAME: Verb = Verb {
    name: "externalname",
    summary: "Create an ExternalName service",
    usage: "NAME --external-name external.name [--dry-run=server|client|none]",
    examples: &[(
        "Give a name outside the cluster a name inside it",
        "kubectl create service externalname db --external-name=db.example.com",
    )],
    flags: &[TCP, NAME, DRY_RUN, PRINT, WRITE],
    run: |call| {
        let generator = const {
            &Generator {
                required: &["external-name"],
                ..services(external_name, "failed to create ExternalName service: ")
            }
        };
        generate(call, generator)
    },
    ..Verb::BASE
};

const LOAD_BALANCER: Verb = Verb {
    name: "loadbalancer",
    summary: "Create a LoadBalancer service",
    usage: "NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    examples: &[(
        "Create a Service with an address of its own outside the cluster",
        "kubectl create service loadbalancer web --tcp=80:8080",
    )],
    flags: &[TCP, DRY_RUN, PRINT, WRITE],
    run: |call| {
        generate(
            call,
            const { &services(load_balancer, "failed to create LoadBalancer service: ") },
        )
    },
    ..Verb::BASE
};

const NODE_PORT: Verb = Verb {
    name: "nodeport",
    summary: "Create a NodePort service",
    usage: "NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    examples: &[(
        "Create a Service that every node answers for at port 30080",
        "kubectl create service nodeport web --tcp=80:8080 --node-port=30080",
    )],
    flags: &[TCP, NODE, DRY_RUN, PRINT, WRITE],
    run: |call| {
        generate(call, const { &services(node_port, "failed to create NodePort service: ") })
    },
    ..Verb::BASE
};

const fn services(
    make: fn(&Call, &str, &mut Value) -> Outcome,
    refused: &'static str,
) -> Generator {
    Generator { group: "", kind: "Service", required: &[], make, refused }
}

static TCP: &[Flag] = &[Flag::list("tcp", "Port pairs can be specified as '<port>:<targetPort>'.")];

static ADDRESS: &[Flag] = &[Flag::text(
    "clusterip",
    "",
    "The Service's address, or 'None' for a headless one (no loadbalancing).",
)];

static NAME: &[Flag] = &[Flag::text("external-name", "", "External name of service")];

static NODE: &[Flag] = &[Flag::int("node-port", "0", "The port at every node.")];

fn cluster_ip(call: &Call, name: &str, body: &mut Value) -> Outcome {
    service(call, name, "ClusterIP", body)
}

fn external_name(call: &Call, name: &str, body: &mut Value) -> Outcome {
    service(call, name, "ExternalName", body)
}

fn load_balancer(call: &Call, name: &str, body: &mut Value) -> Outcome {
    service(call, name, "LoadBalancer", body)
}

fn node_port(call: &Call, name: &str, body: &mut Value) -> Outcome {
    service(call, name, "NodePort", body)
}

fn service(call: &Call, name: &str, kind: &str, body: &mut Value) -> Outcome {
    let (address, tcp) = (call.flags.text("clusterip"), call.flags.list("tcp"));
    if address != "None" && tcp.is_empty() && kind != "ExternalName" {
        return Err(Failure::plain("at least one tcp port specifier must be provided"));
    }
    let external = call.flags.text("external-name");
    if kind == "ExternalName" && !names::dns1123_subdomain(external).is_empty() {
        return Err(Failure::plain(format!("invalid service external name {external}")));
    }
    let mut spec = json!({"selector": {"app": name}, "type": kind});
    let mut ports = Vec::new();
    for text in tcp {
        let (number, target) = port_pair(text).map_err(Failure::Plain)?;
        let mut port = json!({
            "name": text.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target,
        });
        if call.flags.given("node-port") && call.flags.int("node-port") != 0 {
            port["nodePort"] = Value::from(call.flags.int("node-port"));
        }
        ports.push(port);
    }
    if !ports.is_empty() {
        spec["ports"] = Value::Array(ports);
    }
    if !external.is_empty() {
        spec["externalName"] = Value::from(external);
    }
    if !address.is_empty() {
        spec["clusterIP"] = Value::from(address);
    }
    body["metadata"]["labels"] = json!({"app": name});
    body["spec"] = spec;
    body["status"] = json!({"loadBalancer": {}});
    Ok(())
}

/// `80:http` (`parsePorts`): a number, and a number or a port's name.
fn port_pair(text: &str) -> Result<(u16, Value), String> {
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let digits = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    let problem = if digits { "value out of range" } else { "invalid syntax" };
    let number: Option<u16> = first.parse().ok().filter(|_| digits);
    let number =
        number.ok_or_else(|| format!("strconv.ParseUint: parsing {first:?}: {problem}"))?;
    let Some(target) = parts.next() else { return Ok((number, Value::from(number))) };
    let (value, problems) = if let Ok(target) = target.parse::<i64>() {
        (Value::from(target), names::port_number(i32::try_from(target).unwrap_or(-1)))
    } else {
        (Value::from(target), names::port_name(target))
    };
    if problems.is_empty() { Ok((number, value)) } else { Err(problems.join(",")) }
}
