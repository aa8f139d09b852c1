//! How much work the core is: worlds with many Pods, from the manifest to the last one running, at rest, and listed; and
//! what the editor asks while somebody types.
//!
//! Natively `cargo bench --bench scenarios` prints one line a scenario: its name, how many Pods there are, the milliseconds
//! it took. For the browser the same scenarios are exported, and `benches/run.mjs` times them in Node. `./dev bench` runs
//! both. Nothing here is a test: times differ from machine to machine.

use kobune::cluster::{Cluster, scenario};
use kobune::command::COMMANDS;
use kobune::shell::{Sandbox, Screen, Session};
use kobune::time::Duration;
use kobune::view::diagnostics;

struct Scenario {
    name: &'static str,
    nodes: usize,
    pods: usize,
    /// What is timed.
    act: Act,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Act {
    /// A Deployment, until all its Pods run.
    Start,
    /// An hour, with all of them running since five minutes.
    Rest,
    /// Pods that nobody controls, until all have a node.
    Place,
    /// A command, in a world where the Pods run; it has run once before.
    Command(&'static str),
    /// What is wrong in [`manifest`], asked once before.
    Diagnose,
}

const SCENARIOS: &[Scenario] = &[
    Scenario { name: "1000 Pods on 20 nodes", nodes: 20, pods: 1000, act: Act::Start },
    Scenario { name: "3000 Pods on 30 nodes", nodes: 30, pods: 3000, act: Act::Start },
    Scenario { name: "10000 Pods on 500 nodes", nodes: 500, pods: 10_000, act: Act::Start },
    Scenario {
        name: "5000 plain Pods on 1000 nodes, bound",
        nodes: 1000,
        pods: 5000,
        act: Act::Place,
    },
    Scenario {
        name: "an hour of 10000 Pods on 100 nodes",
        nodes: 100,
        pods: 10_000,
        act: Act::Rest,
    },
    Scenario {
        name: "kubectl get pods -A, of 10000",
        nodes: 100,
        pods: 10_000,
        act: Act::Command("kubectl get pods -A"),
    },
    Scenario { name: "a manifest of 500 lines, checked", nodes: 0, pods: 0, act: Act::Diagnose },
];

/// What an ordinary document of the manifest looks like: 25 lines. In every other one a field is misspelt.
const DOCUMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - containerPort: 80
        resources:
          requests: {cpu: 100m, memory: 128Mi}
          limits: {cpu: 500m, memory: 256Mi}
---
";

/// Twenty documents: 500 lines.
fn manifest() -> String {
    let document = |number: usize| {
        let named = DOCUMENT.replacen("name: web", &format!("name: web-{number}"), 1);
        if number.is_multiple_of(2) { named } else { named.replace("ports:", "port:") }
    };
    (0..20).map(document).collect()
}

/// Runs a command to its end; answers how many lines it printed.
fn command(cluster: &Cluster, line: &str) -> usize {
    let sandbox = Sandbox::new(cluster.clone());
    let mut session = Session::new(sandbox, COMMANDS, Screen::new(0));
    session.run_script(line);
    let mut printed = Vec::new();
    session.finish(|chunk| printed.extend(chunk.bytes));
    String::from_utf8_lossy(&printed).lines().count()
}

/// The world before what is timed.
fn prepare(scenario: &Scenario) -> Cluster {
    let mut cluster = scenario::stage(scenario.nodes);
    match scenario.act {
        Act::Rest | Act::Command(_) => {
            scenario::start(&mut cluster, scenario.pods);
            cluster.advance_to(cluster.now() + Duration::from_mins(5));
        }
        Act::Start | Act::Place | Act::Diagnose => {}
    }
    if let Act::Command(_) | Act::Diagnose = scenario.act {
        play(scenario, &mut cluster);
    }
    cluster
}

/// What is timed; answers how many Pods run or have a node, how many lines are printed, or how many faults found.
fn play(scenario: &Scenario, cluster: &mut Cluster) -> usize {
    match scenario.act {
        Act::Start => scenario::start(cluster, scenario.pods).running,
        Act::Place => scenario::place(cluster, scenario.pods),
        Act::Rest => {
            cluster.advance_to(cluster.now() + Duration::from_hours(1));
            scenario.pods
        }
        Act::Command(line) => command(cluster, line),
        Act::Diagnose => {
            let world = diagnostics::World { cluster, namespace: "default" };
            diagnostics::check(&manifest(), &world).len()
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[expect(
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "the wall clock is what is measured, and the lines are the result"
)]
fn main() {
    let chosen: Option<usize> = std::env::args().find_map(|argument| argument.parse().ok());
    for (index, scenario) in SCENARIOS.iter().enumerate() {
        if chosen.is_some_and(|chosen| chosen != index) {
            continue;
        }
        let mut cluster = prepare(scenario);
        let start = std::time::Instant::now();
        let pods = play(scenario, &mut cluster);
        println!("{}\t{pods}\t{}", scenario.name, start.elapsed().as_millis());
    }
}

/// The module is loaded by Node, which calls what is exported below.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "wasm_bindgen exports only what is pub")]
mod exports {
    use std::cell::RefCell;

    use kobune::cluster::Cluster;
    use wasm_bindgen::prelude::wasm_bindgen;

    use super::SCENARIOS;

    thread_local! {
        static WORLD: RefCell<Option<Cluster>> = const { RefCell::new(None) };
    }

    /// The names of the scenarios, a line each.
    #[wasm_bindgen]
    pub fn scenarios() -> String {
        SCENARIOS.iter().map(|scenario| scenario.name).collect::<Vec<_>>().join("\n")
    }

    /// Makes the world of the scenario with this index.
    #[wasm_bindgen]
    pub fn prepare(index: usize) {
        WORLD.set(Some(super::prepare(&SCENARIOS[index])));
    }

    /// Runs the scenario with this index in the world made for it; answers how many Pods there are at its end.
    #[wasm_bindgen]
    pub fn run(index: usize) -> usize {
        // The world is kept: to take it down is no part of what is timed.
        WORLD.take().map_or(0, |mut cluster| {
            let pods = super::play(&SCENARIOS[index], &mut cluster);
            WORLD.set(Some(cluster));
            pods
        })
    }
}
