//! Autoscalers over whole worlds: within bounds at every step, whatever the load; what an autoscaler cannot know it says.

mod common;

use kobune::cluster::{Cluster, Settings};
use kobune::object::{Key, Kind};
use kobune::shell::Sandbox;
use kobune::time::Duration;

use common::{WEB, run};

/// Brings up two Pods that cost much CPU, behind a Service, and an autoscaler of two to six; says nothing.
const APP: &str = "
kubectl create deployment web --image=registry.k8s.io/hpa-example --port=80 --replicas=2 --dry-run=client -o yaml |
  kubectl set resources --local -f - --requests=cpu=200m --limits=cpu=500m -o yaml |
  kubectl apply -f - > /dev/null
kubectl expose deploy web > /dev/null
kubectl autoscale deploy web --min=2 --max=6 --cpu=50% > /dev/null
kubectl rollout status deploy/web > /dev/null
";

fn wanted(cluster: &Cluster) -> Option<i32> {
    cluster.store().get(&Key::new(Kind::Deployment, "default", "web"))?.body.replicas()
}

#[test]
fn replicas_stay_within_bounds_whatever_the_load() {
    let mut greatest = 0;
    for seed in 1..=3_u64 {
        let sandbox = Sandbox::new(Cluster::new(Settings { seed, ..Settings::default() }));
        run(&sandbox, APP);
        for round in 0..3 {
            let rps = 1 + (seed * 37 + round * 29) % 60;
            run(
                &sandbox,
                &format!(
                    "load stop web 2> /dev/null > /dev/null; load start http://web --rps {rps} > /dev/null"
                ),
            );
            sandbox.drive(|cluster| {
                let end = cluster.now() + Duration::from_mins(2);
                while cluster.next_due().is_some_and(|due| due <= end) {
                    cluster.step();
                    let wanted = wanted(cluster).expect("the Deployment is there");
                    assert!((2..=6).contains(&wanted), "seed {seed}, {rps} a second: {wanted}");
                    greatest = greatest.max(wanted);
                }
            });
        }
    }
    assert_eq!(greatest, 6, "some load asks for all that may be");
}

#[test]
fn what_no_adapter_serves_is_said_with_the_servers_words() {
    let sandbox = Sandbox::new(Cluster::new(Settings::default()));
    let metrics = r#"
- {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 1k}}}
- {type: Object, object: {metric: {name: hits}, describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: main}, target: {type: Value, value: 2k}}}
- {type: External, external: {metric: {name: queue, selector: {matchLabels: {q: a}}}, target: {type: AverageValue, averageValue: "30"}}}
- {type: ContainerResource, containerResource: {name: cpu, container: nope, target: {type: Utilization, averageUtilization: 50}}}"#;
    let script = format!(
        "{WEB}
cat > new.yaml <<'END'
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  maxReplicas: 6
  metrics:{}
END
kubectl apply -f new.yaml > /dev/null
sleep 50
kubectl get events --field-selector reason!=FailedComputeMetricsReplicas,involvedObject.kind=HorizontalPodAutoscaler --no-headers -o custom-columns=R:.reason,M:.message | sort
kubectl get hpa web -o jsonpath='{{.status.conditions[1].reason}}'",
        metrics.replace('\n', "\n  ")
    );
    let text = run(&sandbox, &script);
    for line in [
        "FailedGetPodsMetric                unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered",
        "FailedGetObjectMetric              unable to get metric hits: Ingress on default main/unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered",
        "FailedGetExternalMetric            unable to get external metric default/queue/&LabelSelector{MatchLabels:map[string]string{q: a,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)",
        "FailedGetContainerResourceMetric   failed to get cpu utilization: unable to get metrics for resource cpu: failed to get container metrics: container nope not present in metrics for pod default/web-",
    ] {
        assert!(text.contains(line), "{line}\nin:\n{text}");
    }
    assert!(text.ends_with("FailedGetPodsMetric"), "{text}");
}
