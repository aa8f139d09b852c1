//! How much work the core is: worlds with many Pods, from the manifest to the last one running.
//!
//! Natively `cargo bench --bench scenarios` prints one line a scenario: its name, how many Pods run, the milliseconds it
//! took. For the browser the same scenarios are exported, and `benches/run.mjs` times them in Node. `./dev bench` runs
//! both. Nothing here is a test: times differ from machine to machine.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use kobune::cluster::{Cluster, Profile, Settings};
use kobune::object::{Body, Kind, Object, Split};
use kobune::time::Duration;

struct Scenario {
    name: &'static str,
    nodes: usize,
    pods: usize,
}

const SCENARIOS: &[Scenario] = &[
    Scenario { name: "1000 Pods on 20 nodes", nodes: 20, pods: 1000 },
    Scenario { name: "3000 Pods on 30 nodes", nodes: 30, pods: 3000 },
];

/// Long enough for every Pod; a world that needs more is broken.
const VIRTUAL_LIMIT: Duration = Duration::from_mins(30);

/// Makes the world, applies the Deployment, and lives until all its Pods run; answers how many do.
fn play(scenario: &Scenario) -> usize {
    let settings = Settings { seed: 1, nodes: scenario.nodes, profile: Profile::Default };
    let mut cluster = Cluster::new(settings);
    let replicas = i32::try_from(scenario.pods).expect("a scenario is small");
    cluster.act(|client| client.create(deployment(replicas))).expect("the manifest is valid");
    let end = cluster.now() + VIRTUAL_LIMIT;
    let mut running = 0;
    while running < scenario.pods && cluster.now() < end {
        cluster.advance_to(cluster.now() + Duration::from_millis(500));
        running = running_pods(&cluster);
    }
    running
}

fn running_pods(cluster: &Cluster) -> usize {
    let is_running = |object: &Object| match &object.body {
        Body::Pod(pod) => pod.status.phase.as_deref() == Some("Running"),
        _ => false,
    };
    cluster.store().list(Kind::Pod, Some("default")).filter(|pod| is_running(pod)).count()
}

fn deployment(replicas: i32) -> Object {
    let labels = Some([("app".to_owned(), "web".to_owned())].into());
    let container = Container {
        name: "web".to_owned(),
        image: Some("nginx:1.27".to_owned()),
        ..Container::default()
    };
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta { labels: labels.clone(), ..ObjectMeta::default() }),
        spec: Some(PodSpec { containers: vec![container], ..PodSpec::default() }),
    };
    let spec = DeploymentSpec {
        replicas: Some(replicas),
        selector: LabelSelector { match_labels: labels, ..LabelSelector::default() },
        template,
        ..DeploymentSpec::default()
    };
    let meta = ObjectMeta {
        name: Some("web".to_owned()),
        namespace: Some("default".to_owned()),
        ..ObjectMeta::default()
    };
    Object::new(meta, Body::Deployment(Split { spec: Arc::new(spec), ..Split::default() }))
}

#[cfg(not(target_arch = "wasm32"))]
#[expect(
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "the wall clock is what is measured, and the lines are the result"
)]
fn main() {
    for scenario in SCENARIOS {
        let start = std::time::Instant::now();
        let running = play(scenario);
        println!("{}\t{running}\t{}", scenario.name, start.elapsed().as_millis());
    }
}

/// The module is loaded by Node, which calls what is exported below.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "wasm_bindgen exports only what is pub")]
mod exports {
    use wasm_bindgen::prelude::wasm_bindgen;

    use super::{SCENARIOS, play};

    /// The names of the scenarios, a line each.
    #[wasm_bindgen]
    pub fn scenarios() -> String {
        SCENARIOS.iter().map(|scenario| scenario.name).collect::<Vec<_>>().join("\n")
    }

    /// Runs the scenario with this index; answers how many Pods run at its end.
    #[wasm_bindgen]
    pub fn run(index: usize) -> usize {
        play(&SCENARIOS[index])
    }
}
