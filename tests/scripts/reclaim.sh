# What becomes of volumes made by hand when their claims are gone.
claim() {
  kubectl apply -f - > /dev/null <<Y
apiVersion: v1
kind: PersistentVolume
metadata: {name: $1}
spec: {storageClassName: hand, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: $2, $3}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: $1}
spec: {storageClassName: hand, volumeName: $1, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
Y
}
claim retained Retain 'hostPath: {path: /data}' 2> /dev/null
claim deleted Delete 'hostPath: {path: /tmp/data}'
claim elsewhere Delete 'hostPath: {path: /data}'
claim remote Delete 'nfs: {server: a, path: /x}'
claim scrubbed Recycle 'hostPath: {path: /data}' 2> /dev/null
claim odd Recycle 'csi: {driver: a.b, volumeHandle: c}' 2> /dev/null
sleep 5
kubectl get pvc --no-headers | awk '{ print $1, $2 }'
kubectl delete pvc --all > /dev/null
sleep 60
kubectl get pv -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,MESSAGE:.status.message,CLAIM:.spec.claimRef.name
kubectl get events -A -o custom-columns=NAME:.involvedObject.name,REASON:.reason,COUNT:.count,MESSAGE:.message | grep Volume
