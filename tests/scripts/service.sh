# A Deployment behind a Service: reached by name and through every node, healed, scaled.
kubectl create deployment web --image=nginx:1.27 --replicas=3
cat <<EOF | kubectl apply -f -
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector: {app: web}
  ports:
  - port: 80
    nodePort: 30080
EOF
curl web
settle
kubectl get deploy web
for node in node-1 node-2 node-3; do
  curl -s -o /dev/null -w "$node %{http_code}\n" $node:30080
done
curl -s web | grep title
kubectl delete $(kubectl get pods -o name | head -n 1)
settle
kubectl get pods --no-headers | wc -l
kubectl scale deploy/web --replicas=5 && settle && kubectl get deploy web --no-headers
kubectl get pods --no-headers | cut -d' ' -f1 | sort | sed 's/-.*//' | uniq -c
kubectl delete service web
curl web
echo $?
