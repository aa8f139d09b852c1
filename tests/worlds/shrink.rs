//! From a plan that fails to a short one that fails in the same way (delta debugging, Zeller and Hildebrandt 2002).

use crate::plan::{Act, Plan};

/// How many plans may be tried.
const TRIES_MAX: usize = 400;

/// A plan with as few acts, as short waits and as few machines as the fault needs; `fails` tells whether a plan has it.
pub(crate) fn shrink(plan: &Plan, mut fails: impl FnMut(&Plan) -> bool) -> Plan {
    let (mut best, mut tries) = (plan.clone(), 0);
    let mut attempt = |candidate: Plan, best: &mut Plan| {
        tries += 1;
        let better = tries <= TRIES_MAX && candidate != *best && fails(&candidate);
        if better {
            *best = candidate;
        }
        better
    };
    let mut size = best.acts.len() / 2;
    while size > 0 {
        let (mut at, mut shorter) = (0, false);
        while at < best.acts.len() {
            if attempt(without(&best, at, size), &mut best) {
                shorter = true;
            } else {
                at += size;
            }
        }
        // What single acts could not be spared before may be once others are gone.
        size = if size == 1 && shorter { 1 } else { size / 2 };
    }
    for at in 0..best.acts.len() {
        for secs in [0, 1, 10, 60] {
            let mut next = best.clone();
            if secs < next.acts[at].after_secs {
                next.acts[at].after_secs = secs;
                if attempt(next, &mut best) {
                    break;
                }
            }
        }
    }
    for nodes in 1..best.nodes {
        if attempt(Plan { nodes, ..best.clone() }, &mut best) {
            break;
        }
    }
    best
}

/// A plan without some acts; the next waits for them, too.
fn without(plan: &Plan, at: usize, count: usize) -> Plan {
    let end = (at + count).min(plan.acts.len());
    let waited: usize = plan.acts[at..end].iter().map(|act| act.after_secs).sum();
    let mut acts: Vec<Act> = plan.acts[..at].to_vec();
    acts.extend_from_slice(&plan.acts[end..]);
    if let Some(next) = acts.get_mut(at) {
        next.after_secs += waited;
    }
    Plan { acts, ..plan.clone() }
}
