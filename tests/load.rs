//! Steady clients and faults on purpose: what a student sees of them, and what they cost nobody.

mod common;

use kobune::cluster::load::{Ending, FLIGHTS_KEPT, Load};
use kobune::cluster::{Cluster, Settings};
use kobune::shell::Sandbox;
use kobune::time::Duration;

use common::{WEB, run};

/// What every script here begins with; its variable `first` names a Pod.
fn web() -> String {
    format!("{WEB}first=$(kubectl get pods -o jsonpath='{{.items[0].metadata.name}}')\n")
}

/// Runs a script in a fresh world; what it shows, and the world after it.
fn play(script: &str) -> (String, Sandbox) {
    let sandbox = Sandbox::new(Cluster::new(Settings::default()));
    (run(&sandbox, script), sandbox)
}

fn first_load(sandbox: &Sandbox) -> Load {
    sandbox.read(|cluster| Load::clone(&cluster.loads()[0]))
}

#[test]
fn a_client_counts_what_comes_back() {
    let web = web();
    let (text, sandbox) =
        play(&format!("{web} load start http://web --rps 10; sleep 60; load list"));
    assert!(text.starts_with("load/web started: 10 requests a second to http://web/\n"), "{text}");
    assert!(text.contains("NAME   URL           RPS   REQUESTS   FAILED   SUCCESS"), "{text}");
    let load = first_load(&sandbox);
    assert_eq!((load.sent, load.count(Ending::Answered), load.failed()), (600, 600, 0), "{text}");
    assert_eq!(load.flights().count(), FLIGHTS_KEPT);
    let last = load.flights().next_back().expect("there are flights");
    assert!(last.service.is_some() && last.pod.is_some() && last.status == Some(200), "{last:?}");
    let recent = sandbox.read(|cluster| load.recent(cluster.now(), 10));
    assert!((90..=101).contains(&recent.answered), "{recent:?}");
    assert!(recent.latency_mean > Duration::ZERO, "{recent:?}");
}

#[test]
fn readiness_decides_what_users_notice() {
    let web = web();
    // One of three Pods answers 500: a third of the requests fail until its readiness probe has failed three times.
    let (text, sandbox) = play(&format!(
        "{web} load start http://web --rps 10; pod break $first; sleep 12; load stop web; load start http://web; sleep 8; load status"
    ));
    assert!(text.contains("failed: http 5xx "), "{text}");
    let load = first_load(&sandbox);
    assert!(load.failed() < load.sent / 2, "the second client sees the last of it: {text}");
    assert_eq!(
        sandbox.read(|cluster| load.recent(cluster.now(), 4)).failed,
        0,
        "the broken Pod has left the Service, or was restarted: {text}"
    );
}

#[test]
fn every_kind_of_failure_has_its_name() {
    for (script, ending) in [
        ("load start http://nosuch", Ending::CouldNotResolve),
        (
            "kubectl create service clusterip web --tcp=80 > /dev/null; kubectl delete svc web; load start web",
            Ending::CouldNotResolve,
        ),
        (
            "kubectl run web --image=nginx:0.1 --port 80 --expose > /dev/null; load start web",
            Ending::NoEndpoints,
        ),
        (
            "kubectl run web --image=nginx --port 81 --expose > /dev/null; sleep 30; load start web:81",
            Ending::Refused,
        ),
        (
            "kubectl run web --image=redis:7 --port 6379 --expose > /dev/null; sleep 30; load start web:6379",
            Ending::EmptyReply,
        ),
        (
            "kubectl run web --image=nginx --port 80 --expose > /dev/null; sleep 30; load start web/nosuch",
            Ending::ClientError,
        ),
        ("load start http://10.99.0.1", Ending::TimedOut),
        ("load start http://localhost:1", Ending::Refused),
    ] {
        let (text, sandbox) = play(&format!("{script}; sleep 10"));
        let load = first_load(&sandbox);
        assert!(load.sent > 40, "{script}: {text}");
        assert_eq!(load.count(ending), load.failed(), "{script}: {text}");
        // Those that nobody answers are given up after three seconds.
        let waiting = if ending == Ending::TimedOut { 16 } else { 0 };
        assert!(load.count(ending) + waiting >= load.sent, "{script}: {text}");
    }
}

/// What is typed, and what comes back.
const REFUSED: &[(&str, &str)] = &[
    (
        "load",
        "load: missing operand: start, list, status or stop\nTry 'load --help' for more information.\n[1]",
    ),
    (
        "load fly",
        "load: unknown word 'fly': start, list, status or stop\nTry 'load --help' for more information.\n[1]",
    ),
    ("load start", "load: missing URL\nTry 'load --help' for more information.\n[1]"),
    ("load start a b", "load: extra operand 'b'\nTry 'load --help' for more information.\n[1]"),
    (
        "load start https://web",
        "load: (1) Protocol \"https\" not supported or disabled in libcurl\n[1]",
    ),
    ("load start http://", "load: (3) URL rejected: No host part in the URL\n[3]"),
    ("load start web --rps 0", "load: --rps must be between 1 and 200\n[1]"),
    ("load start web --rps 201", "load: --rps must be between 1 and 200\n[1]"),
    ("load start web --rps many", "load: --rps must be a whole number, not 'many'\n[1]"),
    ("load start web --timeout 61", "load: --timeout must be between 1 and 60 seconds\n[1]"),
    (
        "load start web --name A_b",
        "load: 'A_b' is no name: use lower-case letters, digits and '-'\n[1]",
    ),
    (
        "load stop --rps 3",
        "load: --rps, --name and --timeout belong to 'start', not to 'stop'\nTry 'load --help' for more information.\n[1]",
    ),
    ("load stop web", "load: no client named 'web' is running\n[1]"),
    ("load stop", "load: no client is running\n"),
    ("load list", "load: no client is running\n"),
    (
        "load start web --name a 2>&1 | head -1; load start web --name a",
        "load/a started: 5 requests a second to http://web/\nload: a client named \"a\" is running already\n[1]",
    ),
    (
        "for i in 1 2 3 4 5 6 7 8; do load start web 2>/dev/null >/dev/null; done; load start web",
        "load: 8 clients are running already; stop one first\n[1]",
    ),
    (
        "pod",
        "pod: missing operand: crash, break, fail-probe or heal\nTry 'pod --help' for more information.\n[1]",
    ),
    (
        "pod fly web",
        "pod: unknown word 'fly': crash, break, fail-probe or heal\nTry 'pod --help' for more information.\n[1]",
    ),
    ("pod crash", "pod: missing Pod\nTry 'pod --help' for more information.\n[1]"),
    ("pod crash nosuch", "pod: pod \"nosuch\" not found in namespace \"default\"\n[1]"),
    (
        "pod crash web --signal 65",
        "pod: --signal must be a number from 1 to 64, not '65'\nTry 'pod --help' for more information.\n[1]",
    ),
    (
        "pod crash web --oom --signal 9",
        "pod: --exit-code, --signal and --oom exclude each other\nTry 'pod --help' for more information.\n[1]",
    ),
    (
        "pod heal web --oom",
        "pod: --exit-code, --signal and --oom belong to 'crash'\nTry 'pod --help' for more information.\n[1]",
    ),
    (
        "pod fail-probe web",
        "pod: missing probe: readiness, liveness or startup\nTry 'pod --help' for more information.\n[1]",
    ),
    (
        "pod fail-probe web x",
        "pod: unknown probe 'x': readiness, liveness or startup\nTry 'pod --help' for more information.\n[1]",
    ),
    (
        "kubectl run web --image=nosuch/x:1 > /dev/null; sleep 1; pod crash web",
        "pod: container \"web\" of pod \"web\" does not run\n[1]",
    ),
    (
        "kubectl run web --image=nginx > /dev/null; sleep 20; pod fail-probe web liveness",
        "pod: container \"web\" of pod \"web\" has no liveness probe\n[1]",
    ),
    (
        "kubectl run web --image=nginx > /dev/null; sleep 20; pod crash web -c x",
        "pod: pod \"web\" has no container \"x\"\n[1]",
    ),
];

#[test]
fn what_cannot_be_is_said() {
    for (script, told) in REFUSED {
        assert_eq!(play(script).0, *told, "{script}");
    }
}

#[test]
fn faults_are_met_as_kubernetes_meets_them() {
    let web = web();
    let last = "-o jsonpath='{.status.containerStatuses[0].lastState.terminated.reason} {.status.containerStatuses[0].lastState.terminated.exitCode} {.status.containerStatuses[0].restartCount}'";
    for (fault, wait, told) in [
        ("pod crash $first", 5, "Error 1 1"),
        ("pod crash $first --exit-code 0", 5, "Completed 0 1"),
        ("pod crash $first --signal 11", 5, "Error 139 1"),
        ("pod crash pod/$first -c web --oom", 5, "OOMKilled 137 1"),
        // Three failures, ten seconds apart, then SIGTERM, which nginx obeys.
        ("pod fail-probe $first liveness", 40, "Completed 0 1"),
    ] {
        let (text, _) = play(&format!(
            "{web} {fault} > /dev/null; sleep {wait}; kubectl get pod $first {last}"
        ));
        assert_eq!(text, told, "{fault}");
    }
    let (text, _) = play(&format!(
        "{web} pod fail-probe $first readiness; sleep 16; kubectl get pod $first --no-headers; kubectl get events | grep -o 'Readiness probe failed: .*' | uniq; pod heal $first; sleep 6; kubectl get pod $first --no-headers"
    ));
    assert!(
        text.contains(" fails its readiness probe until it restarts or you type: pod heal "),
        "{text}"
    );
    assert!(text.contains("0/1   Running"), "{text}");
    assert!(
        text.contains("Readiness probe failed: HTTP probe failed with statuscode: 500"),
        "{text}"
    );
    assert!(text.contains("1/1   Running"), "{text}");
}

#[test]
fn clients_and_faults_are_part_of_the_world() {
    let web = web();
    let script = format!("{web} load start web --rps 20; pod crash $first; sleep 20");
    let ((one, first), (two, second)) = (play(&script), play(&script));
    assert_eq!(one, two);
    let (mut first, mut second) = (first.read(Cluster::clone), second.read(Cluster::clone));
    assert!(first == second, "the same acts gave another world");
    let mut fork = first.clone();
    let later = first.now() + Duration::from_mins(1);
    for world in [&mut first, &mut second, &mut fork] {
        world.advance_to(later);
    }
    assert!(first == second && first == fork, "a clone went another way");
    fork.stop_load("web").expect("it runs");
    fork.advance_to(later + Duration::from_secs(5));
    assert!(fork.loads().is_empty());
}
