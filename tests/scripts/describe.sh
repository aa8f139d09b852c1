# Events are those of one object alone, unless asked for.
cat > m.yaml <<'END'
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80, appProtocol: http}]}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: zoned}
provisioner: example.com/disk
allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a, b]}]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web-a}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web-b}
data: {text: a text with words so many that it goes far beyond the eighty columns which a line has}
---
apiVersion: v1
kind: Pod
metadata: {name: env}
spec:
  containers:
  - name: c
    image: busybox:1.36
    command: [sh, -c, 'echo $MEMORY $CPU $ALL; sleep 1000']
    resources: {limits: {memory: 128Mi, cpu: 250m}}
    env:
    - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: ALL, valueFrom: {resourceFieldRef: {resource: limits.ephemeral-storage, divisor: 1Gi}}}
END
kubectl apply -f m.yaml
kubectl describe svc web
kubectl describe svc web kubernetes | grep -c Events
kubectl describe svc web kubernetes --show-events | grep -c Events
kubectl describe cm web
kubectl describe cm/web
kubectl describe sc zoned
kubectl get cm web-b -o yaml | grep -A1 text:
sleep 30
kubectl describe pod env | grep -A3 Environment
kubectl logs env
kubectl get pods.v1
kubectl apply -f - <<'END'
apiVersion: v1
kind: Service
metadata: {name: out}
spec: {clusterIP: None, externalName: x.example, sessionAffinity: ClientIP, externalIPs: [10.0.0.1], ports: [{port: 80}]}
END
