//! What a kubelet's open connections to the API server still carry when packets are lost in one direction.
//!
//! TCP sends what it has and waits for word that it came. That word is what is lost now, so the first burst arrives, and
//! all that follows waits behind it: after the first time-out the sender repeats the oldest segment alone (RFC 6298 5.5,
//! RFC 5681 3.1: a window of one segment). The sender never learns that the burst arrived.
//! A kubelet has several connections, as its clients do not share their dialer: one for heartbeats, one for Events, one for
//! the rest (kubernetes `cmd/kubelet/app/server.go`, `UnsecuredDependencies` and `updateDialer`; client-go
//! `transport/cache.go`). A heartbeat that is not answered in 10 s is tried again, and when that fails too, all
//! connections are closed (component-helpers `apimachinery/lease/controller.go`, `onRepeatedHeartbeatFailure`).
//!
//! *Differs:* of the rest only watches are imagined: what a kubelet writes of Pods begins with a question, whose answer it
//! never gets. Bookmarks and changes of what the kubelet watches beside its Pods take nobody's place in a burst.

use crate::time::{Duration, Time};

/// One of a kubelet's connections, by what goes over it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Talk {
    /// The kubelet's Lease.
    Heartbeat,
    /// The kubelet's Events.
    Event,
    /// What the API server tells the kubelet of its Pods.
    News,
}

/// A kubelet's connections to the API server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// When something was first sent over each since packets are lost.
    first: [Option<Time>; 3],
}

/// From the first segment to its repetition (the shortest of Linux).
const BURST: Duration = Duration::from_millis(200);
/// From a heartbeat without an answer to the end of all connections: two attempts of 10 s
/// (`nodeStatusUpdateFrequency` is the time-out of the client for heartbeats).
const GIVEN_UP: Duration = Duration::from_secs(20);

impl Link {
    /// Something is sent: whether it reaches the other end.
    pub fn send(&mut self, talk: Talk, now: Time) -> bool {
        if let Some(first) = self.first.get_mut(talk as usize) {
            first.get_or_insert(now);
        }
        self.passes(talk, now)
    }

    /// Whether what is sent now goes with the first burst.
    pub fn passes(&self, talk: Talk, now: Time) -> bool {
        let since = |talk: Talk| self.first.get(talk as usize).copied().flatten();
        since(talk).is_some_and(|first| now < first + BURST)
            && since(Talk::Heartbeat).is_none_or(|first| now < first + GIVEN_UP)
    }

    /// Whether no heartbeat was sent yet.
    pub fn fresh(&self) -> bool {
        self.first.first().is_some_and(Option::is_none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_burst_arrives_and_then_all_connections_are_closed() {
        let at = |millis: u64| Time::START + Duration::from_millis(millis);
        let mut link = Link::default();
        assert!(link.fresh());
        let sent: Vec<bool> = [
            (Talk::News, 1_000),
            (Talk::News, 1_199),
            (Talk::News, 1_200),
            (Talk::Heartbeat, 4_000),
            (Talk::Heartbeat, 14_000),
            // Closed by now.
            (Talk::Event, 24_000),
        ]
        .into_iter()
        .map(|(talk, millis)| link.send(talk, at(millis)))
        .collect();
        assert_eq!(sent, [true, true, false, true, false, false]);
        assert!(!link.fresh());
    }
}
