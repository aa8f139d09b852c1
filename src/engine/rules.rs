//! The one switch between the real world and the one in which the reference transcripts were recorded.
//!
//! The recordings come from hollow kubelets: the real kubelet over a fake container runtime, whose rules
//! (what can be pulled, which commands end, how probes answer) are gathered here and asked for by name.

use super::ImageRef;
use crate::time::Duration;

/// Whose rules containers follow.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// A real container runtime and real images.
    #[default]
    Real,
    /// The fake runtime of the recordings.
    Recorded,
}

impl Rules {
    /// Whether an image of this name can be had at all.
    pub fn can_pull(self, reference: &ImageRef) -> bool {
        let text = reference.to_string();
        self == Self::Real
            || !["nosuch", "no-such", "doesnotexist"].iter().any(|word| text.contains(word))
    }

    /// Whether tags and near-misspellings are looked up in the catalogue.
    pub fn checks_names(self) -> bool {
        self == Self::Real
    }

    /// The size of every image, if they all have one.
    pub fn image_bytes(self) -> Option<u64> {
        (self == Self::Recorded).then_some(72_099_410)
    }

    /// How long fetching and unpacking takes: 20 MB a second after 700 ms of asking the registry.
    pub fn pull_duration(self, bytes: u64) -> Duration {
        match self {
            Self::Real => Duration::from_millis(700 + bytes / 20_000),
            Self::Recorded => Duration::from_millis(1),
        }
    }

    /// How long the registry takes to say that nothing new is to be fetched, or to refuse.
    pub fn registry_duration(self) -> Duration {
        match self {
            Self::Real => Duration::from_millis(600),
            Self::Recorded => Duration::from_millis(1),
        }
    }

    /// How long a pod sandbox takes (namespaces, network).
    pub fn sandbox_duration(self) -> Duration {
        match self {
            Self::Real => Duration::from_millis(250),
            Self::Recorded => Duration::from_millis(2),
        }
    }

    /// How long creating and starting a container takes.
    pub fn start_duration(self) -> Duration {
        match self {
            Self::Real => Duration::from_millis(120),
            Self::Recorded => Duration::from_millis(2),
        }
    }

    /// Whether a container ends the moment it is told to, with exit code 0.
    pub fn stops_at_once(self) -> bool {
        self == Self::Recorded
    }

    /// Whether a command by itself does what it says and ends, if there is such a tool. The recordings' runtime takes no
    /// other words than these for an end and lets every other program run on, silent; `cat` is what its probes ask with.
    pub fn ends_command(self, name: &str) -> bool {
        let ends = matches!(name, "sleep" | "exit" | "echo" | "true" | "false" | "cat");
        self == Self::Real || ends
    }

    /// How an image is named in a container's status: as written, or in full.
    pub fn image_name(self, written: &str, reference: &ImageRef) -> String {
        match self {
            Self::Real => reference.to_string(),
            Self::Recorded => written.to_owned(),
        }
    }

    /// `imageID` in a container's status.
    pub fn image_id(self, written: &str, reference: &ImageRef, digest: &str) -> String {
        match self {
            Self::Real => format!("{}@{digest}", reference.name()),
            Self::Recorded => written.to_owned(),
        }
    }

    /// The fixed answer to an HTTP probe, where there is one.
    pub fn http_probe(self, path: &str) -> Option<u16> {
        (self == Self::Recorded).then(|| if path.contains("fail") { 500 } else { 200 })
    }

    /// Whether a TCP probe is accepted, where that is fixed.
    pub fn tcp_probe(self, port: u16) -> Option<bool> {
        (self == Self::Recorded).then_some(port != 9999)
    }
}
