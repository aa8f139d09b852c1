//! A plan: what is done to one world, as a script that `cargo run -- run` plays to the same bits.

use std::fmt::Write as _;

use kobune::random::Random;

use crate::acts;

/// For how long a user acts and things fail; repairs and rest make it an hour.
const BUSY_SECS: usize = 2400;
/// How long the world is left alone at the end: longer than every back-off (300 s).
const REST_SECS: usize = 1200;
/// The most acts in a world.
const ACTS_MAX: usize = 40;

/// What ends every plan: all that was done to machines and containers is undone. What the user wants stays as it is; a
/// controller that a quota refused is reminded, which waits a quarter of an hour before it tries again by itself.
const REPAIRS: &str = "\
for n in $(node list | sed 1d | cut -d ' ' -f 1); do
  node power-on $n; node reconnect $n; kubectl uncordon $n; kubectl taint node $n chaos-
done > /dev/null 2>&1
sleep 30
for n in $(node list | sed 1d | cut -d ' ' -f 1); do
  kubectl get node $n > /dev/null 2>&1 || node reboot $n > /dev/null 2>&1
done
for p in $(kubectl get pods -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {end}'); do
  pod heal -n ${p%/*} ${p#*/} > /dev/null 2>&1
done
load stop > /dev/null
kubectl delete quota cap room > /dev/null 2>&1
kubectl annotate deploy,rs,ds,sts,jobs --all repaired=yes --overwrite > /dev/null 2>&1
";

/// One act and the wait before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) after_secs: usize,
    pub(crate) line: String,
}

/// What is done to one world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) nodes: usize,
    pub(crate) acts: Vec<Act>,
}

impl Plan {
    /// The plan of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Random::new(seed).split("plan");
        let nodes = 1 + random.below(5);
        let count = 8 + random.below(ACTS_MAX - 8);
        let mut plan = Self { seed, nodes, acts: Vec::new() };
        let mut busy = 0;
        for number in 0..count {
            let line = if number < 3 { acts::first(&mut random) } else { acts::any(&mut random) };
            // Mostly while the last act is still at work, sometimes after all has come to rest.
            let after_secs = match random.below(10) {
                0..=2 => random.below(3),
                3..=6 => random.below(25),
                7 | 8 => random.below(120),
                _ => random.below(420),
            };
            busy += after_secs;
            if busy > BUSY_SECS {
                break;
            }
            plan.acts.push(Act { after_secs, line });
        }
        plan
    }

    /// The plan as a script of the shell.
    pub(crate) fn script(&self) -> String {
        let mut text = String::new();
        for act in &self.acts {
            if act.after_secs > 0 {
                writeln!(text, "sleep {}", act.after_secs).expect("a String takes everything");
            }
            text.push_str(act.line.trim_end());
            text.push('\n');
        }
        text.push_str(REPAIRS);
        writeln!(text, "sleep {REST_SECS}").expect("a String takes everything");
        text
    }
}
