//! Doing again what a transcript did, in a fresh world.
//!
//! Commands answer at once, and 130 ms pass after each, which is what they took; `settle` and `wait` let more pass.
//! Acts that this sandbox does not know yet leave the steps after them to fail.

use std::collections::BTreeSet;

use super::{NodeSetup, Step, Transcript};
use crate::cluster::{Cluster, Profile, Settings};
use crate::object::{Key, Kind, Object};
use crate::order;
use crate::shell::{
    Command, HOME, Patience, Sandbox, Screen, Session, Source, Stream, resolve, split,
};
use crate::time::{Duration, Time};

/// The recordings waited until nothing had changed for so long.
const QUIET: Duration = Duration::from_millis(3200);

/// What a command took when the transcripts were recorded.
const COMMAND: Duration = Duration::from_millis(130);

/// Replays a transcript; what comes back holds raw text. `source` has the documents that commands may ask for.
pub fn replay(recorded: &Transcript, commands: &'static [Command], source: Source) -> Transcript {
    let settings = Settings { profile: Profile::Oracle, ..Settings::default() };
    let sandbox = Sandbox::new(Cluster::new(settings));
    sandbox.asking().set_source(source);
    for setup in &recorded.nodes {
        set_up(&sandbox, setup);
    }
    let before = sandbox.read(event_keys);
    let mut session = Session::new(sandbox.clone(), commands, Screen::new(0));
    session.set_patience(Patience::HEADLESS);
    let mut watched_from = 0;
    let mut steps = Vec::new();
    for step in &recorded.steps {
        let began = sandbox.now();
        let mut done =
            Step { run: step.run.clone(), watch_end: step.watch_end.clone(), ..Step::default() };
        write_files(&sandbox, step);
        if let Some(line) = &step.run {
            run(&mut session, line, &mut done);
            sandbox.drive(|cluster| cluster.advance_to(cluster.now() + COMMAND));
        } else if step.watch.is_some() {
            watched_from = sandbox.read(|cluster| cluster.store().revision());
        } else if let Some(name) = &step.watch_end {
            done.sequence = sandbox.read(|cluster| sequence(cluster, name, watched_from));
        } else if let Some(node) = &step.node_stop {
            sandbox.drive(|cluster| cluster.freeze_node(node));
        } else if let Some(node) = &step.node_start {
            sandbox.drive(|cluster| cluster.thaw_node(node));
        }
        if let Some(at_most) = step.settle {
            settle(&sandbox, began, at_most);
        }
        if let Some(wait) = step.wait {
            let end = sandbox.now() + wait;
            sandbox.drive(|cluster| cluster.advance_to(end));
        }
        steps.push(done);
    }
    let events = sandbox.read(|cluster| events(cluster, &before));
    Transcript {
        name: recorded.name.clone(),
        group: recorded.group.clone(),
        nodes: recorded.nodes.clone(),
        steps,
        events: Some(events),
    }
}

/// Puts on a node what it carries from the start.
fn set_up(sandbox: &Sandbox, setup: &NodeSetup) {
    let key = Key::cluster(Kind::Node, setup.name.as_str());
    let changed = sandbox.act(|client| {
        client.modify(&key, |object: &mut Object| {
            let meta = std::sync::Arc::make_mut(&mut object.meta);
            meta.labels.get_or_insert_default().extend(setup.labels.clone());
            if let (Some(node), false) = (object.body.node_mut(), setup.taints.is_empty()) {
                std::sync::Arc::make_mut(&mut node.spec).taints = Some(setup.taints.clone());
            }
        })
    });
    // A node that is not there shows in every step.
    drop(changed);
}

fn write_files(sandbox: &Sandbox, step: &Step) {
    let now = sandbox.now();
    for (name, text) in &step.files {
        let path = resolve(HOME, name);
        let written = sandbox.files_mut(|files| {
            files.make_folders(split(&path).0, now)?;
            files.write(&path, text.clone().into_bytes(), now)
        });
        // A file that cannot be written is missing when its command reads it.
        written.unwrap_or(());
    }
}

fn run(session: &mut Session, line: &str, done: &mut Step) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    session.run_script(line);
    done.exit = session.finish(|chunk| match chunk.stream {
        Stream::Stdout => stdout.extend(chunk.bytes),
        Stream::Stderr => stderr.extend(chunk.bytes),
    });
    done.stdout = Some(String::from_utf8_lossy(&stdout).into_owned());
    done.stderr = String::from_utf8_lossy(&stderr).into_owned();
}

/// Lets time pass until nothing of weight was written since `began` for [`QUIET`].
fn settle(sandbox: &Sandbox, began: Time, at_most: Duration) {
    let end = sandbox.now() + at_most;
    loop {
        let (now, last) = sandbox.read(|cluster| (cluster.now(), cluster.last_write_of_weight()));
        let settled = last.max(began) + QUIET;
        if now >= settled.min(end) {
            return;
        }
        sandbox.drive(|cluster| cluster.advance_to(settled.min(end)));
    }
}

fn event_keys(cluster: &Cluster) -> BTreeSet<Key> {
    cluster.store().list(Kind::Event, None).map(|event| event.key()).collect()
}

/// Every Event that was not there before, once each, in order of writing.
fn events(cluster: &Cluster, before: &BTreeSet<Key>) -> Vec<String> {
    let mut found: Vec<_> = cluster
        .store()
        .list(Kind::Event, None)
        .filter(|event| !before.contains(&event.key()))
        .collect();
    order::sort_by_key(&mut found, |event| event.revision);
    let mut lines: Vec<String> = Vec::new();
    for event in found.into_iter().filter_map(|object| object.as_event()) {
        let about = &event.involved_object;
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let kind = text(&about.kind).to_lowercase();
        let (type_, reason) = (text(&event.type_), text(&event.reason));
        let line = format!(
            "{type_} {reason} {kind}/{}: {}",
            text(&about.name),
            text(&event.message).trim_end()
        );
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Every state that a Deployment and its ReplicaSets passed through after a revision, beginning with where they stood.
fn sequence(cluster: &Cluster, deployment: &str, from: u64) -> Vec<String> {
    let mut last: std::collections::BTreeMap<Key, String> = std::collections::BTreeMap::new();
    let mut states = Vec::new();
    let changes: Vec<_> = cluster.store().log().since(from).collect();
    // Who is not changed any more stands as it stood; who is, as the first change found it.
    let mut stood: std::collections::BTreeMap<Key, &Object> = std::collections::BTreeMap::new();
    for kind in [Kind::ReplicaSet, Kind::Deployment] {
        for object in cluster.store().list(kind, None) {
            if object.revision <= from {
                stood.insert(object.key(), object);
            }
        }
    }
    for change in changes.iter().rev() {
        match change.before.as_deref() {
            Some(before) => drop(stood.insert(change.key.clone(), before)),
            None => drop(stood.remove(&change.key)),
        }
    }
    let later = changes.iter().filter_map(|change| change.after.as_deref());
    for object in stood.into_values().rev().chain(later) {
        if let Some(state) = state(object, deployment)
            && last.insert(object.key(), state.clone()).as_ref() != Some(&state)
        {
            states.push(state);
        }
    }
    states
}

/// `replicaset/web-… spec=3 replicas=3 ready=3 available=3`, if the object belongs to the Deployment.
fn state(object: &Object, deployment: &str) -> Option<String> {
    let count = |value: Option<i32>| value.unwrap_or(0);
    let name = object.name();
    if let Some(body) = object.as_deployment().filter(|_| name == deployment) {
        let status = &body.status;
        return Some(format!(
            "deployment/{name} spec={} replicas={} updated={} ready={} available={} unavailable={}",
            count(body.spec.replicas),
            count(status.replicas),
            count(status.updated_replicas),
            count(status.ready_replicas),
            count(status.available_replicas),
            count(status.unavailable_replicas),
        ));
    }
    let body = object.as_replica_set()?;
    let owner = object.controller()?;
    (owner.kind == "Deployment" && owner.name == deployment).then(|| {
        format!(
            "replicaset/{name} spec={} replicas={} ready={} available={}",
            count(body.spec.replicas),
            body.status.replicas,
            count(body.status.ready_replicas),
            count(body.status.available_replicas),
        )
    })
}
