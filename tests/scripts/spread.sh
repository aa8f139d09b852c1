# A constraint that names labels of its Pods by key alone.
cat > web.yaml <<'Y'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 1
            podAffinityTerm: {topologyKey: zone, labelSelector: {matchLabels: {app: web}}, mismatchLabelKeys: [pod-template-hash]}
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}, matchLabelKeys: [pod-template-hash, none]}
      containers: [{name: web, image: "nginx:1.27"}]
Y
kubectl apply -f web.yaml
sleep 10
kubectl get deploy,pods -o jsonpath='{range .items[*]}{..labelSelector.matchExpressions}{"\n"}{end}' | sed 's/"[a-z0-9]*"\]/"hash"]/g'
kubectl describe pods | sed -n '/Topology/p' | sed 's/(.*)/(hash)/'
kubectl label pods --all seen=yes > /dev/null && kubectl get pods --no-headers -l seen=yes | wc -l
kubectl apply -f - <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: twice, labels: {app: web}}
spec:
  topologySpreadConstraints:
  - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}, matchLabelKeys: [app]}
  containers: [{name: web, image: "nginx:1.27"}]
Y
