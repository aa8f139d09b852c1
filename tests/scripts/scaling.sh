cat > web.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {run: web}}
  template:
    metadata: {labels: {run: web}}
    spec:
      containers:
      - name: php
        image: registry.k8s.io/hpa-example
        ports: [{containerPort: 80}]
        resources: {limits: {cpu: 500m}, requests: {cpu: 200m}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {run: web}, ports: [{port: 80}]}
END
kubectl apply -f web.yaml
kubectl rollout status deploy/web > /dev/null
kubectl top pods
kubectl top pods -l run=nothing
kubectl top pod nope
sleep 30
kubectl autoscale deployment web --cpu=50% --min=1 --max=10
kubectl top pods
kubectl top nodes
kubectl top nodes --sort-by=disk
kubectl get hpa
sleep 16
kubectl get hpa
load start http://web --rps 25 --timeout 10 > /dev/null
sleep 90
kubectl top pods --containers --sum | sed -n '1p; $p' | awk '{print NF}'
kubectl top pods --sort-by=cpu --no-headers | awk '{sum += $2} END {print NR, (sum > 900 && sum < 2100)}'
kubectl get hpa --no-headers | awk '{print $2, $5, $6, $7}'
kubectl get hpa web -o jsonpath='{range .status.conditions[*]}{.type} {.status} {.reason}{"\n"}{end}'
load stop web > /dev/null
sleep 240
kubectl get hpa web --no-headers
kubectl get hpa web -o jsonpath='{.status.conditions[0].reason}: {.status.conditions[0].message}{"\n"}'
sleep 90
kubectl get hpa web --no-headers
kubectl get hpa web -o yaml | sed -n '/^  currentMetrics/,/^  desired/p'
kubectl get events --field-selector involvedObject.kind=HorizontalPodAutoscaler --no-headers -o custom-columns=R:.reason,M:.message | sed -n '1p; $p'
kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes/node-1
