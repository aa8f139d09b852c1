# Machines lose power and network; nodes are drained, added and removed.
plain() { sed -E 's/web-[a-z0-9]+-[a-z0-9]{5}/web-x/g'; }
node --help | head -3
cat > pods.yaml <<'Y'
{apiVersion: v1, kind: Pod, metadata: {name: solo}, spec: {nodeName: node-1, containers: [{name: web, image: "nginx:1.27"}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: cache}
spec:
  nodeName: node-1
  containers: [{name: web, image: "nginx:1.27", volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, emptyDir: {}}]
Y
kubectl apply -f pods.yaml
kubectl create deployment web --image=nginx:1.27 --replicas=3
sleep 30
echo "== mistakes"
node power-off node-9
node power-on node-1
node power-of node-1
node status
node list node-1
node add node-1
node add --cpu none
node add --label x
node power-off node-1 --cpu 2
echo "== a loss of power"
node power-off node-1
node power-off node-1
node reboot node-1
sleep 5
node list | sed -E 's/[0-9]+s ago/Ns ago/'
node status node-1 | plain
kubectl logs solo
sleep 60
kubectl get nodes
kubectl describe node node-1 | sed -n '/Taints/,/Unschedulable/p'
kubectl drain node-1 --force --delete-emptydir-data --timeout=20s 2>&1 | plain
kubectl uncordon node-1
node power-on node-1
sleep 60
kubectl get nodes
echo "== drain"
kubectl apply -f pods.yaml
kubectl drain
kubectl drain node-9
kubectl drain node-1 -l a=b
kubectl drain node-1 --pod-selector='a=b=c'
kubectl drain node-1
kubectl drain node-1 --force
kubectl drain node-1 --force --delete-emptydir-data --dry-run=client
kubectl drain node-1 --force --delete-emptydir-data --pod-selector='!app' --disable-eviction
kubectl drain node-2 node-3 --grace-period=1 2>&1 | plain
kubectl get nodes
kubectl cordon node-1
kubectl uncordon node/node-1 node-2 node-3
kubectl uncordon pod/x
echo "== come and go"
node add --cpu 8 --memory 16Gi --label disk=ssd,zone=a
sleep 40
kubectl get nodes -L disk
kubectl get node node-4 -o jsonpath='{.status.capacity.cpu} {.status.capacity.memory}'
echo
node remove node-4 node-4
kubectl get nodes
echo "== one direction"
node disconnect node-1 --direction=up
node power-off node-1 --direction=in
node disconnect node-1 --direction=in
node disconnect node-1 --direction=in
node reconnect node-1 --direction out
node list | sed -E 's/ +[0-9]+s ago.*//'
node status node-1 | sed -n '/Network/,/Node status/p'
node disconnect node-1
node reconnect node-1 --direction=in
node status node-1 | sed -n '/Network/,/Node status/p'
node reconnect node-1
