//! A script played in a world of its own, with every write shown to the invariants.

use std::fmt;

use kobune::cluster::{Cluster, Profile, Settings};
use kobune::command::COMMANDS;
use kobune::object::Kind;
use kobune::shell::{Patience, Sandbox, Screen, Session};
use kobune::time::Duration;

use crate::facts::{World, machines};
use crate::invariants::{Check, Invariant};
use crate::plan::Plan;

/// More steps than a world of an hour takes; beyond, something goes round and round.
const STEPS_MAX: usize = 2_000_000;
/// How far a world in which nothing is due is moved on.
const STILL_WORLD_STEP: Duration = Duration::from_secs(1);

/// What did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) invariant: &'static str,
    /// When, about what, and what is wrong.
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

/// How a world ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ended {
    pub(crate) steps: usize,
    pub(crate) writes: u64,
    pub(crate) printed: Vec<u8>,
}

/// Plays a plan; the first fault, or how it ended.
pub(crate) fn play(plan: &Plan, invariants: &[&Invariant]) -> Result<Ended, Fault> {
    let settings = Settings { seed: plan.seed, nodes: plan.nodes, profile: Profile::Default };
    let sandbox = Sandbox::new(Cluster::new(settings));
    let mut session = Session::new(sandbox.clone(), COMMANDS, Screen::new(0));
    session.set_patience(Patience::HEADLESS);
    session.run_script(&plan.script());
    let mut seen = sandbox.read(|cluster| cluster.store().revision());
    let mut ended = Ended::default();
    while session.is_running() {
        let done = session.poll().is_some();
        ended.printed.extend(session.take_output().into_iter().flat_map(|chunk| chunk.bytes));
        sandbox.read(|cluster| look(cluster, &mut seen, invariants))?;
        if !done && sandbox.drive(Cluster::step).is_none() {
            sandbox.drive(|cluster| cluster.advance_to(cluster.now() + STILL_WORLD_STEP));
        }
        sandbox.read(|cluster| look(cluster, &mut seen, invariants))?;
        ended.steps += 1;
        if ended.steps > STEPS_MAX {
            let what = format!("{STEPS_MAX} steps, and no end");
            return Err(Fault { invariant: "an hour ends", what });
        }
    }
    sandbox.read(|cluster| rest(cluster, invariants))?;
    ended.writes = seen;
    Ok(ended)
}

/// Shows new writes to the invariants.
fn look(cluster: &Cluster, seen: &mut u64, invariants: &[&Invariant]) -> Result<(), Fault> {
    let store = cluster.store();
    if store.revision() == *seen {
        return Ok(());
    }
    let machines = || machines(cluster);
    let (now, quiet_since) = (cluster.now(), cluster.now());
    let world = World { store, now, quiet_since, machines: &machines };
    for change in store.log().since(*seen) {
        if matches!(change.key.kind, Kind::Event | Kind::Lease) {
            continue;
        }
        for invariant in invariants {
            if let Check::Write(check) = invariant.check {
                check(&world, change).map_err(|wrong| Fault {
                    invariant: invariant.name,
                    what: format!(
                        "{now}: {} wrote {} {}/{}: {wrong}",
                        change.cause.actor.name(),
                        change.key.kind.info().name,
                        change.key.namespace,
                        change.key.name
                    ),
                })?;
            }
        }
    }
    *seen = store.revision();
    Ok(())
}

/// Asks what must hold at the end.
fn rest(cluster: &Cluster, invariants: &[&Invariant]) -> Result<(), Fault> {
    let machines = || machines(cluster);
    let (now, quiet_since) = (cluster.now(), cluster.last_write_of_weight());
    let world = World { store: cluster.store(), now, quiet_since, machines: &machines };
    for invariant in invariants {
        if let Check::Rest(check) = invariant.check {
            check(&world).map_err(|wrong| Fault {
                invariant: invariant.name,
                what: format!("{now}: {wrong}"),
            })?;
        }
    }
    Ok(())
}
