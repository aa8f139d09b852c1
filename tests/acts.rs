//! What the picture offers to do, and what it shows of failures and rollouts: in whole worlds.

mod common;

use kobune::cluster::{Cluster, Settings};
use kobune::object::{Key, Kind};
use kobune::shell::Sandbox;
use kobune::view::Lang;
use kobune::view::act::{acts, harbour};
use kobune::view::picture::{Health, Picture, Plight, Watcher, troubles};

use common::{WEB, run};

/// Three ready nginx behind a Service, two revisions old.
fn web() -> String {
    format!(
        "{WEB}
kubectl set image deploy/web web=nginx:1.28
kubectl rollout status deploy/web
"
    )
}

fn world(script: &str) -> Sandbox {
    let sandbox = Sandbox::new(Cluster::new(Settings::default()));
    let shown = run(&sandbox, script);
    assert!(!shown.ends_with(']'), "the world is not as the test needs it: {shown}");
    sandbox
}

fn look(sandbox: &Sandbox) -> Picture {
    sandbox.read(|cluster| Watcher::default().look(cluster))
}

#[test]
fn whatever_is_offered_can_be_done() {
    let mut refused = Vec::new();
    for more in [
        "",
        "node power-off node-1; sleep 60",
        "node disconnect node-2; kubectl cordon node-2; sleep 400",
        "kubectl rollout pause deploy/web; load start http://web; kubectl create namespace shop; kubectl run one --image=nginx -n shop; sleep 20",
        "kubectl scale deploy web --replicas=0; kubectl run big --image=nginx --overrides='{\"spec\":{\"nodeName\":\"\"}}'; sleep 5",
        "kubectl delete node node-3; sleep 5",
    ] {
        let script = format!("{}{more}", web());
        let sandbox = world(&script);
        let picture = look(&sandbox);
        let keys = picture
            .boats
            .iter()
            .flat_map(|boat| std::iter::once(&boat.key).chain(boat.pods.iter().map(|pod| &pod.key)))
            .chain(picture.queue.iter().map(|pod| &pod.key))
            .chain(picture.services.iter().map(|service| &service.key))
            .chain(picture.workloads.iter().map(|workload| &workload.key));
        let offered = keys.flat_map(|key| acts(&picture, key)).chain(harbour());
        for act in offered.collect::<Vec<_>>() {
            // A request may fail, and a shell waits for its user: it is the offer that counts.
            if act.line.starts_with("curl ") {
                continue;
            }
            let line = act.line.replace(" -it ", " ").replace(" -- sh", " -- sh -c true");
            let shown = run(&sandbox.copied(), &line);
            if shown.ends_with(']') {
                refused.push(format!("after {more:?}: {}: {shown}", act.line));
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn a_dark_boat_says_what_comes_next() {
    let sandbox = world(&format!("{}node power-off node-1; sleep 5", web()));
    let told = || {
        let (picture, now) = (look(&sandbox), sandbox.read(Cluster::now));
        let boat = &picture.boats[0];
        assert_eq!((boat.plight, &*boat.key.name), (Plight::Dark, "node-1"));
        let soon = boat.soon.as_ref().map(|soon| soon.tell(Lang::En, now));
        (boat.ready, soon.unwrap_or_default())
    };
    let (ready, soon) = told();
    assert!(ready && soon.starts_with("NotReady in "), "{soon}");
    run(&sandbox, "sleep 60");
    let (ready, soon) = told();
    assert!(!ready && soon.starts_with("evicts Pods (1) in 4:"), "{soon}");
    run(&sandbox, "sleep 300");
    assert_eq!(told(), (false, "waits for the node to return".to_owned()));
}

#[test]
fn a_cut_boat_keeps_its_colour_and_one_without_a_node_its_pods() {
    let sandbox =
        world(&format!("{}node disconnect node-1; kubectl delete node node-2; sleep 1", web()));
    let picture = look(&sandbox);
    let state = |index: usize| (picture.boats[index].plight, picture.boats[index].known);
    assert_eq!(state(0), (Plight::Cut, true));
    assert_eq!(state(1), (Plight::Afloat, false));
    assert_eq!(picture.boats[1].pods.len(), 1, "its Pod is shown until it is collected");
}

#[test]
fn the_tide_of_a_stalled_rollout_stands_and_says_why() {
    let sandbox = world(&format!("{}kubectl set image deploy/web web=nginx:9.99; sleep 60", web()));
    let picture = look(&sandbox);
    let workload = &picture.workloads[0];
    let tides: Vec<_> = workload.tides.iter().map(|tide| (&*tide.version, tide.pods)).collect();
    assert_eq!(tides, [("1.28", 3), ("9.99", 1)]);
    assert!(workload.rolling() && workload.bounds == Some((3, 4)));
    assert_eq!(workload.history.len(), 3);
    let looks = [&workload.tides[0].look, &workload.tides[1].look];
    assert!(looks[0].tint != looks[1].tint && looks[0].mark != looks[1].mark);
    let troubles = troubles(&picture, workload);
    assert!(matches!(&troubles[..], [(state, 1)] if state.contains("ImagePull")), "{troubles:?}");
    for boat in &picture.boats {
        let old = boat.pods.iter().position(|pod| pod.version == "1.28");
        let new = boat.pods.iter().position(|pod| pod.version == "9.99");
        assert!(new.is_none() || old < new, "the old version stands before the new one");
    }
}

#[test]
fn a_crashing_pod_counts_down_and_steps_are_counted() {
    let sandbox = world(
        "kubectl run crash --image=busybox -- sh -c 'exit 3'
         kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata: {name: steps}
spec:
  initContainers:
  - {name: one, image: busybox, command: [sh, -c, 'exit 0']}
  - {name: two, image: busybox, command: [sleep, '600']}
  containers:
  - {name: main, image: nginx}
END
         sleep 25",
    );
    let picture = look(&sandbox);
    let pods = || picture.boats.iter().flat_map(|boat| &boat.pods);
    let crash = pods().find(|pod| &*pod.key.name == "crash").expect("it is on a boat");
    assert_eq!(crash.health, Health::Crashing);
    assert!(crash.soon.as_ref().is_some_and(|soon| soon.at.is_some()), "{crash:?}");
    let steps = pods().find(|pod| &*pod.key.name == "steps").expect("it is on a boat");
    assert_eq!(steps.steps.map(|steps| (steps.done, steps.all)), Some((1, 2)));
    let key = Key::new(Kind::Pod, "default", "steps");
    assert!(!acts(&picture, &key).is_empty());
}

#[test]
fn a_watcher_that_follows_sees_what_a_fresh_one_sees() {
    let sandbox = world(&web());
    let mut watcher = Watcher::default();
    for line in [
        "load start http://web",
        "node power-off node-1",
        "sleep 360",
        "node power-on node-1; node add",
        "sleep 60; kubectl rollout undo deploy/web; sleep 3",
        "node remove node-2",
        "kubectl delete deploy web; sleep 90",
    ] {
        sandbox.read(|cluster| watcher.look(cluster));
        run(&sandbox, line);
        let (mut followed, mut fresh) =
            (sandbox.read(|cluster| watcher.look(cluster)), look(&sandbox));
        // What is new since the last look differs by its nature.
        for picture in [&mut followed, &mut fresh] {
            picture.busy.clear();
            picture.dots = std::rc::Rc::default();
        }
        assert_eq!(followed, fresh, "after {line}");
    }
}
