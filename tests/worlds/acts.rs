//! What users of the seeded worlds do, and what fails: a line of a script for each draw, a line of a table for each kind of act.

use kobune::random::Random;

use crate::manifests::{
    apply, claim, cron_job, daemon_set, deployment, good_image, job, once_in, one_of, pod,
    replica_set, service, stateful_set,
};

/// One kind of act.
struct Kind {
    /// How often it is drawn, in proportion.
    weight: usize,
    line: fn(&mut Random) -> String,
}

const fn act(weight: usize, line: fn(&mut Random) -> String) -> Kind {
    Kind { weight, line }
}

/// What a world begins with.
static FIRST: &[Kind] = &[
    act(6, |random| {
        let app = app(random);
        apply(&deployment(random, app))
    }),
    act(2, |random| apply(&daemon_set(random, "agent"))),
    act(2, |random| apply(&stateful_set(random, "db"))),
    act(1, |random| apply(&job(random, "task"))),
    act(1, |random| apply(&replica_set(random, "pair"))),
    act(1, |random| {
        let app = app(random);
        apply(&service(random, app))
    }),
];

/// What is done later.
#[rustfmt::skip]
static ACTS: &[Kind] = &[
    // Workloads come, change and go.
    act(8, |random| { let app = app(random); apply(&deployment(random, app)) }),
    act(3, |random| apply(&daemon_set(random, "agent"))),
    act(2, |random| apply(&replica_set(random, "pair"))),
    act(4, |random| { let app = app(random); apply(&service(random, app)) }),
    act(3, |random| apply(&pod(random, "alone"))),
    act(3, |random| apply(&stateful_set(random, "db"))),
    act(4, |random| { let name = task(random); apply(&job(random, name)) }),
    act(2, |random| apply(&cron_job(random, "tick"))),
    act(1, |random| apply(&claim(random, "data-db-1"))),
    act(8, |random| format!("kubectl scale {} --replicas={}", scalable(random), random.below(9))),
    act(8, |random| format!("kubectl set image {} app={}", workload(random), good_image(random))),
    act(2, |random| format!("kubectl set image {} app=nginx:0.1", workload(random))),
    act(2, |random| format!("kubectl set env {} ROUND={}", workload(random), random.below(5))),
    act(2, |random| format!("kubectl set resources {} --requests=cpu={}m", workload(random), 100 * random.below(9))),
    act(4, |random| format!("kubectl rollout undo {}", workload(random))),
    act(4, |random| format!("kubectl rollout restart {}", workload(random))),
    act(2, |random| format!("kubectl rollout pause deploy/{}", app(random))),
    act(3, |random| format!("kubectl rollout resume deploy/{}", app(random))),
    act(2, |random| format!("kubectl rollout status {} --timeout=40s > /dev/null", workload(random))),
    act(2, |random| format!("kubectl expose deploy {} --port=80 --name=more", app(random))),
    act(3, |random| format!("kubectl delete {} --wait=false{}", deletable(random), cascade(random))),
    act(1, |random| format!("kubectl delete rs --all --wait=false{}", cascade(random))),
    act(2, |random| format!("kubectl patch deploy {} -p '{{\"spec\":{{\"minReadySeconds\":{}}}}}'", app(random), random.below(20))),
    act(1, |random| format!("kubectl patch deploy {} -p '{{\"spec\":{{\"strategy\":{{\"rollingUpdate\":{{\"maxSurge\":{},\"maxUnavailable\":1}}}}}}}}'", app(random), random.below(4))),
    act(1, |random| format!("kubectl annotate deploy {} note={} --overwrite", app(random), random.below(9))),
    act(1, |_| "kubectl create namespace shop; kubectl create deploy web --image=nginx:1.27 --replicas=2 -n shop".to_owned()),
    act(1, |_| "kubectl delete namespace shop --wait=false".to_owned()),
    act(1, |random| format!("kubectl patch sts db -p '{{\"spec\":{{\"updateStrategy\":{{\"rollingUpdate\":{{\"partition\":{}}}}}}}}}'", random.below(3))),
    act(2, |random| format!("kubectl patch job {} -p '{{\"spec\":{{\"suspend\":{}}}}}'", task(random), once_in(random, 2))),
    act(1, |random| format!("kubectl patch cronjob tick -p '{{\"spec\":{{\"suspend\":{}}}}}'", once_in(random, 2))),
    act(1, |_| "kubectl create job by-hand --from=cronjob/tick".to_owned()),
    act(1, |_| "kubectl create priorityclass high --value=1000".to_owned()),
    act(2, |random| format!("kubectl patch {} -p '{{\"spec\":{{\"template\":{{\"spec\":{{\"priorityClassName\":\"high\"}}}}}}}}'", workload(random))),
    act(2, |random| format!("kubectl delete {} --wait=false", one_of(random, &["pvc --all", "pvc/data-db-0", "pvc/data-db-1"]))),
    act(2, |random| format!("kubectl create quota cap --hard=pods={}", 2 + random.below(9))),
    act(1, |random| format!("kubectl create quota room --hard=requests.cpu={}", 1 + random.below(6))),
    act(2, |_| "kubectl delete quota --all".to_owned()),
    act(2, |random| { let app = app(random); format!("kubectl create pdb {app} --selector=app={app} --min-available={}", 1 + random.below(4)) }),
    act(1, |random| format!("kubectl delete pdb {}", app(random))),
    act(3, |random| format!("kubectl autoscale {} --min={} --max={} {}", scaled(random), 1 + random.below(3), 3 + random.below(6), metric(random))),
    act(2, |random| format!("kubectl patch hpa {} -p '{{\"spec\":{{\"maxReplicas\":{}}}}}'", app(random), 1 + random.below(8))),
    act(1, |random| format!("kubectl patch hpa {} --type=merge -p '{{\"spec\":{{\"behavior\":{}}}}}'", app(random), behavior(random))),
    act(1, |_| "kubectl delete hpa --all".to_owned()),
    // Pods.
    act(5, |random| format!("kubectl delete {} --wait=false", a_pod(random))),
    act(2, |random| format!("kubectl delete {} --force --grace-period=0", a_pod(random))),
    act(1, |_| "kubectl delete pods --all --wait=false".to_owned()),
    act(2, |random| format!("kubectl label {} app=elsewhere --overwrite", a_pod(random))),
    act(1, |random| format!("kubectl label {} app={} --overwrite", a_pod(random), app(random))),
    act(4, |random| format!("pod crash {}{}", a_pod(random), one_of(random, &["", " --oom", " --exit-code 0", " --signal 11"]))),
    act(3, |random| format!("pod break {}", a_pod(random))),
    act(3, |random| format!("pod fail-probe {} {}", a_pod(random), one_of(random, &["readiness", "liveness", "startup"]))),
    act(3, |random| format!("pod heal {}", a_pod(random))),
    // Machines.
    act(3, |random| format!("node power-off {}", node(random))),
    act(4, |random| format!("node power-on {}", node(random))),
    act(2, |random| format!("node reboot {}", node(random))),
    act(3, |random| format!("node disconnect {}{}", node(random), direction(random))),
    act(4, |random| format!("node reconnect {}", node(random))),
    act(1, |random| format!("node reconnect {}{}", node(random), direction(random))),
    act(2, |random| format!("node add --cpu {} --memory {}Gi", 1 + random.below(4), 2 + random.below(7))),
    act(1, |random| format!("node remove {}", node(random))),
    act(1, |random| format!("kubectl delete node {}", node(random))),
    act(3, |random| format!("kubectl cordon {}", node(random))),
    act(3, |random| format!("kubectl uncordon {}", node(random))),
    act(3, |random| format!("kubectl drain {} --ignore-daemonsets --delete-emptydir-data{} --timeout=40s > /dev/null", node(random), one_of(random, &["", " --force"]))),
    act(3, |random| format!("kubectl taint node {} chaos=yes:{} --overwrite", node(random), one_of(random, &["NoSchedule", "NoExecute", "PreferNoSchedule"]))),
    act(2, |random| format!("kubectl taint node {} chaos-", node(random))),
    act(2, |random| format!("kubectl label node {} disk={} --overwrite", node(random), one_of(random, &["ssd", "hdd"]))),
    // What a user watches it with.
    act(1, |random| format!("load start http://{} --rps 2", app(random))),
    act(2, |random| format!("load start http://{} --rps {}", app(random), 10 + random.below(60))),
    act(1, |_| "load stop".to_owned()),
    act(1, |random| format!("kubectl get pods -o wide > /dev/null; kubectl describe {} > /dev/null", workload(random))),
];

/// An act for a world's beginning.
pub(crate) fn first(random: &mut Random) -> String {
    draw(FIRST, random)
}

/// Any act.
pub(crate) fn any(random: &mut Random) -> String {
    draw(ACTS, random)
}

fn draw(kinds: &[Kind], random: &mut Random) -> String {
    let mut left = random.below(kinds.iter().map(|kind| kind.weight).sum());
    for kind in kinds {
        if left < kind.weight {
            return (kind.line)(random);
        }
        left -= kind.weight;
    }
    String::new()
}

fn app(random: &mut Random) -> &'static str {
    one_of(random, &["web", "web", "api"])
}

fn node(random: &mut Random) -> String {
    format!("node-{}", 1 + random.below(4))
}

fn direction(random: &mut Random) -> &'static str {
    one_of(random, &["", " --direction=in", " --direction=out"])
}

fn workload(random: &mut Random) -> &'static str {
    one_of(random, &["deploy/web", "deploy/web", "deploy/web", "deploy/api", "ds/agent", "sts/db"])
}

fn scalable(random: &mut Random) -> &'static str {
    one_of(random, &["deploy/web", "deploy/web", "deploy/api", "rs/pair", "sts/db"])
}

fn scaled(random: &mut Random) -> &'static str {
    one_of(random, &["deploy/web", "deploy/web", "deploy/api", "sts/db", "rs/pair"])
}

fn metric(random: &mut Random) -> &'static str {
    one_of(
        random,
        &["--cpu=5%", "--cpu=20%", "--cpu=80%", "--cpu=10m", "--memory=50%", "--memory=20Mi"],
    )
}

fn behavior(random: &mut Random) -> &'static str {
    one_of(
        random,
        &[
            r#"{"scaleDown":{"stabilizationWindowSeconds":0}}"#,
            r#"{"scaleUp":{"policies":[{"type":"Pods","value":1,"periodSeconds":30}]}}"#,
            r#"{"scaleDown":{"selectPolicy":"Disabled"}}"#,
            "null",
        ],
    )
}

fn deletable(random: &mut Random) -> &'static str {
    one_of(
        random,
        &[
            "deploy/web",
            "deploy/api",
            "ds/agent",
            "rs/pair",
            "svc/web",
            "pod/alone",
            "svc/more",
            "sts/db",
            "job/task",
            "cronjob/tick",
            "jobs --all",
            "hpa/web",
        ],
    )
}

fn task(random: &mut Random) -> &'static str {
    one_of(random, &["task", "task", "chore"])
}

fn cascade(random: &mut Random) -> &'static str {
    one_of(random, &["", "", " --cascade=foreground", " --cascade=orphan"])
}

/// A Pod that is there when the line runs, if so many are.
fn a_pod(random: &mut Random) -> String {
    let namespace = if once_in(random, 12) { " -n shop" } else { "" };
    format!("$(kubectl get pods{namespace} -o name | sed -n {}p){namespace}", 1 + random.below(6))
}
