//! Requests from the terminal to programs in Pods, over names, Services and node ports.

use kobune::cluster::{Cluster, Settings};
use kobune::engine::Request;
use kobune::manifest;
use kobune::network::{ConnectError, Hop, Origin};
use kobune::object::{Kind, Object};
use kobune::time::Duration;

const SHOP: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: echo}
spec:
  replicas: 3
  selector: {matchLabels: {app: echo}}
  template:
    metadata: {labels: {app: echo}}
    spec:
      containers:
      - {name: echo, image: hashicorp/http-echo, args: [-text=hello, '-listen=:8080'], ports: [{containerPort: 8080, name: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: echo}
spec: {type: NodePort, clusterIP: 10.96.7.1, clusterIPs: [10.96.7.1], selector: {app: echo}, ports: [{port: 80, targetPort: http, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {clusterIP: 10.96.7.2, clusterIPs: [10.96.7.2], selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  replicas: 1
  selector: {matchLabels: {app: cache}}
  template:
    metadata: {labels: {app: cache}}
    spec: {containers: [{name: cache, image: 'redis:7'}]}
---
apiVersion: v1
kind: Service
metadata: {name: cache}
spec: {clusterIP: 10.96.7.3, clusterIPs: [10.96.7.3], selector: {app: cache}, ports: [{port: 6379}]}
";

fn world() -> Cluster {
    let mut cluster = Cluster::new(Settings::default());
    for document in manifest::documents(SHOP.as_bytes()) {
        let node = document.expect("the test's YAML is well formed");
        let kind = match node.get("kind").and_then(manifest::Node::as_str) {
            Some("Deployment") => Kind::Deployment,
            _ => Kind::Service,
        };
        let mut object = Object::from_node(kind, &node).expect("the manifest fits its kind");
        std::sync::Arc::make_mut(&mut object.meta).namespace = Some("default".to_owned());
        cluster.act(|client| client.create(object)).expect("it is accepted");
    }
    cluster.advance_to(cluster.now() + Duration::from_secs(20));
    cluster
}

/// What comes of `curl HOST:PORT/`: the body or the error, and the kinds of hops.
fn curl(cluster: &mut Cluster, host: &str, port: u16) -> (Result<String, ConnectError>, String) {
    let origin = Origin::terminal();
    let request = Request::get("/", host, "curl/8.5.0", origin.address);
    let exchange = cluster.request(&origin, host, port, request);
    let hops: Vec<&str> = exchange
        .hops
        .iter()
        .map(|hop| match hop {
            Hop::Client { .. } => "client",
            Hop::Dns { .. } => "dns",
            Hop::LoadBalancer { .. } => "balancer",
            Hop::NodePort { .. } => "node port",
            Hop::Service { ready, .. } if *ready == 3 => "service of 3",
            Hop::Service { .. } => "service",
            Hop::Pod { pod: Some(_), .. } => "pod",
            Hop::Pod { pod: None, .. } => "machine",
        })
        .collect();
    (exchange.result.map(|response| response.body), hops.join(" > "))
}

#[test]
fn requests_find_their_way() {
    let mut cluster = world();
    let hello = || Ok("hello\n".to_owned());
    let unknown = |host: &str| Err(ConnectError::CouldNotResolve { host: host.to_owned() });
    for (host, port, answer, way) in [
        ("echo", 80, hello(), "client > dns > service of 3 > pod"),
        ("echo.default", 80, hello(), "client > dns > service of 3 > pod"),
        ("echo.default.svc.cluster.local", 80, hello(), "client > dns > service of 3 > pod"),
        ("node-2", 30080, hello(), "client > dns > node port > service of 3 > pod"),
        ("echo", 81, Err(ConnectError::Refused), "client > dns"),
        ("nobody", 80, Err(ConnectError::Refused), "client > dns"),
        ("echo.shop", 80, unknown("echo.shop"), "client"),
        ("nosuch", 80, unknown("nosuch"), "client"),
        ("cache", 6379, Err(ConnectError::EmptyReply), "client > dns > service > pod"),
        ("node-1", 22, Err(ConnectError::Refused), "client > dns > machine"),
        ("10.244.9.9", 80, Err(ConnectError::TimedOut), "client"),
    ] {
        assert_eq!(curl(&mut cluster, host, port), (answer, way.to_owned()), "{host}:{port}");
    }
}

#[test]
fn every_ready_pod_gets_its_share() {
    let mut cluster = world();
    for _ in 0..60 {
        curl(&mut cluster, "echo", 80).0.expect("it answers");
    }
    let pods: Vec<_> = cluster.store().list(Kind::Pod, Some("default")).cloned().collect();
    let echo = pods.iter().filter(|pod| pod.name().starts_with("echo-"));
    for pod in echo {
        let node = pod.as_pod().and_then(|body| body.own.node_name.clone()).expect("it is bound");
        let kubelet = cluster.kubelets().get(&node).expect("the node has a kubelet");
        let asked = kubelet.logs(pod, "echo", false).expect("it runs").written();
        assert!(asked > 8, "{} was asked {asked} times of 60", pod.name());
    }
}

#[test]
fn a_container_waits_for_a_service_and_calls_it() {
    let mut cluster = world();
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: caller, namespace: default}
spec:
  restartPolicy: Never
  initContainers:
  - {name: wait, image: 'busybox:1.36', command: [sh, -c, 'until nslookup echo >/dev/null; do sleep 2; done; until nc -z nobody 80; do echo not yet; sleep 2; done & true']}
  - {name: port, image: 'busybox:1.36', command: [sh, -c, 'until nc -z echo 80; do sleep 2; done; echo open']}
  containers:
  - {name: call, image: 'busybox:1.36', command: [sh, -c, 'wget -qO- http://echo/ | grep hell; wget -q -O- http://nosuch || echo failed']}
";
    let yaml = yaml.replace("; until nc -z nobody 80; do echo not yet; sleep 2; done & true", "");
    let node = manifest::documents(yaml.as_bytes()).next().expect("one document").expect("YAML");
    let object = Object::from_node(Kind::Pod, &node).expect("it fits");
    let key = cluster.act(|client| client.create(object)).expect("it is accepted").key();
    cluster.advance_to(cluster.now() + Duration::from_secs(30));
    let pod = cluster.store().get(&key).cloned().expect("it is kept");
    let body = pod.as_pod().expect("it is a Pod");
    assert_eq!(body.status.phase.as_deref(), Some("Succeeded"), "{:#?}", body.status);
    let node = body.own.node_name.clone().expect("it was bound");
    let kubelet = cluster.kubelets().get(&node).expect("the node has a kubelet");
    let lines = kubelet.logs(&pod, "call", false).expect("it ran").lines();
    let lines: Vec<String> = lines.map(|line| line.text.to_string()).collect();
    assert_eq!(lines, ["hello", "wget: bad address 'nosuch'", "failed"]);
}
