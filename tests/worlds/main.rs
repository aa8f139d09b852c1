//! Seeded worlds: small clusters under random acts of a user and random faults for a virtual hour, with what must always
//! hold checked at every write.
//!
//! A seed makes a [`plan::Plan`]: a script of commands and waits, then repairs, then rest. Every write is shown to the
//! invariants of `invariants/`; what must hold at the end is asked at the end. A seed that fails is shrunk to the acts it
//! needs and printed as a script for `cargo run -- run`. `./dev test` plays [`SEEDS`] of them with optimisation; plain
//! `cargo test` a handful; `./dev soak` as many as one likes. A new kind needs a line in `acts::ACTS` and one in
//! `invariants::INVARIANTS`.

mod acts;
mod facts;
mod found;
mod invariants;
mod lab;
mod manifests;
mod plan;
mod play;
mod shrink;

use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use invariants::{Check, INVARIANTS, Invariant};
use plan::{Act, Plan};
use play::{Ended, play};

/// How many seeds `./dev test` plays; without optimisation, a few.
const SEEDS: u64 = if cfg!(debug_assertions) { 12 } else { 2000 };

/// Which seeds are played: `KOBUNE_SEEDS=FROM..TO` or `KOBUNE_SEEDS=ONE` asks for others.
#[expect(clippy::disallowed_methods, reason = "which seeds are tried is no input of a world")]
fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("KOBUNE_SEEDS") else { return 0..SEEDS };
    let number = |text: &str| text.parse::<u64>().ok();
    let range = match text.split_once("..") {
        Some((from, to)) => number(from).zip(number(to)).map(|(from, to)| from..to),
        None => number(&text).map(|one| one..one + 1),
    };
    range.unwrap_or_else(|| panic!("KOBUNE_SEEDS={text}: neither a number nor FROM..TO"))
}

/// What a seed came to: nothing wrong, or the fault and the script that shows it.
fn complaint(seed: u64) -> Option<String> {
    let plan = Plan::of(seed);
    let all: Vec<&Invariant> = INVARIANTS.iter().collect();
    let fault = outcome(&plan, &all).err()?;
    let same = |other: &Plan| {
        outcome(other, &all).is_err_and(|found| found.split(':').next() == fault.split(':').next())
    };
    let small = shrink::shrink(&plan, same);
    let shown = outcome(&small, &all).err().unwrap_or(fault);
    Some(format!(
        "seed {seed}: {shown}\n# cargo run -- run --seed {seed} --nodes {} SCRIPT\n{}",
        small.nodes,
        small.script()
    ))
}

/// How a plan ended; a panic is a fault like any other.
fn outcome(plan: &Plan, invariants: &[&Invariant]) -> Result<Ended, String> {
    match panic::catch_unwind(AssertUnwindSafe(|| play(plan, invariants))) {
        Ok(ended) => ended.map_err(|fault| fault.to_string()),
        Err(cause) => {
            let text = cause.downcast_ref::<String>().cloned();
            let text = text.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(format!("no panic: {}", text.unwrap_or_default()))
        }
    }
}

/// What seeds come to, on all processors, in order of seed.
fn complaints(seeds: Range<u64>) -> Vec<String> {
    let (next, found) = (AtomicU64::new(seeds.start), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            if let Some(complaint) = complaint(seed) {
                found.lock().expect("no holder panics").push((seed, complaint));
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let mut found = found.into_inner().expect("no holder panics");
    kobune::order::sort(&mut found);
    found.into_iter().map(|(_, complaint)| complaint).collect()
}

#[test]
fn seeded_worlds_hold_and_come_to_rest() {
    let seeds = seeds();
    let complaints = complaints(seeds.clone());
    assert!(
        complaints.is_empty(),
        "{} of the seeds {seeds:?} fail:\n\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}

#[test]
fn what_was_found_stays_mended() {
    let all: Vec<&Invariant> = INVARIANTS.iter().collect();
    for (name, script) in found::FOUND {
        let act = Act { after_secs: 0, line: (*script).to_owned() };
        let plan = Plan { seed: 1, nodes: 1, acts: vec![act] };
        let fault = outcome(&plan, &all).err();
        assert_eq!(fault, None, "{name}");
    }
}

#[test]
fn every_invariant_can_be_broken() {
    for invariant in INVARIANTS {
        let untouched = lab::Lab::new().broken();
        assert!(!untouched.contains(&invariant.name), "{} fails by itself", invariant.name);
        let mut lab = lab::Lab::new();
        (invariant.broken)(&mut lab);
        let broken = lab.broken();
        assert!(broken.contains(&invariant.name), "{} holds; broken: {broken:?}", invariant.name);
    }
}

/// Nobody makes a ConfigMap of this name: an invariant for the one act that does.
fn no_marked_map(_: &facts::World<'_>, change: &kobune::store::Change) -> invariants::Verdict {
    if &*change.key.name == "marked" { Err("it is there".to_owned()) } else { Ok(()) }
}

#[test]
fn a_failing_plan_shrinks_to_the_acts_that_it_needs() {
    let marked = Invariant { name: "no mark", check: Check::Write(no_marked_map), broken: |_| {} };
    let act = |line: &str| Act { after_secs: 3, line: line.to_owned() };
    let mut plan = Plan::of(1);
    plan.acts.truncate(6);
    plan.acts.insert(2, act("name=marked"));
    plan.acts.insert(5, act("kubectl create configmap $name"));
    let fails = |plan: &Plan| play(plan, &[&marked]).is_err();
    assert!(fails(&plan));
    let small = shrink::shrink(&plan, fails);
    let lines: Vec<&str> = small.acts.iter().map(|act| act.line.as_str()).collect();
    assert_eq!(lines, ["name=marked", "kubectl create configmap $name"]);
    assert_eq!((small.nodes, small.acts[0].after_secs, small.acts[1].after_secs), (1, 0, 0));
}

#[test]
fn a_seed_is_one_world() {
    let all: Vec<&Invariant> = INVARIANTS.iter().collect();
    let twice = [(); 2]
        .map(|()| outcome(&Plan::of(3), &all).map(|one| (one.steps, one.writes, one.printed)));
    assert_eq!(twice[0], twice[1]);
    assert_ne!(Plan::of(3), Plan::of(4));
}
