//! What a controller remembers of a key from one turn to the next, and what it is told of the metrics there.
//!
//! Upstream's controllers keep such things in maps of their own; here the cluster keeps them and lends them.

use super::Client;
use crate::object::PodMetrics;
use crate::time::Time;

/// Something remembered.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about; the controller's own word.
    pub about: &'static str,
    /// A number.
    pub number: i32,
    /// Since when.
    pub at: Time,
}

/// What a client lends a controller for one turn.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    notes: Vec<Note>,
    metrics: Option<PodMetrics>,
}

impl Client<'_> {
    /// The same client, with what its controller remembers, and with the metrics of the Pods in the key's namespace; none
    /// where no metrics server runs.
    #[must_use]
    pub fn with_notes(mut self, notes: Vec<Note>, metrics: Option<PodMetrics>) -> Self {
        self.memory = Memory { notes, metrics };
        self
    }

    /// Takes what the controller remembers; what is left at the end of its turn is remembered again.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.memory.notes)
    }

    /// Remembers this.
    pub fn set_notes(&mut self, notes: Vec<Note>) {
        self.memory.notes = notes;
    }

    /// The metrics of the Pods that have some; none if no metrics server runs.
    pub fn metrics(&self) -> Option<&PodMetrics> {
        self.memory.metrics.as_ref()
    }
}
