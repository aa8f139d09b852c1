//! Whole lives of Pods on one node, told as text: what the API server holds of them at each change, and the Events.
//!
//! Pods are bound by hand here, so that nothing but kubelet, engine and store is at work.

use std::fmt::Write as _;

use kobune::cluster::{Cluster, Profile, Settings};
use kobune::manifest;
use kobune::object::{Key, Kind, Name, Object};
use kobune::store::DeleteOptions;
use kobune::time::{Duration, Time};

/// A world of one node in which `yaml` (Pods, ConfigMaps, Secrets) was just created and each Pod bound.
fn world(profile: Profile, yaml: &str) -> Cluster {
    let mut cluster = Cluster::new(Settings { seed: 1, nodes: 1, profile });
    create(&mut cluster, yaml);
    cluster
}

fn create(cluster: &mut Cluster, yaml: &str) {
    for document in manifest::documents(yaml.as_bytes()) {
        let node = document.expect("the test's YAML is well formed");
        let kind = match node.get("kind").and_then(manifest::Node::as_str) {
            Some("Pod") => Kind::Pod,
            Some("ConfigMap") => Kind::ConfigMap,
            _ => Kind::Secret,
        };
        let mut object: Object =
            Object::from_node(kind, &node).expect("the test's manifest fits its kind");
        let meta = std::sync::Arc::make_mut(&mut object.meta);
        meta.namespace.get_or_insert_with(|| "default".to_owned());
        let key = cluster.act(|client| client.create(object)).expect("it is accepted").key();
        if kind == Kind::Pod {
            cluster.act(|client| client.bind(&key, &Name::from("node-1"))).expect("it is free");
        }
    }
}

fn pod(name: &str) -> Key {
    Key::new(Kind::Pod, "default", name)
}

/// One line of what a Pod shows: phase, state of each container, readiness, restarts.
fn face(cluster: &Cluster, key: &Key) -> String {
    let Some(object) = cluster.store().get(key) else { return "gone".to_owned() };
    let body = object.as_pod().expect("the key is a Pod's");
    let mut text = body.status.phase.clone().unwrap_or_default();
    let inits = body.status.init_container_statuses.iter().flatten();
    for status in inits.chain(body.status.container_statuses.iter().flatten()) {
        let state = status.state.clone().unwrap_or_default();
        let state = match (state.waiting, state.running, state.terminated) {
            (Some(waiting), ..) => waiting.reason.unwrap_or_default(),
            (_, Some(_), _) => "running".to_owned(),
            (.., Some(end)) => format!("{}({})", end.reason.unwrap_or_default(), end.exit_code),
            _ => "none".to_owned(),
        };
        write!(text, " {}:{state}", status.name).expect("text can be written");
        if status.ready {
            text.push_str("/ready");
        }
        if status.restart_count > 0 {
            write!(text, "/x{}", status.restart_count).expect("text can be written");
        }
    }
    if object.terminating() { text + " terminating" } else { text }
}

/// Runs for some seconds and tells each change of a Pod's face with the seconds since the world began.
fn story(cluster: &mut Cluster, key: &Key, secs: u64) -> Vec<String> {
    let end = cluster.now() + Duration::from_secs(secs);
    let mut told = Vec::new();
    let mut last = face(cluster, key);
    while cluster.next_due().is_some_and(|due| due <= end) {
        cluster.step();
        let now = face(cluster, key);
        if now != last {
            told.push(format!("{:.1} {now}", cluster.now().since(Time::START).as_secs_f64()));
            last = now;
        }
    }
    cluster.advance_to(end);
    told
}

/// The faces of a story, without their times.
fn faces(story: &[String]) -> Vec<&str> {
    story.iter().filter_map(|line| line.split_once(' ')).map(|(_, face)| face).collect()
}

/// The time of a story's line that begins with this face.
fn time_of(story: &[String], face: &str) -> f64 {
    let line = story
        .iter()
        .find(|line| line.split_once(' ').is_some_and(|(_, told)| told.starts_with(face)));
    let line = line.unwrap_or_else(|| panic!("{face} is not in {story:#?}"));
    line.split(' ').next().and_then(|time| time.parse().ok()).expect("a line begins with its time")
}

/// Events about a Pod, `Reason xN: message`, in order of their first time.
fn events(cluster: &Cluster, name: &str) -> Vec<String> {
    let mut events: Vec<_> = cluster
        .store()
        .list(Kind::Event, Some("default"))
        .filter_map(|object| object.as_event())
        .filter(|event| event.involved_object.name.as_deref() == Some(name))
        .collect();
    kobune::order::sort_by_key(&mut events, |event| {
        event.first_timestamp.as_ref().map(|time| time.0)
    });
    events
        .iter()
        .map(|event| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            format!(
                "{} x{}: {}",
                text(&event.reason),
                event.count.unwrap_or(1),
                text(&event.message)
            )
        })
        .collect()
}

const WEB: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: web, image: 'nginx:1.27', ports: [{containerPort: 80}]}
";

#[test]
fn a_pod_is_pulled_started_and_ready() {
    let mut cluster = world(Profile::Default, WEB);
    let told = story(&mut cluster, &pod("web"), 10);
    assert_eq!(
        faces(&told),
        ["Pending web:ContainerCreating", "Running web:running/ready"],
        "{told:?}"
    );
    let ready = time_of(&told, "Running");
    assert!((4.0..8.0).contains(&ready), "72 MB at 20 MB a second, a sandbox and a look: {told:?}");
    let events = events(&cluster, "web");
    let reasons: Vec<_> = events.iter().filter_map(|event| event.split(' ').next()).collect();
    assert_eq!(reasons, ["Pulling", "Pulled", "Created", "Started"], "{events:?}");
    assert!(events[1].contains("Successfully pulled image \"nginx:1.27\" in 4."), "{events:?}");
}

#[test]
fn the_second_pod_finds_the_image() {
    let mut cluster = world(Profile::Default, WEB);
    story(&mut cluster, &pod("web"), 10);
    create(&mut cluster, &WEB.replace("{name: web}", "{name: more}"));
    let told = story(&mut cluster, &pod("more"), 5);
    let ready = time_of(&told, "Running") - 10.0;
    assert!((0.3..2.1).contains(&ready), "{told:?}");
    assert!(events(&cluster, "more")[0].starts_with(
        "Pulled x1: Container image \"nginx:1.27\" already present on machine and can be accessed by the pod"
    ));
}

#[test]
fn a_crashing_container_backs_off() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: boom}
spec:
  containers:
  - {name: web, image: 'busybox:1.36', command: [sh, -c, 'echo bye; sleep 2; exit 42']}
";
    let mut cluster = world(Profile::Default, yaml);
    let told = story(&mut cluster, &pod("boom"), 900);
    // After the first crash at once, then at least 10, 20, 40, 80, 160 s after the end of the last run.
    let starts: Vec<f64> = (0..6)
        .map(|number| match number {
            0 => time_of(&told, "Running web:running/ready"),
            _ => time_of(&told, &format!("Running web:running/ready/x{number}")),
        })
        .collect();
    let gaps: Vec<f64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (gap, least) in gaps.iter().zip([0.0, 10.0, 20.0, 40.0, 80.0]) {
        assert!((least + 1.0..=least * 1.5 + 6.0).contains(gap), "{gaps:?} {told:#?}");
    }
    assert!(faces(&told).contains(&"Running web:Error(42)/x2"), "{told:#?}");
    assert!(faces(&told).contains(&"Running web:CrashLoopBackOff/x5"), "{told:#?}");
    let events = events(&cluster, "boom");
    assert!(
        events.iter().any(|event| event
            .contains(": Back-off restarting failed container web in pod boom_default(")),
        "{events:?}"
    );
    let kubelet = cluster.kubelets().get("node-1").expect("there is one node");
    let object = cluster.store().get(&pod("boom")).expect("it lives");
    let log = kubelet.logs(object, "web", true).expect("there was a run before");
    assert_eq!(log.lines().map(|line| line.text.to_string()).collect::<Vec<_>>(), ["bye"]);
}

#[test]
fn an_image_that_is_not_there_is_tried_again() {
    let mut cluster = world(Profile::Default, &WEB.replace("nginx:1.27", "ngnix:1.27"));
    let told = story(&mut cluster, &pod("web"), 20);
    assert_eq!(
        faces(&told)[..3],
        [
            "Pending web:ContainerCreating",
            "Pending web:ErrImagePull",
            "Pending web:ImagePullBackOff"
        ],
        "{told:#?}"
    );
    let events = events(&cluster, "web");
    for said in [
        "Failed to pull image \"ngnix:1.27\": failed to pull and unpack image \"docker.io/library/ngnix:1.27\": failed to resolve reference \"docker.io/library/ngnix:1.27\": pull access denied",
        "Error: ErrImagePull",
        "Error: ImagePullBackOff",
        "Back-off pulling image \"ngnix:1.27\"",
    ] {
        assert!(events.iter().any(|event| event.contains(said)), "{said} in {events:#?}");
    }
    let object = cluster.store().get(&pod("web")).expect("it lives").to_value();
    let message = object.pointer("/status/containerStatuses/0/state/waiting/message").cloned();
    assert!(message.is_some_and(|message| {
        message
            .to_string()
            .contains("Back-off pulling image \\\"ngnix:1.27\\\": ErrImagePull: failed to pull")
    }));
}

#[test]
fn a_missing_secret_holds_a_container_until_it_comes() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: db}
spec:
  containers:
  - name: db
    image: postgres:16-alpine
    env:
    - {name: POSTGRES_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
";
    let mut cluster = world(Profile::Default, yaml);
    let told = story(&mut cluster, &pod("db"), 30);
    assert_eq!(
        faces(&told),
        ["Pending db:ContainerCreating", "Pending db:CreateContainerConfigError"],
        "{told:#?}"
    );
    assert!(
        events(&cluster, "db")
            .iter()
            .any(|event| event.ends_with(": Error: secret \"db\" not found"))
    );
    create(
        &mut cluster,
        "{apiVersion: v1, kind: Secret, metadata: {name: db}, data: {password: cHc=}}",
    );
    let told = story(&mut cluster, &pod("db"), 20);
    assert_eq!(faces(&told), ["Running db:running/ready"], "{told:#?}");
}

#[test]
fn a_missing_volume_holds_the_whole_pod() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: web, image: 'nginx:1.27', volumeMounts: [{name: c, mountPath: /c}]}
  volumes: [{name: c, secret: {secretName: gone}}]
";
    let mut cluster = world(Profile::Default, yaml);
    let told = story(&mut cluster, &pod("web"), 26);
    assert_eq!(faces(&told), ["Pending web:ContainerCreating"], "{told:#?}");
    assert_eq!(
        events(&cluster, "web"),
        ["FailedMount x6: MountVolume.SetUp failed for volume \"c\" : secret \"gone\" not found"]
    );
    create(&mut cluster, "{apiVersion: v1, kind: Secret, metadata: {name: gone}}");
    let told = story(&mut cluster, &pod("web"), 20);
    assert_eq!(faces(&told), ["Running web:running/ready"], "{told:#?}");
}

#[test]
fn readiness_follows_the_probe() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: nginx:1.27
    readinessProbe: {httpGet: {path: /none, port: 80}, periodSeconds: 5}
";
    let mut cluster = world(Profile::Default, yaml);
    let told = story(&mut cluster, &pod("web"), 30);
    assert_eq!(faces(&told), ["Pending web:ContainerCreating", "Running web:running"], "{told:#?}");
    let events = events(&cluster, "web");
    assert!(
        events.iter().any(|event| event
            .ends_with("Readiness probe failed: HTTP probe failed with statuscode: 404")),
        "{events:#?}"
    );
}

#[test]
fn a_failing_liveness_probe_restarts_the_container() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: live}
spec:
  containers:
  - name: live
    image: busybox:1.36
    args: [/bin/sh, -c, 'touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600']
    livenessProbe: {exec: {command: [cat, /tmp/healthy]}, initialDelaySeconds: 5, periodSeconds: 5}
";
    let mut cluster = world(Profile::Default, yaml);
    let told = story(&mut cluster, &pod("live"), 90);
    // Healthy for 30 s, three failures 5 s apart, then 30 s of grace, since a shell ignores SIGTERM as PID 1.
    let restarted = time_of(&told, "Running live:running/ready/x1");
    assert!((70.0..80.0).contains(&restarted), "{told:#?}");
    let events = events(&cluster, "live");
    for said in [
        "Unhealthy x3: Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n",
        "Killing x1: Container live failed liveness probe, will be restarted",
    ] {
        assert!(events.iter().any(|event| event == said), "{said} in {events:#?}");
    }
}

#[test]
fn init_containers_come_first_and_jobs_end() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: job}
spec:
  restartPolicy: Never
  initContainers:
  - {name: init, image: 'busybox:1.36', command: [sleep, '3']}
  containers:
  - {name: main, image: 'busybox:1.36', command: [sh, -c, 'echo done']}
";
    let mut cluster = world(Profile::Default, yaml);
    let told = story(&mut cluster, &pod("job"), 20);
    assert_eq!(
        faces(&told),
        [
            "Pending init:PodInitializing main:PodInitializing",
            "Pending init:running main:PodInitializing",
            "Pending init:Completed(0)/ready main:PodInitializing",
            "Succeeded init:Completed(0)/ready main:Completed(0)"
        ],
        "{told:#?}"
    );
}

#[test]
fn deletion_gives_grace() {
    for (profile, image, command, least, most) in [
        (Profile::Default, "nginx:1.27", "", 0.0, 1.0),
        (Profile::Default, "busybox:1.36", "command: [sleep, '3600']", 30.0, 31.0),
        (Profile::Oracle, "busybox:1.36", "command: [sleep, '3600']", 0.0, 0.5),
    ] {
        let yaml = format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {{terminationGracePeriodSeconds: 30, containers: [{{name: web, image: '{image}', {command}}}]}}}}"
        );
        let mut cluster = world(profile, &yaml);
        story(&mut cluster, &pod("web"), 10);
        cluster
            .act(|client| client.delete(&pod("web"), &DeleteOptions::default()))
            .expect("it exists");
        let told = story(&mut cluster, &pod("web"), 60);
        let gone = time_of(&told, "gone") - 10.0;
        assert!((least..=most).contains(&gone), "{image} {profile:?}: {told:#?}");
        let killed = events(&cluster, "web");
        assert!(killed.contains(&"Killing x1: Stopping container web".to_owned()), "{killed:?}");
    }
}

#[test]
fn a_settled_pod_costs_nothing() {
    let mut cluster = world(Profile::Default, WEB);
    story(&mut cluster, &pod("web"), 20);
    let before = cluster.store().revision();
    cluster.advance_to(cluster.now() + Duration::from_secs(100));
    let written = cluster.store().revision() - before;
    assert!(written <= 12, "one Lease every 10 s and at most one Node status: {written} writes");
}

#[test]
fn an_unknown_executable_cannot_be_started() {
    let yaml = WEB.replace("image: 'nginx:1.27'", "image: 'nginx:1.27', command: [serve-it]");
    let mut cluster = world(Profile::Default, &yaml);
    let told = story(&mut cluster, &pod("web"), 12);
    assert!(
        faces(&told)
            .iter()
            .any(|face| face.contains("StartError(128)") || face.contains("RunContainerError")),
        "{told:#?}"
    );
    let events = events(&cluster, "web");
    assert!(events.iter().any(|event| event.contains("Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: \"serve-it\": executable file not found in $PATH")), "{events:#?}");
}

#[test]
fn a_new_image_replaces_the_container() {
    let mut cluster = world(Profile::Default, WEB);
    story(&mut cluster, &pod("web"), 10);
    cluster
        .act(|client| {
            client.modify(&pod("web"), |object| {
                if let Some(body) = object.body.pod_mut() {
                    let spec = std::sync::Arc::make_mut(&mut body.shared);
                    spec.containers[0].image = Some("nginx:1.28".to_owned());
                }
            })
        })
        .expect("the image may change");
    let told = story(&mut cluster, &pod("web"), 15);
    assert!(faces(&told).contains(&"Running web:running/ready/x1"), "{told:#?}");
    assert!(
        events(&cluster, "web").contains(
            &"Killing x1: Container web definition changed, will be restarted".to_owned()
        )
    );
}

#[test]
fn a_frozen_node_goes_on_where_it_stood() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: tick}
spec:
  containers:
  - {name: tick, image: 'busybox:1.36', command: [sh, -c, 'while true; do date; sleep 1; done']}
";
    let mut cluster = world(Profile::Default, yaml);
    story(&mut cluster, &pod("tick"), 10);
    let written = |cluster: &Cluster| {
        let object = cluster.store().get(&pod("tick")).expect("it lives");
        let kubelet = cluster.kubelets().get("node-1").expect("there is one node");
        kubelet.logs(object, "tick", false).expect("it runs").written()
    };
    cluster.freeze_node("node-1");
    let before = written(&cluster);
    cluster.advance_to(cluster.now() + Duration::from_secs(20));
    assert_eq!(written(&cluster), before);
    cluster.thaw_node("node-1");
    cluster.advance_to(cluster.now() + Duration::from_secs(20));
    assert!(written(&cluster) >= before + 20, "{} and {before}", written(&cluster));
}

#[test]
fn containers_of_a_pod_share_an_empty_folder() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: shared}
spec:
  initContainers:
  - {name: write, image: 'busybox:1.36', command: [sh, -c, 'echo made by init > /pages/index.html'], volumeMounts: [{name: w, mountPath: /pages}]}
  containers:
  - {name: web, image: 'nginx:1.27', volumeMounts: [{name: w, mountPath: /usr/share/nginx/html}]}
  volumes: [{name: w, emptyDir: {}}]
";
    let mut cluster = world(Profile::Default, yaml);
    story(&mut cluster, &pod("shared"), 20);
    let ip = cluster
        .store()
        .get(&pod("shared"))
        .and_then(|object| object.as_pod().and_then(|body| body.status.pod_ip.clone()));
    let origin = kobune::network::Origin::terminal();
    let request = kobune::engine::Request::get("/", "web", "curl", origin.address);
    let exchange = cluster.request(&origin, &ip.expect("it has an address"), 80, request);
    assert_eq!(exchange.result.map(|response| response.body), Ok("made by init\n".to_owned()));
}

#[test]
fn a_pod_past_its_deadline_fails() {
    let yaml = WEB.replace("spec:", "spec:\n  activeDeadlineSeconds: 20");
    let mut cluster = world(Profile::Default, &yaml);
    let told = story(&mut cluster, &pod("web"), 30);
    assert!((19.9..20.2).contains(&time_of(&told, "Failed")), "{told:#?}");
    let object = cluster.store().get(&pod("web")).expect("it is kept").to_value();
    assert_eq!(object.pointer("/status/reason"), Some(&"DeadlineExceeded".into()));
}

#[test]
fn a_last_message_is_kept() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: last}
spec:
  restartPolicy: Never
  containers:
  - {name: a, image: 'busybox:1.36', command: [sh, -c, 'echo because > /dev/termination-log; exit 3']}
  - {name: b, image: 'busybox:1.36', command: [sh, -c, 'echo from the log; exit 4'], terminationMessagePolicy: FallbackToLogsOnError}
";
    let mut cluster = world(Profile::Default, yaml);
    let told = story(&mut cluster, &pod("last"), 20);
    assert_eq!(faces(&told).last(), Some(&"Failed a:Error(3) b:Error(4)"), "{told:#?}");
    let object = cluster.store().get(&pod("last")).expect("it is kept").to_value();
    for (index, message) in [(0, "because\n"), (1, "from the log\n")] {
        let path = format!("/status/containerStatuses/{index}/state/terminated/message");
        assert_eq!(object.pointer(&path), Some(&message.into()));
    }
}

/// A Pod of one container, with something put into its spec and into its container.
fn one(name: &str, image: &str, container: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  - {{name: web, image: '{image}', {container}}}\n"
    )
}

#[test]
fn a_post_start_hook_holds_up_and_a_failed_one_kills() {
    let good = "lifecycle: {postStart: {exec: {command: [sh, -c, 'sleep 4; echo made > /usr/share/nginx/html/made.html']}}}";
    let mut cluster = world(Profile::Default, &one("good", "nginx:1.27", good));
    let told = story(&mut cluster, &pod("good"), 30);
    assert_eq!(faces(&told).last(), Some(&"Running web:running/ready"), "{told:?}");
    let pulled = time_of(&told, "Running");
    assert!((8.0..13.0).contains(&pulled), "the hook's four seconds after the pull: {told:?}");

    let bad = "lifecycle: {postStart: {exec: {command: [sh, -c, 'echo no; exit 3']}}}";
    let mut cluster = world(Profile::Default, &one("bad", "nginx:1.27", bad));
    let told = story(&mut cluster, &pod("bad"), 60);
    assert!(faces(&told).contains(&"Running web:PostStartHookError"), "{told:#?}");
    let events = events(&cluster, "bad");
    for wanted in ["FailedPostStartHook x", ": PostStartHook failed", "Killing x"] {
        assert!(events.iter().any(|event| event.contains(wanted)), "{wanted}: {events:#?}");
    }
    assert!(events.iter().any(|event| event.starts_with("BackOff ")), "{events:#?}");
}

#[test]
fn an_http_hook_is_sent_and_only_silence_fails_it() {
    let hook =
        |port: u16| format!("lifecycle: {{preStop: {{httpGet: {{path: /bye, port: {port}}}}}}}");
    for (port, fails) in [(80, false), (81, true)] {
        let mut cluster = world(Profile::Default, &one("web", "nginx:1.27", &hook(port)));
        story(&mut cluster, &pod("web"), 20);
        let object = cluster.store().get(&pod("web")).cloned().expect("it lives");
        cluster
            .act(|client| client.delete(&pod("web"), &DeleteOptions::default()))
            .expect("it is there");
        cluster.advance_to(cluster.now() + Duration::from_millis(10));
        let kubelet = cluster.kubelets().get("node-1").expect("there is one node");
        let log = kubelet.logs(&object, "web", false).expect("it is still there");
        let asked = log.lines().any(|line| line.text.contains("GET /bye"));
        assert_eq!(asked, !fails, "port {port}");
        cluster.advance_to(cluster.now() + Duration::from_secs(5));
        let failed = "FailedPreStopHook x1: PreStopHook failed".to_owned();
        assert_eq!(events(&cluster, "web").contains(&failed), fails, "port {port}");
    }
}

#[test]
fn who_needs_more_memory_than_it_may_use_is_killed() {
    for (image, container, face) in [
        (
            "polinux/stress",
            "command: [stress], args: ['--vm', '1', '--vm-bytes', 250M], resources: {limits: {memory: 100Mi}}",
            "Running web:OOMKilled(137)",
        ),
        (
            "polinux/stress",
            "command: [stress], args: ['--vm', '1', '--vm-bytes', 150M], resources: {limits: {memory: 200Mi}}",
            "Running web:running/ready",
        ),
        (
            "mysql:8.0",
            "env: [{name: MYSQL_ROOT_PASSWORD, value: x}], resources: {limits: {memory: 128Mi}}",
            "Running web:OOMKilled(137)",
        ),
        ("nginx:1.27", "resources: {limits: {memory: 64Mi}}", "Running web:running/ready"),
    ] {
        let mut cluster = world(Profile::Default, &one("web", image, container));
        let told = story(&mut cluster, &pod("web"), 40);
        assert!(faces(&told).contains(&face), "{image} {container}: {told:#?}");
    }
}

#[test]
fn mounted_files_follow_their_config_map() {
    let yaml = "
apiVersion: v1
kind: ConfigMap
metadata: {name: page, namespace: default}
data: {index.html: first}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: nginx:1.27
    volumeMounts: [{name: page, mountPath: /usr/share/nginx/html}]
  volumes: [{name: page, configMap: {name: page}}]
";
    let mut cluster = world(Profile::Default, yaml);
    story(&mut cluster, &pod("web"), 20);
    let address = cluster.store().get(&pod("web")).and_then(|object| object.as_pod());
    let address = address.and_then(|body| body.status.pod_ip.clone()).expect("it has an address");
    let key = Key::new(Kind::ConfigMap, "default", "page");
    let changed =
        cluster.store().get(&key).map(|object| Object::clone(object)).expect("it is there");
    let data = [("index.html".to_owned(), "second".to_owned())].into();
    let map = k8s_openapi::api::core::v1::ConfigMap { data: Some(data), ..Default::default() };
    let body = kobune::object::Body::ConfigMap(map.into());
    cluster.act(|client| client.update(Object { body, ..changed })).expect("it is accepted");
    let mut page = |secs: u64| {
        cluster.advance_to(cluster.now() + Duration::from_secs(secs));
        let origin = kobune::network::Origin::terminal();
        let request = kobune::engine::Request::get("/", &address, "curl", origin.address);
        let answer = cluster.request(&origin, &address, 80, request).result;
        answer.expect("nginx answers").body
    };
    assert_eq!((page(1), page(91)), ("first".to_owned(), "second".to_owned()));
}

#[test]
fn what_the_kubelet_had_done_is_reported_at_once() {
    let yaml = |token: bool| {
        format!(
            "{{kind: Pod, metadata: {{name: a}}, spec: {{automountServiceAccountToken: {token}, \
             containers: [{{name: main, image: nginx}}]}}}}"
        )
    };
    // Whether it is mounted is asked every 300 ms; what the runtime did is not waited for.
    for (token, millis) in [(false, 0..50), (true, 300..350)] {
        let mut cluster = world(Profile::Oracle, &yaml(token));
        let began = cluster.now();
        while !face(&cluster, &pod("a")).ends_with("/ready") {
            assert!(cluster.now() < began + Duration::from_secs(2), "it becomes ready");
            cluster.step();
        }
        let took = (cluster.now() - began).as_millis();
        assert!(millis.contains(&took), "ready after {took} ms");
    }
}

const SIDECARS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: stays}
spec:
  restartPolicy: Never
  initContainers:
  - {name: side, image: 'busybox:1.36', command: [sh, -c, 'sleep 1000'], restartPolicy: Always}
  containers:
  - {name: app, image: 'busybox:1.36', command: [sh, -c, 'sleep 5']}
---
apiVersion: v1
kind: Pod
metadata: {name: fails}
spec:
  restartPolicy: Never
  initContainers:
  - {name: side, image: 'busybox:1.36', command: [sh, -c, 'sleep 1; exit 1'], restartPolicy: Always}
  - {name: first, image: 'busybox:1.36', command: [sh, -c, 'sleep 4; exit 2']}
  containers:
  - {name: app, image: 'busybox:1.36', command: [sh, -c, 'sleep 5']}
---
apiVersion: v1
kind: Pod
metadata: {name: crashes}
spec:
  initContainers:
  - {name: side, image: 'busybox:1.36', command: [sh, -c, 'sleep 1; exit 1'], restartPolicy: Always}
  - {name: first, image: 'busybox:1.36', command: [sh, -c, 'sleep 6']}
  containers:
  - {name: app, image: 'nginx:1.27'}
";

#[test]
fn sidecars_neither_end_a_pod_nor_hold_it_up() {
    let mut cluster = world(Profile::Default, SIDECARS);
    let told = story(&mut cluster, &pod("stays"), 60);
    let stopped = time_of(&told, "Running side:running/ready app:Completed(0)");
    let over = time_of(&told, "Succeeded side:Error(137) app:Completed(0)");
    assert!((30.0..32.5).contains(&(over - stopped)), "a shell hears no SIGTERM: {told:#?}");

    let fails = face(&cluster, &pod("fails"));
    assert!(
        fails.starts_with("Failed side:Error(1)/x1 first:Error(2) app:PodInitializing"),
        "{fails}"
    );

    let crashes = face(&cluster, &pod("crashes"));
    assert!(crashes.ends_with("first:Completed(0)/ready app:running/ready"), "{crashes}");
    assert!(crashes.starts_with("Running side:"), "{crashes}");
}
