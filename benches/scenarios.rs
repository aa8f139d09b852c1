//! How much work the core is: worlds with many Pods, from the manifest to the last one running.
//!
//! Natively `cargo bench --bench scenarios` prints one line a scenario: its name, how many Pods run, the milliseconds it
//! took. For the browser the same scenarios are exported, and `benches/run.mjs` times them in Node. `./dev bench` runs
//! both. Nothing here is a test: times differ from machine to machine.

use kobune::cluster::scenario;

struct Scenario {
    name: &'static str,
    nodes: usize,
    pods: usize,
}

const SCENARIOS: &[Scenario] = &[
    Scenario { name: "1000 Pods on 20 nodes", nodes: 20, pods: 1000 },
    Scenario { name: "3000 Pods on 30 nodes", nodes: 30, pods: 3000 },
];

/// Makes the world, applies the Deployment, and lives until all its Pods run; answers how many do.
fn play(scenario: &Scenario) -> usize {
    let mut cluster = scenario::stage(scenario.nodes);
    scenario::start(&mut cluster, scenario.pods).running
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
