# Where volumes let a Pod go: their zone, how many a node takes, and a claim for one Pod alone.
kubectl label node node-1 topology.kubernetes.io/zone=east
kubectl label node node-2 topology.kubernetes.io/zone=west
kubectl cordon node-3
volume() { # name, more of metadata, access mode
  cat <<END
apiVersion: v1
kind: PersistentVolume
metadata:
  name: $1
  $2
spec:
  capacity: {storage: 1Gi}
  accessModes: [$3]
  storageClassName: ""
  csi: {driver: disks.example.com, volumeHandle: $1}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: $1
spec:
  accessModes: [$3]
  storageClassName: ""
  volumeName: $1
  resources: {requests: {storage: 1Gi}}
---
END
}
pod() { # name, claim, more of spec
  cat <<END
apiVersion: v1
kind: Pod
metadata:
  name: $1
spec:
  $3
  containers:
  - {name: c, image: nginx:1.27}
  volumes:
  - {name: disk, persistentVolumeClaim: {claimName: $2}}
END
}
why() { kubectl get pod $1 -o jsonpath='{.status.conditions[?(@.type=="PodScheduled")].message}{"\n"}'; }
echo "--- zone"
volume far 'labels: {topology.kubernetes.io/zone: north__west}' ReadWriteOnce | kubectl apply -f -
pod far far | kubectl apply -f -
settle
kubectl get pod far -o jsonpath='{.spec.nodeName}{"\n"}'
volume nowhere 'labels: {topology.kubernetes.io/zone: south}' ReadWriteOnce | kubectl apply -f -
pod nowhere nowhere | kubectl apply -f -
sleep 5
why nowhere
kubectl label node node-1 topology.kubernetes.io/zone=south --overwrite
sleep 30
kubectl get pod nowhere -o jsonpath='{.spec.nodeName}{"\n"}'
echo "--- limit"
kubectl apply -f - <<'END'
apiVersion: storage.k8s.io/v1
kind: CSINode
metadata:
  name: node-2
spec:
  drivers:
  - {name: disks.example.com, nodeID: node-2, topologyKeys: [], allocatable: {count: 1}}
END
volume third '' ReadWriteOnce | kubectl apply -f -
pod third third 'nodeSelector: {topology.kubernetes.io/zone: west}' | kubectl apply -f -
sleep 5
why third
kubectl delete pod far
sleep 30
kubectl get pod third -o jsonpath='{.spec.nodeName}{"\n"}'
echo "--- one Pod alone"
volume alone '' ReadWriteOncePod | kubectl apply -f -
pod one alone 'nodeSelector: {topology.kubernetes.io/zone: south}' | kubectl apply -f -
settle
pod two alone | kubectl apply -f -
sleep 5
why two
kubectl delete pod one
sleep 30
kubectl get pods
