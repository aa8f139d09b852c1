//! What seeded worlds found, as the scripts that they were shrunk to: each must go on holding.

/// A name, and the acts (`plan.rs` adds the repairs and the rest).
pub(crate) static FOUND: &[(&str, &str)] = &[
    (
        "a Service of the same name takes away the slices that an earlier one left as orphans",
        "kubectl create deploy web --image=nginx:1.27 --replicas=2
kubectl create service clusterip web --tcp=80
sleep 20
kubectl delete svc web --cascade=orphan --wait=false
sleep 1
kubectl create service clusterip web --tcp=80
sleep 1
kubectl delete $(kubectl get pods -o name | head -n 1) --wait=false",
    ),
    (
        "a machine that takes over the name of another starts the Pods there again",
        "kubectl create deploy web --image=nginx:1.27 --replicas=3
sleep 20
node remove node-1
node add",
    ),
    (
        "Pods about to be deleted by a scaling do not count as available",
        "kubectl create deploy web --image=nginx:1.27 --replicas=4
kubectl patch deploy web -p '{\"spec\":{\"minReadySeconds\":5}}'
sleep 10
kubectl set resources deploy/web --requests=cpu=600m
sleep 7
kubectl patch deploy web -p '{\"spec\":{\"replicas\":2,\"strategy\":{\"rollingUpdate\":{\"maxSurge\":0,\"maxUnavailable\":\"10%\"}},\"template\":{\"metadata\":{\"labels\":{\"sound\":\"no\"}},\"spec\":{\"containers\":[{\"name\":\"nginx\",\"image\":\"nginx:0.1\"}]}}}}'",
    ),
    (
        "what ended while the machine was cut off is told once it is back, of what was deleted meanwhile too",
        "kubectl create job chore --image=busybox:1.36 --dry-run=client -o yaml -- sh -c 'sleep 25' | sed 's/^spec:/spec:\\n  podReplacementPolicy: Failed/' | kubectl apply -f -
sleep 10
node disconnect node-1
sleep 30
kubectl delete pods --all --wait=false
node reconnect node-1",
    ),
    (
        "what ended while the machine was cut off is told once it is back",
        "kubectl create job chore --image=busybox:1.36 -- sh -c 'sleep 25'
sleep 10
node disconnect node-1
sleep 30
node reconnect node-1",
    ),
    (
        "a claim that only waiting Pods mount can go",
        "kubectl create deploy web --image=nginx:1.27
kubectl patch deploy web -p '{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"disk\":\"none\"},\"volumes\":[{\"name\":\"v\",\"persistentVolumeClaim\":{\"claimName\":\"data\"}}]}}}}'
kubectl apply -f - <<'END'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
END
sleep 5
kubectl delete pvc data --wait=false",
    ),
];
