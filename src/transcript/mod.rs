//! Recorded transcripts: what a real control plane answered, replayed here and compared.
//!
//! A transcript is a file of commands and the output after each; the same form holds what a replay gave, so the two
//! can be laid side by side. What counts as a match is decided in `compare` alone.

mod compare;
mod record;
mod replay;

pub use compare::{Verdict, compare, same_text};
pub use record::{NodeSetup, Step, Transcript};
pub use replay::replay;
