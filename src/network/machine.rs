//! Machines: whether they have power, and which of their packets pass.
//!
//! A machine is not its Node: it goes on without one when the Node is deleted, and a Node that somebody wrote by hand has
//! no machine behind it. Power and cable are apart: a machine without a cable runs what it ran.
//!
//! A cable may fail in one direction alone. A connection needs both, so none can be made then; over one that was open the
//! other direction carries a little more ([`Link`]).

use std::net::Ipv4Addr;

use super::link::{Link, Talk};
use crate::time::Time;

/// A machine as the network sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its address.
    pub address: Ipv4Addr,
    /// Whether it runs.
    pub power: Power,
    /// Which of its packets are lost.
    lost: Option<Direction>,
    /// The connections of its kubelet that were open when packets began to be lost in one direction.
    link: Option<Link>,
}

/// A machine's power.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Power {
    /// Off: nothing on it runs.
    Off,
    /// It starts up; its kubelet begins to work then.
    Starting(Time),
    /// It runs.
    On,
}

/// A way of packets, seen from the machine.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To it and from it.
    Both,
    /// To it.
    In,
    /// From it.
    Out,
}

impl Direction {
    /// Its name in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::In => "in",
            Self::Out => "out",
        }
    }

    /// What is left of these after others were taken away.
    fn without(self, others: Self) -> Option<Self> {
        match (self, others) {
            (_, Self::Both) | (Self::In, Self::In) | (Self::Out, Self::Out) => None,
            (Self::Both | Self::Out, Self::In) => Some(Self::Out),
            (Self::Both | Self::In, Self::Out) => Some(Self::In),
        }
    }
}

impl Machine {
    /// A connected machine.
    pub fn new(address: Ipv4Addr, power: Power) -> Self {
        Self { address, power, lost: None, link: None }
    }

    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.power == Power::On
    }

    /// Which of its packets are lost.
    pub fn lost(&self) -> Option<Direction> {
        self.lost
    }

    /// Whether packets pass between it and others, both ways.
    pub fn reachable(&self) -> bool {
        self.runs() && self.lost.is_none()
    }

    /// From now on packets are lost in this direction too. False if they were already.
    pub fn cut(&mut self, way: Direction) -> bool {
        let lost = match self.lost {
            None => way,
            Some(lost) if lost == Direction::Both || lost == way => return false,
            Some(_) => Direction::Both,
        };
        self.link = (self.reachable() && lost != Direction::Both).then(Link::default);
        self.lost = Some(lost);
        true
    }

    /// From now on packets pass in this direction. False if they did already.
    pub fn mend(&mut self, way: Direction) -> bool {
        let Some(lost) = self.lost else { return false };
        let left = lost.without(way);
        if left == Some(lost) {
            return false;
        }
        self.lost = left;
        self.link = None;
        true
    }

    /// Its connections are gone, as its power was.
    pub fn hang_up(&mut self) {
        self.link = None;
    }

    /// Its kubelet sends something to the API server: whether it arrives.
    pub fn says(&mut self, talk: Talk, now: Time) -> bool {
        if self.reachable() {
            return true;
        }
        let sent = self.runs() && self.link.as_mut().is_some_and(|link| link.send(talk, now));
        sent && self.lost == Some(Direction::In)
    }

    /// The API server tells its kubelet of a change: whether that arrives.
    pub fn is_told(&mut self, now: Time) -> bool {
        if self.reachable() {
            return true;
        }
        let sent = self.runs() && self.link.as_mut().is_some_and(|link| link.send(Talk::News, now));
        sent && self.lost == Some(Direction::Out)
    }

    /// Whether news that the API server sent a moment ago are still arriving.
    pub fn hears(&self, now: Time) -> bool {
        self.lost == Some(Direction::Out)
            && self.link.as_ref().is_some_and(|link| link.passes(Talk::News, now))
    }

    /// Whether one more of its signs of life will arrive.
    pub fn has_last_word(&self) -> bool {
        self.runs()
            && self.lost == Some(Direction::In)
            && self.link.as_ref().is_some_and(Link::fresh)
    }
}
