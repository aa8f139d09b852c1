cat > slow.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: slow}
spec:
  selector: {matchLabels: {app: slow}}
  template:
    metadata: {labels: {app: slow}}
    spec:
      containers:
      - name: php
        image: registry.k8s.io/hpa-example
        ports: [{containerPort: 80}]
        resources: {limits: {cpu: 200m}}
        livenessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
---
apiVersion: v1
kind: Service
metadata: {name: slow}
spec: {selector: {app: slow}, ports: [{port: 80}]}
END
kubectl apply -f slow.yaml > /dev/null
kubectl rollout status deploy/slow > /dev/null
sleep 2
curl -s -o /dev/null -w '%{time_total}\n' http://slow | cut -c 1-4
curl -s -o /dev/null -w '%{time_total}\n' http://slow | cut -c 1-4
load start http://slow --rps 4 --timeout 5 > /dev/null
sleep 30
kubectl top pods --no-headers | awk '{print $2}'
kubectl get pods --no-headers | awk '{print $2, $4}'
load stop slow > /dev/null
load start http://slow --rps 20 --timeout 5 > /dev/null
sleep 45
kubectl top pods --no-headers | awk '{print $2}'
kubectl get events --no-headers -o custom-columns=R:.reason,M:.message --field-selector involvedObject.kind=Pod | grep -e Unhealthy -e Killing
