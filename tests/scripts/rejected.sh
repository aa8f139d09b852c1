# Pods that somebody binds to a node that cannot take them.
kubectl taint node node-3 keep=out:NoExecute
bind() {
  kubectl apply -f - <<Y
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec: {nodeName: $2, $3, containers: [{name: web, image: "nginx:1.27", $4}]}
Y
}
bind first node-1 'nodeSelector: {}' 'resources: {requests: {cpu: 2500m, memory: 1Gi}}, ports: [{containerPort: 80, hostPort: 8080}]'
bind cpu node-1 'nodeSelector: {}' 'resources: {requests: {cpu: 2}}'
bind memory node-1 'nodeSelector: {}' 'resources: {requests: {memory: 7680Mi}}'
bind port node-1 'nodeSelector: {}' 'ports: [{containerPort: 80, hostPort: 8080}]'
bind place node-2 'nodeSelector: {disk: ssd}' 'resources: {}'
bind taint node-3 'nodeSelector: {}' 'resources: {}'
bind gpu node-2 'nodeSelector: {}' 'resources: {limits: {example.com/gpu: 1}}'
sleep 10
kubectl get pods
kubectl get pods -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,MESSAGE:.status.message
kubectl describe pod cpu | sed -n '/^Status/,/^IPs/p;/^Events/,$p'
kubectl get pod cpu -o jsonpath='{.status.conditions} {.status.containerStatuses} {.status.qosClass}{"\n"}'
kubectl label pod cpu seen=yes
kubectl delete pod first cpu
bind cpu node-1 'nodeSelector: {}' 'resources: {requests: {cpu: 2}}'
sleep 5
kubectl get pod cpu
