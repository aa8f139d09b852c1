//! Acts on machines: power and cable, coming and going.
//!
//! An act says what is done to the hardware; what the cluster makes of it follows by itself: heartbeats stop, the node
//! controller notices, Pods move. Every act checks first whether it makes sense and refuses with a [`MachineError`].
//!
//! *Differs:* a machine that is switched off or restarted gives its containers no time to end (as when its plug is
//! pulled); a restart takes [`BOOT`] whatever runs on it.

use std::fmt;

use super::{Cluster, Profile, Task};
use crate::engine::Rules;
use crate::kubelet::{Hardware, Kubelet};
use crate::network::{Direction, Machine, Power};
use crate::object::{Key, Kind, Labels, Name, StatusError};
use crate::quantity::Quantity;
use crate::random::Random;
use crate::store::{Actor, Because, Cause, Client, DeleteOptions};
use crate::time::Duration;

/// From switching a machine on to its kubelet's first sign of life.
pub const BOOT: Duration = Duration::from_secs(20);
/// From plugging a cable in to the kubelet's new list of its Pods.
const REJOIN: Duration = Duration::from_secs(1);
/// The most machines there may be.
const MACHINES_MAX: usize = 5000;

/// A machine to add.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewMachine {
    /// Its name; the next free `node-N` if `None`.
    pub name: Option<String>,
    /// Its CPUs, as a quantity; 4 if `None`.
    pub cpu: Option<String>,
    /// Its memory, as a quantity; 8Gi if `None`.
    pub memory: Option<String>,
    /// Labels of its Node beside the usual ones.
    pub labels: Labels,
}

/// Why an act on a machine is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MachineError {
    /// There is no such machine, though there may be a Node of that name.
    NotFound(String),
    /// There is one of that name already.
    Exists(String),
    /// It has no power.
    Off(String),
    /// It has no power already.
    OffAlready(String),
    /// It runs already.
    On(String),
    /// It is starting up.
    Starting(String),
    /// Its packets are lost already in this direction.
    Disconnected(String, Direction),
    /// Its packets pass already in this direction.
    Connected(String, Direction),
    /// There can be no more.
    TooMany,
    /// Not an amount that a machine can have: of what, and what was given.
    Amount(&'static str, String),
    /// The API server would refuse its Node.
    Refused(StatusError),
}

impl fmt::Display for MachineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(name) => write!(f, "machine {name:?} not found"),
            Self::Exists(name) => write!(f, "machine {name:?} already exists"),
            Self::Off(name) => write!(f, "machine {name:?} is powered off"),
            Self::OffAlready(name) => write!(f, "machine {name:?} is powered off already"),
            Self::On(name) => write!(f, "machine {name:?} is powered on already"),
            Self::Starting(name) => write!(f, "machine {name:?} is starting up already"),
            Self::Disconnected(name, way) => {
                write!(f, "machine {name:?} is disconnected already{}", aside(*way))
            }
            Self::Connected(name, way) => {
                write!(f, "machine {name:?} is connected already{}", aside(*way))
            }
            Self::TooMany => write!(f, "there can be {MACHINES_MAX} machines at most"),
            Self::Amount(what, given) => write!(f, "invalid amount of {what}: {given:?}"),
            Self::Refused(error) => write!(f, "{}", error.message),
        }
    }
}

/// A direction as a remark: ` (in)`; nothing where it is both.
pub fn aside(way: Direction) -> &'static str {
    match way {
        Direction::Both => "",
        Direction::In => " (in)",
        Direction::Out => " (out)",
    }
}

type Done = Result<(), MachineError>;

impl Cluster {
    /// Cuts a machine's power: everything on it ends at once.
    pub fn power_off(&mut self, node: &str) -> Done {
        let machine = self.machine_mut(node)?;
        if machine.power == Power::Off {
            return Err(MachineError::OffAlready(node.to_owned()));
        }
        machine.power = Power::Off;
        self.acts += 1;
        self.lose_power(node);
        Ok(())
    }

    /// Switches a machine on: it works after [`BOOT`].
    pub fn power_on(&mut self, node: &str) -> Done {
        match self.machine_mut(node)?.power {
            Power::Off => {}
            Power::On => return Err(MachineError::On(node.to_owned())),
            Power::Starting(_) => return Err(MachineError::Starting(node.to_owned())),
        }
        self.acts += 1;
        self.boot(&node.into());
        Ok(())
    }

    /// Restarts a machine: cuts its power and switches it on at once.
    pub fn reboot(&mut self, node: &str) -> Done {
        match self.machine_mut(node)?.power {
            Power::On => {}
            Power::Off => return Err(MachineError::Off(node.to_owned())),
            Power::Starting(_) => return Err(MachineError::Starting(node.to_owned())),
        }
        self.acts += 1;
        self.lose_power(node);
        self.boot(&node.into());
        Ok(())
    }

    /// Pulls a machine's cable, or lets its packets be lost in one direction: what runs there goes on, unheard.
    pub fn disconnect(&mut self, node: &str, way: Direction) -> Done {
        if !self.machine_mut(node)?.cut(way) {
            return Err(MachineError::Disconnected(node.to_owned(), way));
        }
        self.acts += 1;
        Ok(())
    }

    /// Lets a machine's packets pass again.
    pub fn reconnect(&mut self, node: &str, way: Direction) -> Done {
        let machine = self.machine_mut(node)?;
        if !machine.mend(way) {
            return Err(MachineError::Connected(node.to_owned(), way));
        }
        let reachable = machine.reachable();
        self.acts += 1;
        if let (true, Some(kubelet)) = (reachable, self.kubelets.get(node)) {
            let (node, boot, act) = (kubelet.node().clone(), kubelet.boot(), self.acts);
            self.queue.push(self.now + REJOIN, Task::Join { node, boot, act });
        }
        Ok(())
    }

    /// Adds a machine and switches it on; its Node appears after [`BOOT`]. Returns its name.
    pub fn add_machine(&mut self, new: NewMachine) -> Result<Name, MachineError> {
        if self.kubelets.len() >= MACHINES_MAX {
            return Err(MachineError::TooMany);
        }
        let taken = |name: &str| {
            self.kubelets.contains_key(name)
                || self.store.get(&Key::cluster(Kind::Node, name)).is_some()
        };
        let name = match new.name {
            Some(name) if taken(&name) => return Err(MachineError::Exists(name)),
            Some(name) => name,
            None => (1..=MACHINES_MAX * 2)
                .map(|number| format!("node-{number}"))
                .find(|name| !taken(name))
                .ok_or(MachineError::TooMany)?,
        };
        let mut hardware = Hardware::new(self.machines_made + 1);
        for (amount, given, what) in
            [(&mut hardware.cpu, new.cpu, "CPU"), (&mut hardware.memory, new.memory, "memory")]
        {
            let Some(given) = given else { continue };
            match Quantity::parse(&given) {
                Ok(quantity) if quantity.milli_value() > 0 => *amount = quantity.to_string(),
                Ok(_) | Err(_) => return Err(MachineError::Amount(what, given)),
            }
        }
        hardware.labels = new.labels;
        // Whether the API server will take its Node is asked before the machine is there.
        let node = hardware.node(&name, self.rules());
        let cause = Cause { actor: Actor::Component("kubelet"), because: Because::Time };
        Client::new(&mut self.store, self.now, cause)
            .dry_run(|client| client.create(node).map(drop))
            .map_err(MachineError::Refused)?;
        self.acts += 1;
        let name = Name::from(name);
        self.plug_in(name.clone(), hardware);
        self.boot(&name);
        Ok(name)
    }

    /// Takes a machine away for good, and deletes its Node if there is one.
    pub fn remove_machine(&mut self, node: &str) -> Done {
        self.machine_mut(node)?;
        self.kubelets.discard(node);
        self.network.remove_machine(node);
        self.act(|client| {
            let key = Key::cluster(Kind::Node, node);
            // Refused only where it was deleted before.
            drop(client.delete(&key, &DeleteOptions::default()));
        });
        Ok(())
    }

    /// Freezes a node's kubelet and everything it runs. False if there is no such node.
    pub fn freeze_node(&mut self, node: &str) -> bool {
        self.kubelets.get_mut(node).map(Kubelet::freeze).is_some()
    }

    /// Lets a frozen node go on. False if there is no such node.
    pub fn thaw_node(&mut self, node: &str) -> bool {
        if !self.kubelets.contains_key(node) {
            return false;
        }
        self.with_kubelet(&node.into(), Because::Time, Kubelet::thaw);
        self.dispatch();
        true
    }

    /// The kubelet of a node if it can be asked, or the API server's sentence on why it cannot.
    pub fn kubelet(&self, node: &str) -> Result<&Kubelet, String> {
        let Some((machine, kubelet)) = self.network.machine(node).zip(self.kubelets.get(node))
        else {
            return Err(format!("dial tcp: lookup {node}: no such host"));
        };
        if machine.reachable() {
            return Ok(kubelet);
        }
        // Without a cable nobody answers who has that address; packets that are lost are waited for.
        let why = match machine.lost() {
            Some(Direction::In | Direction::Out) if machine.runs() => "i/o timeout",
            _ => "connect: no route to host",
        };
        Err(format!("dial tcp {}:10250: {why}", machine.address))
    }

    /// One of the machines that a world begins with: it runs and its Node is there.
    pub(super) fn first_machine(&mut self, number: usize) {
        let name = Name::from(format!("node-{number}"));
        self.plug_in(name.clone(), Hardware::new(number));
        if let Some(machine) = self.network.machine_mut(&name) {
            machine.power = Power::On;
        }
        let recorded = self.settings.profile == Profile::Oracle;
        self.with_kubelet(&name, Because::Time, |kubelet, world| {
            kubelet.register(world, recorded).expect("machine numbers are used once");
            kubelet.start(world);
        });
        if recorded {
            self.clear_events();
        }
    }

    /// Deletes all Events, as was done before each recording; the kubelets remember what they said.
    fn clear_events(&mut self) {
        let keys: Vec<_> = self.store.list(Kind::Event, None).map(|event| event.key()).collect();
        let cause = Cause { actor: Actor::User, because: Because::Time };
        let mut client = Client::new(&mut self.store, self.now, cause);
        for key in keys {
            // None of them can be gone already.
            drop(client.delete(&key, &DeleteOptions::default()));
        }
    }

    /// A machine that was switched on works.
    #[inline(never)]
    pub(super) fn machine_started(&mut self, node: &Name, boot: u32, act: u64) {
        if self.kubelets.get(node).is_none_or(|kubelet| kubelet.boot() != boot) {
            return;
        }
        if let Some(machine) = self.network.machine_mut(node) {
            machine.power = Power::On;
        }
        self.with_kubelet(node, Because::Act(act), Kubelet::start);
        self.join(node, boot, act);
    }

    /// A kubelet finds the API server: makes its Node known if it has not, and lists its Pods.
    #[inline(never)]
    pub(super) fn join(&mut self, node: &Name, boot: u32, act: u64) {
        let same = self.kubelets.get(node).is_some_and(|kubelet| kubelet.boot() == boot);
        if !same || !self.network.machine(node).is_some_and(Machine::reachable) {
            return;
        }
        self.with_kubelet(node, Because::Act(act), |kubelet, world| {
            // Refused only while the API server would refuse it again and again; the next start tries anew.
            drop(kubelet.register(world, true));
            kubelet.join(world);
        });
    }

    fn machine_mut(&mut self, node: &str) -> Result<&mut Machine, MachineError> {
        self.network.machine_mut(node).ok_or_else(|| MachineError::NotFound(node.to_owned()))
    }

    fn lose_power(&mut self, node: &str) {
        self.boots += 1;
        if let Some(machine) = self.network.machine_mut(node) {
            machine.hang_up();
        }
        if let Some(kubelet) = self.kubelets.get_mut(node) {
            kubelet.lose_power(self.boots);
        }
    }

    fn plug_in(&mut self, name: Name, hardware: Hardware) {
        self.machines_made += 1;
        self.boots += 1;
        let machine = Machine::new(hardware.address(), Power::Off);
        let random = Random::new(self.settings.seed);
        let kubelet = Kubelet::new(name.clone(), hardware, self.boots, self.rules(), &random);
        self.network.add_machine(name.clone(), machine);
        self.kubelets.insert(name, kubelet);
    }

    /// Begins a start of the machine, on behalf of the last act.
    fn boot(&mut self, node: &Name) {
        let until = self.now + BOOT;
        if let Some(machine) = self.network.machine_mut(node) {
            machine.power = Power::Starting(until);
        }
        let boot = self.kubelets.get(node).map_or(0, Kubelet::boot);
        let act = self.acts;
        self.queue.push(until, Task::Started { node: node.clone(), boot, act });
    }

    fn rules(&self) -> Rules {
        match self.settings.profile {
            Profile::Default => Rules::Real,
            Profile::Oracle => Rules::Recorded,
        }
    }
}
