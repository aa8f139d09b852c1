//! Writing the journal: where a run stands, and the lines that tell it.
//!
//! ```text
//! kobune save<tab>1<tab>0.1.0                                    format, engine
//! CHECK world main 1 3 default                                   name, seed, nodes, profile
//! CHECK STEPS MICROS PRINT enter kubectl get pods                an act, and what lies between it and the one before
//! CHECK STEPS MICROS PRINT moment playing 30 /a /a /b            where it is now: clock, file on top, open files
//! CHECK file /a =                                                a file as acts left it, or with its text
//! CHECK note WORDS                                               for people: the fault that ended the run
//! ```
//!
//! `PRINT` is a short hash over the changes since the act before: a replay that goes another way is found at that line.

use super::act::{Act, Texts};
use super::line::{Chain, fnv};
use crate::cluster::{Cluster, Profile, Settings};
use crate::time::Time;

/// The number of this format.
pub const FORMAT: u32 = 1;
/// The version of the engine, for the record: whether a save fits is found by doing it again.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");
/// The longest text that is kept or read.
pub const SAVE_BYTES_MAX: usize = 16 << 20;
/// The most steps of the cluster that are done again; some minutes of a browser's time.
pub const STEPS_MAX: u64 = 10_000_000;

/// Where a run stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) steps: u64,
    pub(super) time: Time,
    pub(super) print: u32,
    revision: u64,
}

impl Mark {
    /// Where a world stands before the first act.
    pub(super) fn first(cluster: &Cluster) -> Self {
        let revision = cluster.store().revision();
        Self { steps: 0, time: cluster.now(), print: 0, revision }
    }

    /// Where a cluster stands after some steps, told by what changed since this mark.
    pub(super) fn next(&self, cluster: &Cluster, steps: u64) -> Self {
        let mut print = self.print;
        for change in cluster.store().log().since(self.revision) {
            print = fnv(print, &change.revision.to_le_bytes());
            print = fnv(print, &change.time.micros().to_le_bytes());
            print = fnv(print, change.key.kind.info().singular.as_bytes());
            print = fnv(print, change.key.name.as_bytes());
        }
        Self { steps, time: cluster.now(), print, revision: cluster.store().revision() }
    }
}

/// What the page looks like beside the world, to come back to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Whether time runs.
    pub playing: bool,
    /// How fast.
    pub speed: u32,
    /// The file on top, if any.
    pub active: Option<String>,
    /// The open files.
    pub open: Vec<String>,
}

/// The lines so far.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    pub(super) head: String,
    /// One for each act.
    pub(super) lines: Vec<String>,
    pub(super) texts: Texts,
    pub(super) mark: Mark,
    chain: Chain,
    bytes: usize,
    /// Whether an act found no room any more; nothing is written since.
    pub(super) full: bool,
}

impl Journal {
    /// The journal of a fresh world.
    pub(super) fn new(name: &str, settings: &Settings, mark: Mark) -> Self {
        let first = format!("kobune save\t{FORMAT}\t{ENGINE}");
        let mut chain = Chain::begin(&first);
        let profile = match settings.profile {
            Profile::Default => "default",
            Profile::Oracle => "oracle",
        };
        let (seed, nodes) = (settings.seed.to_string(), settings.nodes.to_string());
        let world = chain.write(&["world", name, &seed, &nodes, profile]);
        let head = format!("{first}\n{world}");
        let bytes = head.len();
        Self { head, lines: Vec::new(), texts: Texts::default(), mark, chain, bytes, full: false }
    }

    /// Writes an act down; its line, unless there is no room any more.
    pub(super) fn record(&mut self, here: Mark, act: &Act) -> Option<&str> {
        if self.full {
            return None;
        }
        let mut chain = self.chain;
        let line = self.line(&mut chain, &here, &act.fields(&self.texts));
        if self.bytes + line.len() > SAVE_BYTES_MAX || here.steps > STEPS_MAX {
            self.full = true;
            return None;
        }
        self.bytes += line.len();
        (self.chain, self.mark) = (chain, here);
        self.texts.note(act);
        self.lines.push(line);
        self.lines.last().map(String::as_str)
    }

    /// The line that tells where the run is now.
    pub(super) fn moment(&self, here: &Mark, moment: &Moment) -> String {
        let mode = if moment.playing { "playing" } else { "paused" };
        let mut fields = vec!["moment".to_owned(), mode.to_owned(), moment.speed.to_string()];
        fields.push(moment.active.clone().unwrap_or_default());
        fields.extend(moment.open.iter().cloned());
        self.line(&mut self.chain.clone(), here, &fields)
    }

    fn line(&self, chain: &mut Chain, here: &Mark, fields: &[String]) -> String {
        let (before, print) = (&self.mark, format!("{:08x}", here.print));
        let steps = (here.steps - before.steps).to_string();
        let micros = here.time.since(before.time).as_micros().to_string();
        let mut all = vec![steps.as_str(), &micros, &print];
        all.extend(fields.iter().map(String::as_str));
        chain.write(&all)
    }
}
