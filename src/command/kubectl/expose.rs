//! `kubectl expose`: a Service in front of a workload. Models kubectl `pkg/cmd/expose/expose.go`.

use serde_json::{Map, Value, json};

use super::apply::said;
use super::call::Call;
use super::common::{
    DRY_RUN, DryRun, FILES, OVERRIDE_TYPE, OVERRIDES, PRINT, SAVE_CONFIG, manager, overridden,
};
use super::failure::Failure;
use super::format::Format;
use super::manifests;
use super::resource::{self, NOTHING_GIVEN, PATHS_AND_ARGUMENTS, Request};
use super::server;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::{Kind, Object};
use crate::order;

/// The verb.
pub(super) static EXPOSE: Verb = Verb {
    name: "expose",
    group: Group::Beginner,
    summary: "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    details: &[
        "Looks up a deployment, service, replica set or pod by name and uses the selector for that resource as the selector for a new service on the specified port.",
    ],
    usage: "expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
    examples: &[
        (
            "Reach a Deployment's port 8080 at port 80",
            "kubectl expose deployment web --port=80 --target-port=8080",
        ),
        ("Reach it from outside", "kubectl expose deployment web --port=80 --type=NodePort"),
    ],
    flags: &[FLAGS, FILES, DRY_RUN, PRINT],
    run: |call| Box::pin(async move { run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    manager("kubectl-expose"),
    SAVE_CONFIG,
    Flag::text(
        "external-ip",
        "",
        "Additional external IP address (not managed by Kubernetes) to accept for the service.",
    ),
    Flag::text("load-balancer-ip", "", "IP to assign to the LoadBalancer."),
    OVERRIDES,
    OVERRIDE_TYPE,
    Flag::text(
        "cluster-ip",
        "",
        "ClusterIP to be assigned to the service. Leave empty to auto-allocate, or set to 'None' to create a headless service.",
    ),
    Flag::text("labels", "", "Labels to apply to the service created by this call.").letter('l'),
    Flag::text("name", "", "The name for the newly created object."),
    Flag::text("port", "", "The port that the service should serve on."),
    Flag::text(
        "protocol",
        "",
        "The network protocol for the service to be created. Default is 'TCP'.",
    ),
    Flag::text("selector", "", "A label selector to use for this service."),
    Flag::text(
        "session-affinity",
        "",
        "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'",
    ),
    Flag::text(
        "target-port",
        "",
        "Name or number for the port on the container that the service should direct traffic to.",
    ),
    Flag::text(
        "type",
        "",
        "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is 'ClusterIP'.",
    ),
];

async fn run(call: &Call) -> Outcome {
    let dry_run = DryRun::of(call)?;
    let format = Format::of_writer(call)?;
    let request = resource::request(call.known(), call.args())?;
    let objects = if call.flags.given("filename") || call.flags.given("kustomize") {
        if request != Request::Nothing {
            return Err(Failure::plain(PATHS_AND_ARGUMENTS));
        }
        let found = manifests::live(call).await?;
        Failure::all(found.failures)?;
        found.objects
    } else {
        match &request {
            Request::Nothing => return Err(Failure::plain(NOTHING_GIVEN)),
            Request::Lists(_) => {
                return Err(Failure::plain("resource(s) were provided, but no name was specified"));
            }
            // The selector flag is the new Service's, not one for finding objects.
            Request::Names(pairs) => pairs
                .iter()
                .map(|(kind, name)| resource::must_get(call, &call.key(*kind, name)))
                .collect::<Result<Vec<_>, _>>()?,
        }
    };
    for object in &objects {
        let mut body = overridden(call, service(call, object)?)?;
        if dry_run != DryRun::Client {
            body["metadata"]["namespace"] = Value::from(call.namespace());
            body = server::create(call, dry_run, Kind::Service, &body)?.to_value();
        }
        let name = body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        match &format {
            Some(format) => call.out(format.print_typed(&body)?)?,
            None => call.line(said(Kind::Service, name, "exposed", dry_run))?,
        }
    }
    Ok(())
}

/// The Service in front of an object.
fn service(call: &Call, object: &Object) -> Result<Value, Failure> {
    let wire = object.to_value();
    let selector = selector(call, object, &wire)?;
    let ports = ports(call, object, &wire)?;
    let given = call.flags.text("name");
    let mut name: String = if given.is_empty() { object.name() } else { given }.to_owned();
    name.truncate(63);
    let mut metadata = json!({"name": name});
    let labels = match call.flags.text("labels") {
        "" => wire.pointer("/metadata/labels").cloned().unwrap_or(Value::Null),
        text => Value::Object(pairs(text)?),
    };
    if labels.as_object().is_some_and(|labels| !labels.is_empty()) {
        metadata["labels"] = labels;
    }
    let mut spec = json!({"selector": selector});
    if ports.as_array().is_some_and(|ports| !ports.is_empty()) {
        spec["ports"] = ports;
    }
    let affinity = call.flags.text("session-affinity");
    if !["", "None", "ClientIP"].contains(&affinity) {
        return Err(Failure::plain(format!("unknown session affinity: {affinity}")));
    }
    for (flag, field) in
        [("type", "type"), ("cluster-ip", "clusterIP"), ("session-affinity", "sessionAffinity")]
    {
        if !call.flags.text(flag).is_empty() {
            spec[field] = json!(call.flags.text(flag));
        }
    }
    if !call.flags.text("external-ip").is_empty() {
        spec["externalIPs"] = json!([call.flags.text("external-ip")]);
    }
    if call.flags.text("type") == "LoadBalancer" && call.flags.given("load-balancer-ip") {
        spec["loadBalancerIP"] = json!(call.flags.text("load-balancer-ip"));
    }
    Ok(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec,
        "status": {"loadBalancer": {}},
    }))
}

fn pairs(text: &str) -> Result<Map<String, Value>, Failure> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (key, value) = part
            .split_once('=')
            .ok_or_else(|| Failure::plain(format!("unexpected label spec: {part}")))?;
        Ok((key.to_owned(), json!(value)))
    };
    Ok(order::json(parts.map(pair).collect::<Result<Vec<_>, Failure>>()?))
}

/// The labels by which the Service finds its Pods (`MapBasedSelectorForObject`).
fn selector(call: &Call, object: &Object, wire: &Value) -> Result<Value, Failure> {
    let given = call.flags.text("selector");
    if !given.is_empty() {
        return Ok(Value::Object(pairs(given)?));
    }
    let expressions = wire.pointer("/spec/selector/matchExpressions").and_then(Value::as_array);
    let (path, missing) = match object.kind() {
        Kind::ReplicationController => ("/spec/selector", "the object has no labels to select by"),
        Kind::Pod => ("/metadata/labels", "the pod has no labels and cannot be exposed"),
        Kind::Service => ("/spec/selector", "the service has no pod selector set"),
        Kind::Deployment => (
            "/spec/selector/matchLabels",
            "invalid deployment: no selectors, therefore cannot be exposed",
        ),
        Kind::ReplicaSet => (
            "/spec/selector/matchLabels",
            "invalid replicaset: no selectors, therefore cannot be exposed",
        ),
        _ => {
            let info = object.kind().info();
            let dot = if info.group.is_empty() { "" } else { "." };
            let kind = format!("{}{dot}{}", info.name, info.group);
            return Err(Failure::plain(format!("cannot expose a {kind}")));
        }
    };
    let labels =
        wire.pointer(path).filter(|labels| labels.as_object().is_some_and(|map| !map.is_empty()));
    let problem = |why: &str| {
        Failure::plain(format!(
            "couldn't retrieve selectors via --selector flag or introspection: {why}"
        ))
    };
    let labels = labels.cloned().ok_or_else(|| problem(missing))?;
    match expressions.filter(|list| !list.is_empty()) {
        None => Ok(labels),
        Some(list) => {
            let shown: Vec<String> = list.iter().map(expression).collect();
            Err(problem(&format!(
                "couldn't convert expressions - \"[{}]\" to map-based selector format",
                shown.join(" ")
            )))
        }
    }
}

/// One as Go prints it: `{Key:app Operator:Exists Values:[]}`.
fn expression(one: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let values: Vec<String> = one["values"].as_array().into_iter().flatten().map(text).collect();
    let (key, operator) = (text(&one["key"]), text(&one["operator"]));
    format!("{{Key:{key} Operator:{operator} Values:[{}]}}", values.join(" "))
}

/// Numbers and protocols of the ports that an object has (`PortsForObject`, `MultiProtocolsForObject`).
fn ports_of(object: &Object, wire: &Value) -> Vec<(String, String)> {
    let (path, number) = match object.kind() {
        Kind::Service => ("/spec/ports", "port"),
        Kind::Pod => ("/spec/containers", "containerPort"),
        _ => ("/spec/template/spec/containers", "containerPort"),
    };
    let list = wire.pointer(path).and_then(Value::as_array).into_iter().flatten();
    let ports: Vec<&Value> = if number == "port" {
        list.collect()
    } else {
        list.filter_map(|container| container["ports"].as_array()).flatten().collect()
    };
    let port = |port: &&Value| {
        let protocol = port["protocol"].as_str().unwrap_or("TCP");
        (port[number].to_string(), protocol.to_owned())
    };
    ports.iter().map(port).collect()
}

/// The ports given, or those of the object, with the protocols that it has there.
fn ports(call: &Call, object: &Object, wire: &Value) -> Result<Value, Failure> {
    let own = ports_of(object, wire);
    let given = call.flags.text("port");
    let mut numbers: Vec<&str> = given.split(',').filter(|_| !given.is_empty()).collect();
    if given.is_empty() {
        for (number, _) in &own {
            if !numbers.contains(&number.as_str()) {
                numbers.push(number);
            }
        }
        if numbers.is_empty() && call.flags.text("cluster-ip") != "None" {
            return Err(Failure::plain("couldn't find port via --port flag or introspection"));
        }
    }
    let target = call.flags.text("target-port");
    let mut ports = Vec::new();
    for (index, text) in numbers.iter().enumerate() {
        let number: i64 = text.parse().ok().ok_or_else(|| {
            Failure::plain(format!("strconv.Atoi: parsing {text:?}: invalid syntax"))
        })?;
        let target = match target {
            "" => json!(number),
            text => text.parse::<i64>().map_or_else(|_| json!(text), Value::from),
        };
        let mut push = |name: Option<String>, protocol: &str| {
            let mut port = json!({"port": number, "protocol": protocol, "targetPort": target});
            if let Some(name) = name {
                port["name"] = Value::String(name);
            }
            ports.push(port);
        };
        let several = (numbers.len() > 1).then(|| format!("port-{}", index + 1));
        let asked = call.flags.text("protocol");
        let here = own.iter().filter(|(number, _)| number == text && asked.is_empty());
        let protocols: Vec<&str> = here.map(|(_, protocol)| protocol.as_str()).collect();
        match protocols.as_slice() {
            [] => push(several, if asked.is_empty() { "TCP" } else { asked }),
            [one] => push(several, one),
            more => more.iter().for_each(|protocol| {
                let name = format!("port-{}-{}", index + 1, protocol.to_lowercase());
                push(Some(name), protocol);
            }),
        }
    }
    Ok(Value::Array(ports))
}
