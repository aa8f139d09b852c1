//! Why a change was made: who wrote it, and because of which earlier change, act or passing of time.
//!
//! The explanation views are walks over these links, from a change back to something the user did.

/// Who writes: a user, or a part of the cluster under the name that upstream gives it in `Event.source` or logs.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// The person at the keyboard.
    User,
    /// A part of the cluster: `deployment-controller`, `default-scheduler`, `kubelet`, `machine`...
    Component(&'static str),
}

impl Actor {
    /// The component's name, `kubectl` for the user.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "kubectl",
            Self::Component(name) => name,
        }
    }
}

/// What made the actor write.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// The change at this revision.
    Change(u64),
    /// The user's act with this number (acts are numbered from 1 in the journal).
    Act(u64),
    /// A timer that nothing but the passing of time set off (a heartbeat, a probe's period).
    Time,
}

/// Who and why; every change carries one.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// Who wrote.
    pub actor: Actor,
    /// Why.
    pub because: Because,
}
