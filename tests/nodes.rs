//! Nodes that fail and come back, in virtual time: what becomes of them and of their Pods, and when.

use std::collections::BTreeSet;

use kobune::cluster::scenario::deployment;
use kobune::cluster::{Cluster, Due, Fate, MachineError, NewMachine, Settings};
use kobune::engine::Request;
use kobune::network::{ConnectError, Direction, Machine, Origin};
use kobune::object::{Key, Kind, Name, Object};
use kobune::random::Random;
use kobune::store::DeleteOptions;
use kobune::time::{Duration, Time};

/// A world of some nodes in which a Deployment `web` of some Pods runs.
fn world(nodes: usize, pods: i32) -> Cluster {
    let mut cluster = Cluster::new(Settings { nodes, ..Settings::default() });
    cluster
        .act(|client| client.create(deployment("web", pods, "nginx:1.27")))
        .expect("it is valid");
    pass(&mut cluster, 60);
    assert_eq!(ready_pods(&cluster), usize::try_from(pods).expect("few"));
    cluster
}

fn pass(cluster: &mut Cluster, secs: u64) {
    cluster.advance_to(cluster.now() + Duration::from_secs(secs));
}

fn pods(cluster: &Cluster) -> Vec<&Object> {
    cluster.store().list(Kind::Pod, Some("default")).map(AsRef::as_ref).collect()
}

fn is_ready(pod: &Object) -> bool {
    let conditions =
        pod.as_pod().into_iter().flat_map(|pod| pod.status.conditions.iter().flatten());
    conditions.into_iter().any(|one| one.type_ == "Ready" && one.status == "True")
}

fn ready_pods(cluster: &Cluster) -> usize {
    pods(cluster).into_iter().filter(|pod| is_ready(pod) && !pod.terminating()).count()
}

fn node_of(pod: &Object) -> Option<&str> {
    pod.as_pod()?.own.node_name.as_deref()
}

/// `True`, `False` or `Unknown`; empty if there is no such Node.
fn ready(cluster: &Cluster, node: &str) -> String {
    let node = cluster.store().get(&Key::cluster(Kind::Node, node));
    let conditions = node
        .and_then(|node| node.as_node())
        .map(|node| node.status.conditions.clone().unwrap_or_default());
    let ready = conditions.unwrap_or_default().into_iter().find(|one| one.type_ == "Ready");
    ready.map(|ready| ready.status).unwrap_or_default()
}

/// A node's taints, `key:effect`, without their common beginning.
fn taints(cluster: &Cluster, node: &str) -> String {
    let node = cluster.store().get(&Key::cluster(Kind::Node, node));
    let taints = node.and_then(|node| node.as_node()).and_then(|node| node.spec.taints.clone());
    let text = |taint: k8s_openapi::api::core::v1::Taint| {
        format!("{}:{}", taint.key.trim_start_matches("node.kubernetes.io/"), taint.effect)
    };
    taints.unwrap_or_default().into_iter().map(text).collect::<Vec<_>>().join(" ")
}

fn reasons(cluster: &Cluster, name: &str) -> Vec<String> {
    let events = cluster.store().list(Kind::Event, Some("default"));
    events
        .filter_map(|event| event.as_event())
        .filter(|event| event.involved_object.name.as_deref() == Some(name))
        .map(|event| event.reason.clone().unwrap_or_default())
        .collect()
}

/// Steps until something holds, and says when; at most for an hour.
fn when(cluster: &mut Cluster, what: &str, holds: impl Fn(&Cluster) -> bool) -> Time {
    let end = cluster.now() + Duration::from_hours(1);
    while !holds(cluster) {
        assert!(cluster.step().is_some_and(|now| now < end), "{what} does not happen");
    }
    cluster.now()
}

fn at(dues: &[Due], what: impl Fn(&Fate) -> bool) -> Time {
    dues.iter().find(|due| what(&due.fate)).map(|due| due.at).expect("it is foreseen")
}

#[test]
fn lost_power_takes_its_course_at_the_moments_foreseen() {
    let mut cluster = world(3, 6);
    let before: BTreeSet<String> = pods(&cluster)
        .iter()
        .filter(|pod| node_of(pod) == Some("node-2"))
        .map(|pod| pod.name().to_owned())
        .collect();
    assert_eq!(before.len(), 2);
    cluster.power_off("node-2").expect("it runs");
    let last = cluster.last_heartbeat("node-2").expect("it has a Lease");
    let foreseen = cluster.outlook("node-2");

    let judged = when(&mut cluster, "NotReady", |now| ready(now, "node-2") == "Unknown");
    assert_eq!(judged, at(&foreseen, |fate| *fate == Fate::NotReady));
    let silence = (judged - last).as_secs();
    assert!((50..=60).contains(&silence), "{silence} s of silence");
    assert_eq!(ready_pods(&cluster), 4, "no Service sends anybody there");
    pass(&mut cluster, 1);
    assert_eq!(taints(&cluster, "node-2"), "unreachable:NoSchedule");
    let driven = |now: &Cluster| taints(now, "node-2").contains("unreachable:NoExecute");
    let tainted = when(&mut cluster, "the taint", driven);
    assert_eq!(tainted, at(&foreseen, |fate| *fate == Fate::Tainted));
    assert_eq!((tainted - judged).as_secs(), 5, "the next round");

    let foreseen = at(&foreseen, |fate| matches!(fate, Fate::Evicted(_)));
    let evicted =
        when(&mut cluster, "the eviction", |now| pods(now).iter().any(|pod| pod.terminating()));
    assert_eq!((evicted - tainted).as_secs(), 300);
    assert!(evicted - foreseen < Duration::from_millis(100), "{evicted} is not {foreseen}");
    pass(&mut cluster, 600);
    assert_eq!(ready_pods(&cluster), 6, "replaced elsewhere");
    let stuck: BTreeSet<String> = pods(&cluster)
        .iter()
        .filter(|pod| pod.terminating())
        .map(|pod| pod.name().to_owned())
        .collect();
    assert_eq!(stuck, before, "nobody is there to end them");

    cluster.power_on("node-2").expect("it is off");
    pass(&mut cluster, 60);
    assert_eq!(
        (ready(&cluster, "node-2"), taints(&cluster, "node-2")),
        ("True".into(), String::new())
    );
    assert!(pods(&cluster).iter().all(|pod| !pod.terminating()), "cleaned up");
    let told = reasons(&cluster, "node-2");
    for reason in ["NodeNotReady", "Starting", "Rebooted", "NodeReady"] {
        assert!(told.iter().any(|one| one == reason), "{reason} is not in {told:?}");
    }
}

#[test]
fn a_short_cut_is_nothing_but_a_silence() {
    let mut cluster = world(2, 2);
    let revision = cluster.store().revision();
    cluster.disconnect("node-1", Direction::Both).expect("it is connected");
    pass(&mut cluster, 38);
    cluster.reconnect("node-1", Direction::Both).expect("it is disconnected");
    pass(&mut cluster, 60);
    let changed: BTreeSet<Kind> =
        cluster.store().log().since(revision).map(|change| change.key.kind).collect();
    let quiet = BTreeSet::from([Kind::Lease, Kind::Node, Kind::Event]);
    assert!(changed.is_subset(&quiet), "{changed:?}");
    assert_eq!(ready(&cluster, "node-1"), "True");
    assert!(reasons(&cluster, "node-1").is_empty(), "no Event tells of it");
}

#[test]
fn a_restart_kills_containers_and_starts_them_again() {
    let mut cluster = world(1, 2);
    let uids: BTreeSet<String> = pods(&cluster).iter().map(|pod| pod.uid().to_owned()).collect();
    cluster.reboot("node-1").expect("it runs");
    assert_eq!(cluster.kubelets().get("node-1").map(|kubelet| kubelet.running().count()), Some(0));
    pass(&mut cluster, 45);
    assert_eq!(ready(&cluster, "node-1"), "True", "the grace was not over");
    for pod in pods(&cluster) {
        assert!(uids.contains(pod.uid()), "the same Pod");
        let body = pod.as_pod().expect("it is a Pod");
        let status = &body.status.container_statuses.as_ref().expect("it was reported")[0];
        let ended = status.last_state.clone().and_then(|state| state.terminated).expect("it died");
        assert_eq!((ended.exit_code, ended.reason.as_deref()), (255, Some("Unknown")));
        assert_eq!((status.restart_count, status.ready), (1, true));
        assert!(reasons(&cluster, pod.name()).contains(&"SandboxChanged".to_owned()));
    }
}

#[test]
fn behind_a_cut_cable_containers_go_on_until_it_is_mended() {
    let mut cluster = world(3, 3);
    let pod =
        pods(&cluster).into_iter().find(|pod| node_of(pod) == Some("node-3")).expect("spread");
    let (uid, ip) = (Name::from(pod.uid()), pod.as_pod().and_then(|pod| pod.status.pod_ip.clone()));
    let ip = ip.expect("it runs");
    let ask = |cluster: &mut Cluster| {
        let origin = Origin::terminal();
        let request = Request::get("/", &ip, "curl/8", origin.address);
        cluster.request(&origin, &ip, 80, request).result
    };
    assert!(ask(&mut cluster).is_ok());
    cluster.disconnect("node-3", Direction::Both).expect("it is connected");
    assert_eq!(ask(&mut cluster).err(), Some(ConnectError::TimedOut));
    pass(&mut cluster, 600);
    let runs = |cluster: &Cluster| {
        let kubelet = cluster.kubelets().get("node-3").expect("the machine is there");
        kubelet.running().any(|one| *one == uid)
    };
    assert!(runs(&cluster), "the container knows nothing of its eviction");
    assert_eq!(ready_pods(&cluster), 3, "the Pod was replaced");
    assert!(cluster.kubelet("node-3").is_err(), "no logs from there");
    cluster.reconnect("node-3", Direction::Both).expect("it is disconnected");
    pass(&mut cluster, 45);
    assert!(!runs(&cluster), "ended, now that the kubelet knows");
    assert_eq!(pods(&cluster).len(), 3);
    assert_eq!(ready(&cluster, "node-3"), "True");
}

/// The seconds from the cut to the last heartbeat that came, and to NotReady; both foreseen once no more will come.
fn silence(way: Direction) -> (u64, u64) {
    let mut cluster = world(3, 3);
    pass(&mut cluster, 5);
    let cut = cluster.now();
    cluster.disconnect("node-3", way).expect("it is connected");
    pass(&mut cluster, 15);
    let last = cluster.last_heartbeat("node-3").expect("it has a Lease");
    let foreseen = at(&cluster.outlook("node-3"), |fate| *fate == Fate::NotReady);
    let verdict = when(&mut cluster, "the verdict", |now| ready(now, "node-3") == "Unknown");
    assert_eq!(verdict, foreseen);
    assert_eq!(cluster.last_heartbeat("node-3"), Some(last));
    (last.since(cut).as_secs(), (verdict - cut).as_secs())
}

#[test]
fn of_lost_packets_the_last_that_got_through_differ() {
    let (_, both) = silence(Direction::Both);
    let (_, out) = silence(Direction::Out);
    let (last, verdict) = silence(Direction::In);
    assert_eq!(both, out, "nothing gets out in either");
    assert!((1..=10).contains(&last), "one more heartbeat got out: {last} s");
    assert!(verdict > both, "so the verdict comes later: {verdict} s, {both} s");
}

#[test]
fn a_machine_that_cannot_answer_hears_the_first_news() {
    let mut cluster = world(1, 3);
    let all: Vec<(Key, Name)> =
        pods(&cluster).iter().map(|pod| (pod.key(), Name::from(pod.uid()))).collect();
    let runs = |cluster: &Cluster| {
        let kubelet = cluster.kubelets().get("node-1").expect("the machine is there");
        all.iter().map(|(_, uid)| kubelet.running().any(|one| one == uid)).collect::<Vec<bool>>()
    };
    cluster.disconnect("node-1", Direction::Out).expect("it is connected");
    for (pod, _) in &all[..2] {
        cluster.act(|client| client.delete(pod, &DeleteOptions::default())).expect("it is there");
        pass(&mut cluster, 5);
    }
    pass(&mut cluster, 60);
    assert_eq!(runs(&cluster), [false, true, true], "of two deletions the kubelet heard the first");
    assert_eq!(pods(&cluster).iter().filter(|pod| pod.terminating()).count(), 2, "unheard");
    let refused = cluster.kubelet("node-1").expect_err("it cannot be asked");
    assert!(refused.ends_with(":10250: i/o timeout"), "{refused}");
    cluster.reconnect("node-1", Direction::Both).expect("it is disconnected");
    pass(&mut cluster, 120);
    assert_eq!((pods(&cluster).len(), ready_pods(&cluster)), (3, 3));
    assert_eq!(runs(&cluster), [false, false, true]);
}

#[test]
fn directions_are_cut_and_mended_apart() {
    let mut cluster = world(1, 1);
    let lost = |cluster: &Cluster| cluster.network().machine("node-1").and_then(Machine::lost);
    let (both, way, other) = (Direction::Both, Direction::In, Direction::Out);
    cluster.disconnect("node-1", way).expect("it is connected");
    let already = MachineError::Disconnected("node-1".into(), way);
    assert_eq!(cluster.disconnect("node-1", way), Err(already));
    assert_eq!(
        cluster.reconnect("node-1", other),
        Err(MachineError::Connected("node-1".into(), other))
    );
    cluster.disconnect("node-1", other).expect("packets from it pass");
    assert_eq!(lost(&cluster), Some(both));
    cluster.reconnect("node-1", way).expect("they are lost");
    assert_eq!(lost(&cluster), Some(other));
    pass(&mut cluster, 60);
    assert_eq!(ready(&cluster, "node-1"), "Unknown");
    cluster.disconnect("node-1", both).expect("packets to it pass");
    cluster.reconnect("node-1", both).expect("they are lost");
    pass(&mut cluster, 20);
    assert_eq!((lost(&cluster), ready(&cluster, "node-1").as_str()), (None, "True"));
}

#[test]
fn pods_of_a_deleted_node_are_collected() {
    let mut cluster = world(2, 4);
    let key = Key::cluster(Kind::Node, "node-2");
    cluster.power_off("node-2").expect("it runs");
    cluster.act(|client| client.delete(&key, &DeleteOptions::default())).expect("it is there");
    let deleted = cluster.now();
    let foreseen = at(&cluster.outlook("node-2"), |fate| matches!(fate, Fate::Removed(_)));
    let orphaned = |now: &Cluster| pods(now).iter().any(|pod| node_of(pod) == Some("node-2"));
    assert!(orphaned(&cluster));
    let gone = when(&mut cluster, "the collection", |now| !orphaned(now));
    assert_eq!(gone, foreseen);
    let waited = (gone - deleted).as_secs();
    assert!((40..=60).contains(&waited), "{waited} s");
    pass(&mut cluster, 60);
    assert_eq!(ready_pods(&cluster), 4, "replaced");
    assert_eq!(ready(&cluster, "node-2"), "", "nobody makes the Node anew");
    cluster.power_on("node-2").expect("the machine is there and off");
    pass(&mut cluster, 60);
    assert_eq!(ready(&cluster, "node-2"), "True", "a kubelet that starts registers");
}

#[test]
fn where_all_nodes_are_lost_nobody_is_driven_out() {
    let mut cluster = world(3, 3);
    for node in ["node-1", "node-2", "node-3"] {
        cluster.disconnect(node, Direction::Both).expect("it is connected");
    }
    pass(&mut cluster, 1200);
    for node in ["node-1", "node-2", "node-3"] {
        assert_eq!(
            (ready(&cluster, node), taints(&cluster, node).as_str()),
            ("Unknown".into(), "unreachable:NoSchedule")
        );
    }
    assert!(pods(&cluster).iter().all(|pod| !pod.terminating()), "perhaps it is the control plane");
    // One comes back: the others are dead after all.
    cluster.reconnect("node-1", Direction::Both).expect("it is disconnected");
    pass(&mut cluster, 400);
    assert!(taints(&cluster, "node-2").contains("NoExecute"));
    assert_eq!(ready_pods(&cluster), 3);
}

#[test]
fn nodes_are_given_up_one_after_another() {
    let mut cluster = world(6, 6);
    cluster.power_off("node-1").expect("it runs");
    cluster.power_off("node-2").expect("it runs");
    let driven = |node: &'static str| move |now: &Cluster| taints(now, node).contains("NoExecute");
    when(&mut cluster, "both are lost", |now| {
        ready(now, "node-1") == "Unknown" && ready(now, "node-2") == "Unknown"
    });
    let first =
        when(&mut cluster, "the first", |now| driven("node-1")(now) || driven("node-2")(now));
    let second =
        when(&mut cluster, "the second", |now| driven("node-1")(now) && driven("node-2")(now));
    assert_eq!((second - first).as_secs(), 10);
}

#[test]
fn a_new_machine_takes_what_found_no_place() {
    let mut cluster = Cluster::new(Settings { nodes: 1, ..Settings::default() });
    let web = deployment("web", 8, "nginx:1.27");
    let template = "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"resources\":{\"requests\":{\"cpu\":\"900m\"}}}]}}}}";
    let key = cluster.act(|client| client.create(web)).expect("it is valid").key();
    let patch = serde_json::from_str(template).expect("it is JSON");
    cluster
        .act(|client| client.patch(&key, kobune::store::PatchType::Strategic, &patch))
        .expect("it is valid");
    pass(&mut cluster, 120);
    assert!(ready_pods(&cluster) < 8);
    let small = NewMachine { cpu: Some("0".into()), ..NewMachine::default() };
    assert_eq!(cluster.add_machine(small), Err(MachineError::Amount("CPU", "0".into())));
    let big =
        NewMachine { cpu: Some("16".into()), memory: Some("32Gi".into()), ..NewMachine::default() };
    assert_eq!(cluster.add_machine(big).as_deref(), Ok("node-2"));
    assert_eq!(ready(&cluster, "node-2"), "", "it starts up");
    pass(&mut cluster, 120);
    assert_eq!((ready(&cluster, "node-2").as_str(), ready_pods(&cluster)), ("True", 8));
    cluster.remove_machine("node-2").expect("it is there");
    assert_eq!(cluster.remove_machine("node-2"), Err(MachineError::NotFound("node-2".into())));
    pass(&mut cluster, 120);
    assert!(pods(&cluster).iter().all(|pod| node_of(pod) != Some("node-2")));
}

#[test]
fn what_was_declared_out_of_service_is_let_go() {
    let mut cluster = world(2, 2);
    cluster.power_off("node-1").expect("it runs");
    pass(&mut cluster, 400);
    let stuck = |now: &Cluster| pods(now).iter().filter(|pod| pod.terminating()).count();
    assert_eq!(stuck(&cluster), 1);
    let key = Key::cluster(Kind::Node, "node-1");
    let taint = k8s_openapi::api::core::v1::Taint {
        key: "node.kubernetes.io/out-of-service".into(),
        effect: "NoExecute".into(),
        ..Default::default()
    };
    cluster
        .act(|client| {
            client.modify(&key, |node| {
                if let Some(node) = node.body.node_mut() {
                    std::sync::Arc::make_mut(&mut node.spec)
                        .taints
                        .get_or_insert_default()
                        .push(taint);
                }
            })
        })
        .expect("it is valid");
    pass(&mut cluster, 21);
    assert_eq!(stuck(&cluster), 0);
}

#[test]
fn acts_that_make_no_sense_are_refused() {
    let mut cluster = world(1, 1);
    let name = || "node-1".to_owned();
    assert_eq!(cluster.power_on("node-1"), Err(MachineError::On(name())));
    assert_eq!(
        cluster.reconnect("node-1", Direction::Both),
        Err(MachineError::Connected(name(), Direction::Both))
    );
    cluster.power_off("node-1").expect("it runs");
    assert_eq!(cluster.power_off("node-1"), Err(MachineError::OffAlready(name())));
    assert_eq!(cluster.reboot("node-1"), Err(MachineError::Off(name())));
    cluster.power_on("node-1").expect("it is off");
    assert_eq!(cluster.power_on("node-1"), Err(MachineError::Starting(name())));
    cluster.disconnect("node-1", Direction::Both).expect("it is connected");
    assert_eq!(
        cluster.disconnect("node-1", Direction::Both),
        Err(MachineError::Disconnected(name(), Direction::Both))
    );
    assert_eq!(cluster.power_off("node-9"), Err(MachineError::NotFound("node-9".into())));
    let again = NewMachine { name: Some(name()), ..NewMachine::default() };
    assert_eq!(cluster.add_machine(again), Err(MachineError::Exists(name())));
    let bad = NewMachine { name: Some("Node_1".into()), ..NewMachine::default() };
    assert!(matches!(cluster.add_machine(bad), Err(MachineError::Refused(_))));
}

fn one_of(random: &mut Random) -> Direction {
    [Direction::Both, Direction::In, Direction::Out][random.below(3)]
}

/// No two machines run one Pod, and no Pod object changes its node.
fn check(cluster: &Cluster, seed: u64) {
    let mut running = BTreeSet::new();
    for (name, _, kubelet) in cluster.machines() {
        for uid in kubelet.running() {
            assert!(running.insert(uid.clone()), "seed {seed}: {uid} runs on {name} and elsewhere");
        }
    }
}

#[test]
fn after_any_faults_everything_comes_to_rest() {
    const NODES: [&str; 4] = ["node-1", "node-2", "node-3", "node-4"];
    for seed in 0..12 {
        let mut random = Random::new(seed).split("faults");
        let mut cluster = world(4, 8);
        for _ in 0..25 {
            let node = NODES[random.below(NODES.len())];
            // What makes no sense just now is refused; that is no fault.
            drop(match random.below(7) {
                0 | 1 => cluster.power_off(node),
                2 => cluster.power_on(node),
                3 => cluster.reboot(node),
                4 => cluster.disconnect(node, one_of(&mut random)),
                5 => cluster.reconnect(node, one_of(&mut random)),
                _ => {
                    let key = Key::cluster(Kind::Node, node);
                    drop(cluster.act(|client| client.delete(&key, &DeleteOptions::default())));
                    Ok(())
                }
            });
            for _ in 0..=random.below(12) {
                pass(&mut cluster, 1 + random.next_u64() % 20);
                check(&cluster, seed);
            }
        }
        for node in NODES {
            drop(cluster.reconnect(node, Direction::Both));
            // A start makes known again whose Node was deleted.
            drop(cluster.reboot(node));
            drop(cluster.power_on(node));
        }
        pass(&mut cluster, 900);
        check(&cluster, seed);
        for node in NODES {
            assert_eq!(ready(&cluster, node), "True", "seed {seed}: {node}");
            assert_eq!(taints(&cluster, node), "", "seed {seed}: {node}");
        }
        assert_eq!((pods(&cluster).len(), ready_pods(&cluster)), (8, 8), "seed {seed}");
        for (name, _, kubelet) in cluster.machines() {
            for uid in kubelet.running() {
                let known = cluster.store().pods_on(name).any(|pod| *pod.uid() == **uid);
                assert!(known, "seed {seed}: {uid} runs on {name} and nobody knows it");
            }
        }
    }
}

#[test]
fn pods_are_tried_while_the_taint_of_a_cordoned_node_goes() {
    let mut cluster = world(1, 1);
    let cordon = |cluster: &mut Cluster, cordoned: bool| {
        let key = Key::cluster(Kind::Node, "node-1");
        let set = |object: &mut Object| {
            if let Some(node) = object.body.node_mut() {
                std::sync::Arc::make_mut(&mut node.spec).unschedulable = Some(cordoned);
            }
        };
        cluster.act(|client| client.modify(&key, set)).expect("the node is there");
    };
    cordon(&mut cluster, true);
    pass(&mut cluster, 1);
    assert_eq!(taints(&cluster, "node-1"), "unschedulable:NoSchedule");
    let key = Key::new(Kind::Deployment, "default", "web");
    cluster.act(|client| client.scale(&key, 2)).expect("it exists");
    pass(&mut cluster, 5);
    cordon(&mut cluster, false);
    pass(&mut cluster, 10);
    let messages = cluster.store().list(Kind::Event, Some("default")).filter_map(|event| {
        let event =
            event.as_event().filter(|one| one.reason.as_deref() == Some("FailedScheduling"))?;
        event.message.as_deref()?.split(". ").next().map(str::to_owned)
    });
    let messages: Vec<_> = messages.collect();
    // The scheduler hears of the mended Node before its taint is gone.
    assert_eq!(
        messages,
        [
            "0/1 nodes are available: 1 node(s) were unschedulable",
            "0/1 nodes are available: 1 node(s) had untolerated taint(s)",
        ]
    );
    assert_eq!(ready_pods(&cluster), 2);
}

#[test]
fn a_kubelet_that_misses_its_node_imagines_one() {
    let mut cluster = world(2, 4);
    let key = Key::cluster(Kind::Node, "node-2");
    cluster.act(|client| client.delete(&key, &DeleteOptions::default())).expect("it is there");
    pass(&mut cluster, 70);
    let said: BTreeSet<_> = reasons(&cluster, "node-2").into_iter().collect();
    let imagined = ["NodeHasNoDiskPressure", "NodeHasSufficientMemory", "NodeHasSufficientPID"];
    for reason in imagined {
        assert!(said.contains(reason), "{said:?}");
    }
    assert!(!said.contains("NodeReady"), "{said:?}");
    assert_eq!(ready_pods(&cluster), 4, "its Pods are replaced");
}
