# A StatefulSet's Pods keep their data: the same claim, the same volume, the same node.
cat > db.yaml <<'END'
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 1
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - {name: db, image: 'busybox:1.36', command: [sleep, '3600'], volumeMounts: [{name: data, mountPath: /data}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
END
kubectl apply -f db.yaml
kubectl rollout status sts/db
kubectl exec db-0 -- sh -c 'echo kept > /data/note'
kubectl delete pod db-0
kubectl rollout status sts/db
kubectl exec db-0 -- cat /data/note
kubectl scale sts db --replicas=0
sleep 60
kubectl get pvc -o custom-columns=NAME:.metadata.name,STATUS:.status.phase
kubectl delete pvc data-db-0
sleep 5
kubectl get pv
# A claim that nobody can serve keeps its Pod waiting.
kubectl run lone --image=nginx:1.27 --overrides='{"spec":{"volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"nothing"}}]}}'
sleep 2
kubectl get events --field-selector reason=FailedScheduling -o custom-columns=MESSAGE:.message
