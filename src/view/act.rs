//! What can be done to a thing in the picture, each as the command line that does it.
//!
//! Only what can be done now is offered. The page runs the line at the prompt, so that the learner meets the words.

use super::Text;
use super::picture::{Boat, Health, Picture, Plight, PodView, ServiceView, Workload};
use crate::network::Direction;
use crate::object::{Key, Kind};
use crate::order;

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What it is called.
    pub what: Text,
    /// The command line that does it.
    pub line: String,
    /// Whether it breaks something.
    pub grave: bool,
    /// Acts of one group stand together: looking, changing, breaking.
    pub group: u8,
}

impl Act {
    /// Whether it only prints something.
    pub fn looks(&self) -> bool {
        self.group == LOOK
    }
}

const CHANGE: u8 = 0;
const BREAK: u8 = 1;
const LOOK: u8 = 2;

/// What can be done to the thing with this key, most wanted first; nothing if the picture does not show it.
pub fn acts(picture: &Picture, key: &Key) -> Vec<Act> {
    let mut acts = match key.kind {
        Kind::Node => {
            let boat = picture.boats.iter().find(|boat| boat.key == *key);
            boat.map(|boat| node(boat)).unwrap_or_default()
        }
        Kind::Pod => pod(picture, key),
        Kind::Service => {
            let service = picture.services.iter().find(|service| service.key == *key);
            service.map(|service| self::service(service)).unwrap_or_default()
        }
        Kind::Deployment => {
            let workload = picture.workloads.iter().find(|workload| workload.key == *key);
            workload.map(|workload| deployment(workload)).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    order::sort_by_key(&mut acts, |act| act.group);
    acts
}

/// What can be done to the harbour as a whole.
pub fn harbour() -> Vec<Act> {
    vec![change(Text::ActAddNode, "node add".to_owned())]
}

fn change(what: Text, line: String) -> Act {
    Act { what, line, grave: false, group: CHANGE }
}

fn harm(what: Text, line: String) -> Act {
    Act { what, line, grave: true, group: BREAK }
}

fn look(what: Text, line: String) -> Act {
    Act { what, line, grave: false, group: LOOK }
}

/// ` -n NAMESPACE`, where it is needed.
fn space(key: &Key) -> String {
    if &*key.namespace == "default" { String::new() } else { format!(" -n {}", key.namespace) }
}

/// Brings back the version of a Deployment's revision.
pub fn undo_to(workload: &Workload, revision: i64) -> Act {
    let (name, space) = (&workload.key.name, space(&workload.key));
    let line = format!("kubectl rollout undo deployment/{name}{space} --to-revision={revision}");
    change(Text::ActUndoTo, line)
}

fn node(boat: &Boat) -> Vec<Act> {
    let mut acts = if boat.machine { machine(boat) } else { Vec::new() };
    let name = &boat.key.name;
    if !boat.known {
        return acts;
    }
    if boat.schedulable {
        acts.push(change(Text::ActCordon, format!("kubectl cordon {name}")));
    } else {
        acts.push(change(Text::ActUncordon, format!("kubectl uncordon {name}")));
    }
    // A lost node never says that its Pods are gone, so a drain would wait for ever.
    if boat.ready && !boat.pods.is_empty() {
        let force = if boat.pods.iter().any(|pod| pod.owner.is_none()) { " --force" } else { "" };
        let line =
            format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data{force}");
        acts.push(change(Text::ActDrain, line));
    }
    acts.push(look(Text::ActDescribe, format!("kubectl describe node {name}")));
    acts
}

fn machine(boat: &Boat) -> Vec<Act> {
    let name = &boat.key.name;
    let line = |what: &str| format!("node {what} {name}");
    let mut acts = Vec::new();
    match boat.plight {
        Plight::Dark => acts.push(change(Text::ActPowerOn, line("power-on"))),
        Plight::Starting => acts.push(harm(Text::ActPowerOff, line("power-off"))),
        Plight::Afloat | Plight::Cut => {
            acts.push(harm(Text::ActPowerOff, line("power-off")));
            acts.push(harm(Text::ActReboot, line("reboot")));
        }
    }
    if boat.lost != Some(Direction::Both) {
        acts.push(harm(Text::ActDisconnect, line("disconnect")));
    }
    if boat.lost.is_some() {
        acts.push(change(Text::ActReconnect, line("reconnect")));
    } else {
        acts.push(harm(Text::ActDisconnectIn, line("disconnect --direction=in")));
        acts.push(harm(Text::ActDisconnectOut, line("disconnect --direction=out")));
    }
    acts.push(harm(Text::ActRemoveNode, line("remove")));
    acts
}

fn pod(picture: &Picture, key: &Key) -> Vec<Act> {
    let on_deck = picture.boats.iter().find_map(|boat| {
        let pod = boat.pods.iter().find(|pod| pod.key == *key)?;
        Some((pod, boat.known && boat.plight == Plight::Afloat))
    });
    let queued = || picture.queue.iter().find(|pod| pod.key == *key).map(|pod| (pod, true));
    let Some((pod, heard)) = on_deck.or_else(queued) else { return Vec::new() };
    let (name, space) = (&key.name, space(key));
    let mut acts = Vec::new();
    if pod.health == Health::Terminating {
        let line = format!("kubectl delete pod {name}{space} --grace-period=0 --force");
        acts.push(harm(Text::ActForceDelete, line));
    } else {
        // A lost node never says that a Pod is gone, so nobody should wait for it.
        let wait = if heard { "" } else { " --wait=false" };
        acts.push(harm(Text::ActDelete, format!("kubectl delete pod {name}{space}{wait}")));
    }
    if pod.running && heard {
        if pod.health != Health::Terminating {
            acts.extend(faults(pod, &space));
            acts.push(look(Text::ActShell, format!("kubectl exec -it {name}{space} -- sh")));
        }
        acts.push(look(Text::ActLogs, format!("kubectl logs {name}{space}")));
    }
    acts.push(look(Text::ActDescribe, format!("kubectl describe pod {name}{space}")));
    acts
}

fn faults(pod: &PodView, space: &str) -> Vec<Act> {
    let name = &pod.key.name;
    let mut acts = vec![harm(Text::ActCrash, format!("pod crash {name}{space}"))];
    if pod.probed && pod.health == Health::Ready {
        let line = format!("pod fail-probe {name} readiness{space}");
        acts.push(harm(Text::ActFailProbe, line));
    }
    if pod.probed && pod.health == Health::Unready {
        acts.push(change(Text::ActHeal, format!("pod heal {name}{space}")));
    }
    acts
}

fn service(service: &ServiceView) -> Vec<Act> {
    let (name, space) = (&service.key.name, space(&service.key));
    let mut acts = Vec::new();
    if let Some(url) = service.url() {
        match &service.load {
            Some(load) => acts.push(change(Text::ActStopLoad, format!("load stop {}", load.name))),
            None => acts.push(change(Text::ActStartLoad, format!("load start {url} --rps 5"))),
        }
        acts.push(look(Text::ActRequest, format!("curl -s {url}")));
    }
    acts.push(look(Text::ActDescribe, format!("kubectl describe service {name}{space}")));
    acts
}

fn deployment(workload: &Workload) -> Vec<Act> {
    let (name, space) = (&workload.key.name, space(&workload.key));
    let scale = |what: Text, replicas: i32| {
        change(what, format!("kubectl scale deployment {name}{space} --replicas={replicas}"))
    };
    let rollout = |verb: &str| format!("kubectl rollout {verb} deployment/{name}{space}");
    let mut acts = vec![scale(Text::ActScaleUp, workload.wanted.saturating_add(1))];
    if workload.wanted > 0 {
        acts.push(scale(Text::ActScaleDown, workload.wanted - 1));
    }
    if workload.paused {
        acts.push(change(Text::ActResume, rollout("resume")));
    } else {
        acts.push(change(Text::ActRestart, rollout("restart")));
        acts.push(change(Text::ActPause, rollout("pause")));
        if workload.history.len() > 1 {
            acts.push(change(Text::ActUndo, rollout("undo")));
        }
    }
    acts.push(look(Text::ActHistory, rollout("history")));
    acts.push(look(Text::ActDescribe, format!("kubectl describe deployment {name}{space}")));
    acts
}
