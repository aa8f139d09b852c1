# What is applied a second time is refused by nothing, and changes nothing that the server would not have done the first time.
cat > again.yaml <<'END'
apiVersion: v1
kind: Pod
metadata:
  name: patient
spec:
  containers:
  - name: c
    image: nginx:1.27
  tolerations:
  - key: dedicated
    operator: Exists
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      containers:
      - name: db
        image: redis:7
        volumeMounts:
        - {name: data, mountPath: /data}
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      resources:
        requests: {storage: 1Gi}
END
kubectl apply -f again.yaml
settle
kubectl get pod/patient statefulset/db -o jsonpath='{.items[*].metadata.generation}{"\n"}{.items[0].spec.tolerations[*].key}{"\n"}'
kubectl apply -f again.yaml
kubectl diff -f again.yaml && echo no difference
kubectl get pod/patient statefulset/db -o jsonpath='{.items[*].metadata.generation}{"\n"}{.items[0].spec.tolerations[*].key}{"\n"}'
