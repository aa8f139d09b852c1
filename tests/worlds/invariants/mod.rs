//! What must hold in every world: a line each in [`INVARIANTS`], with the proof that it can fail.
//!
//! Some hold at every write, given the world after the step that wrote; the others once repairs are done and the world has
//! rested. They judge by plain facts (`facts.rs`), never by asking the code they check.

mod autoscale;
mod batch;
mod budget;
mod identity;
mod placement;
mod pods;
mod quota;
mod rest;
mod rollout;
mod stateful;
mod volumes;

use kobune::store::Change;

use crate::facts::World;
use crate::lab::Lab;

/// Nothing, or what is wrong.
pub(crate) type Verdict = Result<(), String>;

/// When something must hold.
#[derive(Copy, Clone)]
pub(crate) enum Check {
    /// At every write but those of Events and Leases.
    Write(fn(&World<'_>, &Change) -> Verdict),
    /// When the world has come to rest after the repairs.
    Rest(fn(&World<'_>) -> Verdict),
}

/// Something that must hold.
pub(crate) struct Invariant {
    /// A sentence without its spaces.
    pub(crate) name: &'static str,
    pub(crate) check: Check,
    /// Breaks it, in a world made for that.
    pub(crate) broken: fn(&mut Lab),
}

const fn write(
    name: &'static str,
    check: fn(&World<'_>, &Change) -> Verdict,
    broken: fn(&mut Lab),
) -> Invariant {
    Invariant { name, check: Check::Write(check), broken }
}

const fn rest(
    name: &'static str,
    check: fn(&World<'_>) -> Verdict,
    broken: fn(&mut Lab),
) -> Invariant {
    Invariant { name, check: Check::Rest(check), broken }
}

/// Everything that must hold.
#[rustfmt::skip]
pub(crate) static INVARIANTS: &[Invariant] = &[
    // Of any object.
    write("an object keeps its uid and its birthday", identity::keeps_uid, identity::break_uid),
    write("the generation counts what is wanted", identity::generation_counts, identity::break_generation),
    write("a deletion is not taken back", identity::deletion_stays, identity::break_deletion),
    write("every write has a cause before it", identity::has_a_cause, identity::break_cause),
    write("a controller's child has a living owner", identity::owner_lives, identity::break_owner),
    // Of Pods.
    write("a Pod stays on its node", pods::stays_on_its_node, pods::break_node),
    write("a Pod runs on one machine", pods::runs_on_one_machine, pods::break_machines),
    write("a Pod's phase does not go back", pods::phase_goes_on, pods::break_phase),
    write("restarts only grow", pods::restarts_grow, pods::break_restarts),
    write("a ready Pod runs", pods::ready_means_running, pods::break_ready),
    write("no two Pods have one address", pods::own_address, pods::break_address),
    // Of places.
    write("nothing is over-committed", placement::has_room, placement::break_room),
    write("a Pod is bound where it may go", placement::may_go_there, placement::break_taint),
    write("a port of a machine is one Pod's", placement::own_host_ports, placement::break_host_port),
    // Of rollouts.
    write("never above the surge", rollout::below_surge, rollout::break_surge),
    write("never below availability", rollout::above_availability, rollout::break_availability),
    write("recreate waits for the old to end", rollout::recreate_waits, rollout::break_recreate),
    write("a ReplicaSet makes no more than wanted", rollout::no_more_than_wanted, rollout::break_more),
    write("a ReplicaSet leaves as many as wanted", rollout::no_fewer_than_wanted, rollout::break_fewer),
    write("one daemon a node", rollout::one_daemon_a_node, rollout::break_daemons),
    write("who is called ready is ready", rollout::endpoints_are_ready, rollout::break_endpoints),
    // Of Pods with names that stay, of work that ends, of what they keep.
    write("a StatefulSet makes its Pods in order", stateful::made_in_order, stateful::break_order),
    write("a StatefulSet takes its last Pod first", stateful::last_goes_first, stateful::break_last),
    write("a Job runs no more than it may", batch::within_parallelism, batch::break_parallelism),
    write("a Job that has ended has ended", batch::stays_finished, batch::break_finished),
    write("a CronJob that forbids runs one Job", batch::one_at_a_time, batch::break_one_at_a_time),
    write("a claim in use stays", volumes::claim_in_use_stays, volumes::break_claim_in_use),
    write("a volume is one claim's", volumes::one_claim, volumes::break_one_claim),
    write("an eviction leaves what a budget asks", budget::heeded, budget::break_heeded),
    write("an autoscaler keeps to its bounds", autoscale::within_bounds, autoscale::break_within_bounds),
    write("quotas are held", quota::held, quota::break_held),
    // Once all is repaired.
    rest("no orphan", rest::no_orphan, rest::break_orphan),
    rest("nothing outlives its namespace", rest::namespaces_live, rest::break_namespace),
    rest("nothing is deleted for ever", rest::deletions_end, rest::break_deletion),
    rest("every node is ready", rest::nodes_ready, rest::break_nodes),
    rest("a Pod's node is there", rest::nodes_are_there, rest::break_missing_node),
    rest("machines run what they should", rest::machines_agree, rest::break_machines),
    rest("who waits fits nowhere", rest::waiting_fits_nowhere, rest::break_waiting),
    rest("a ReplicaSet has its Pods and says so", rest::replica_sets_agree, rest::break_replica_set),
    rest("a sound Deployment is done", rest::deployments_done, rest::break_deployment),
    rest("a sound DaemonSet is everywhere", rest::daemons_everywhere, rest::break_daemons),
    rest("a sound StatefulSet is done", stateful::done, stateful::break_done),
    rest("an autoscaler is at rest", autoscale::settled, autoscale::break_settled),
    rest("a Job says what it runs", batch::jobs_agree, batch::break_jobs_agree),
    rest("a sound Job ends", batch::jobs_end, batch::break_jobs_end),
    rest("claims and volumes agree", volumes::agree, volumes::break_agree),
    rest("a sound Pod is ready", rest::sound_pods_ready, rest::break_sound_pod),
    rest("endpoints are the Pods that are there", rest::endpoints_agree, rest::break_endpoints),
    rest("what is stored can be read", rest::stored_reads_back, rest::break_stored),
    rest("a sound world is quiet", rest::quiet, rest::break_quiet),
];

/// Nothing if it holds, or what is wrong.
fn holds(it: bool, wrong: impl FnOnce() -> String) -> Verdict {
    if it { Ok(()) } else { Err(wrong()) }
}
