kubectl create deployment slow --image=registry.k8s.io/hpa-example --port=80 --dry-run=client -o yaml |
  kubectl set resources --local -f - --limits=cpu=200m -o yaml |
  kubectl patch --local -f - --type=json -o yaml -p '[{"op": "add", "path": "/spec/template/spec/containers/0/livenessProbe", "value": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 5}}]' |
  kubectl apply -f - > /dev/null
kubectl expose deploy slow > /dev/null
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
