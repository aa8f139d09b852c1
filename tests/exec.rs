//! An interactive shell inside a container, as somebody types into it at a terminal.

use kobune::cluster::{Cluster, Settings};
use kobune::command::COMMANDS;
use kobune::shell::{Sandbox, Screen, Session, Submitted};
use kobune::time::Duration;

/// A terminal at a world in which a Pod of each image runs under the image's name.
fn terminal(images: &[(&str, &str)]) -> (Session, Sandbox) {
    let sandbox = Sandbox::new(Cluster::new(Settings::default()));
    let mut session = Session::new(sandbox.clone(), COMMANDS, Screen::new(80));
    for (name, run) in images {
        assert_eq!(session.submit(&format!("kubectl run {name} {run}")), Submitted::Started);
        assert_eq!(session.poll(), Some(0), "{name}");
    }
    sandbox.drive(|cluster| cluster.advance_to(cluster.now() + Duration::from_secs(30)));
    session.take_output();
    (session, sandbox)
}

/// What the terminal shows next, after some seconds.
fn shown(session: &mut Session, sandbox: &Sandbox, secs: u64) -> String {
    let end = sandbox.now() + Duration::from_secs(secs);
    loop {
        session.poll();
        let due = sandbox.read(Cluster::next_due).filter(|due| *due <= end);
        if due.is_none() {
            break;
        }
        sandbox.drive(Cluster::step);
    }
    sandbox.drive(|cluster| cluster.advance_to(end));
    session.poll();
    let bytes: Vec<u8> = session.take_output().into_iter().flat_map(|chunk| chunk.bytes).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_shell_in_a_container_prompts_and_keeps_its_state() {
    let (mut session, sandbox) = terminal(&[("box", "--image=busybox -- sleep 1d")]);
    session.submit("kubectl exec -it box -- sh");
    let mut screen = shown(&mut session, &sandbox, 1);
    for line in ["X=5", "cd /tmp", "echo $X > f; cat f", "nosuch", "if", "sleep 2", "exit 4"] {
        session.type_input(&format!("{line}\n"));
        screen.push_str(&shown(&mut session, &sandbox, 3));
    }
    assert_eq!(
        screen,
        "/ # X=5\n/ # cd /tmp\n/tmp # echo $X > f; cat f\n5\n/tmp # nosuch\nsh: nosuch: not found\n/tmp # if\nsh: syntax error: unexpected end of file\n/tmp # sleep 2\n/tmp # exit 4\ncommand terminated with exit code 4\n"
    );
    assert_eq!(session.status(), 4);
}

#[test]
fn a_shell_ends_with_its_input_or_its_container() {
    let (mut session, sandbox) = terminal(&[("web", "--image=nginx")]);
    session.submit("kubectl exec -it web -- bash");
    assert_eq!(shown(&mut session, &sandbox, 1), "root@web:/# ");
    session.end_input();
    assert_eq!(shown(&mut session, &sandbox, 1), "\n");
    assert!(!session.is_running());

    session.submit("kubectl exec -it web -- bash");
    session.type_input("sleep 60\n");
    shown(&mut session, &sandbox, 1);
    sandbox
        .drive(|cluster| {
            let pods = cluster.store().list(kobune::object::Kind::Pod, Some("default"));
            let key = pods.map(|pod| pod.key()).next().expect("there is a Pod");
            cluster.fault(&key, "web", kobune::kubelet::Fault::Crash(1))
        })
        .expect("it runs");
    let screen = shown(&mut session, &sandbox, 1);
    assert!(screen.ends_with("command terminated with exit code 137\n"), "{screen}");
}

#[test]
fn no_loop_in_a_container_stops_the_world() {
    for script in [
        "while true; do nosuch; done",
        "while true; do sleep 0; done",
        "while true; do true; done",
        "while true; do nc -z localhost 80; done",
        "while true; do sh -c nosuch; done",
        "while true; do echo $(nosuch); done",
    ] {
        let (mut session, sandbox) = terminal(&[
            ("box", "--image=busybox -- sleep 1d"),
            ("main", &format!("--image=busybox -- sh -c '{script}'")),
        ]);
        session.submit(&format!("kubectl exec box -- sh -c '{script}'"));
        shown(&mut session, &sandbox, 5);
        assert!(session.is_running(), "{script}");
        session.interrupt();
        let probe = format!(
            "kubectl apply -f - <<'END'\napiVersion: v1\nkind: Pod\nmetadata: {{name: probed}}\nspec:\n  containers:\n  - name: probed\n    image: busybox\n    command: [sleep, 1d]\n    readinessProbe: {{exec: {{command: [sh, -c, '{script}']}}}}\nEND"
        );
        session.submit(&probe);
        let text = shown(&mut session, &sandbox, 15);
        assert_eq!(text, "pod/probed created\n", "{script}");
        session.submit("kubectl get events");
        let text = shown(&mut session, &sandbox, 1);
        assert!(text.contains("Readiness probe failed: command timed out"), "{script}: {text}");
    }
}
