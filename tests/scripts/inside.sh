# What a Pod is told of itself, parts of volumes, and who may run as whom.
kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata: {name: inside, labels: {app: inside, tier: "1"}, annotations: {note: 'a "quoted" word'}}
spec:
  initContainers:
  - {name: first, image: busybox:1.36, command: [sh, -c, 'echo one > /shared/a.txt; echo two > /shared/b.txt'], volumeMounts: [{name: w, mountPath: /shared}]}
  containers:
  - name: app
    image: busybox:1.36
    command: [sleep, "3600"]
    env:
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: MILLIS, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
    - {name: MEM, valueFrom: {resourceFieldRef: {resource: requests.memory, divisor: 1Mi}}}
    - {name: ALL, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Gi}}}
    resources: {requests: {memory: 64Mi}, limits: {cpu: 1500m}}
    volumeMounts:
    - {name: w, mountPath: /all}
    - {name: w, mountPath: /one/a, subPath: a.txt}
    - {name: w, mountPath: /deep, subPath: logs/app}
    - {name: info, mountPath: /etc/podinfo}
    - {name: all, mountPath: /etc/all}
  volumes:
  - {name: w, emptyDir: {}}
  - name: info
    downwardAPI:
      items:
      - {path: labels, fieldRef: {fieldPath: metadata.labels}}
      - {path: notes, fieldRef: {fieldPath: metadata.annotations}}
      - {path: cpu, resourceFieldRef: {containerName: app, resource: limits.cpu, divisor: 1m}}
  - name: all
    projected:
      sources:
      - downwardAPI: {items: [{path: me/name, fieldRef: {fieldPath: metadata.name}}]}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca/ca.crt}]}
      - serviceAccountToken: {path: token}
---
apiVersion: v1
kind: Pod
metadata: {name: root}
spec:
  securityContext: {runAsNonRoot: true}
  containers:
  - {name: web, image: 'nginx:1.27'}
  - {name: zero, image: 'busybox:1.36', securityContext: {runAsUser: 0}}
  - {name: named, image: 'memcached:1.6'}
  - {name: other, image: 'busybox:1.36', command: [sleep, "100"], securityContext: {runAsUser: 1000}}
END
sleep 20
kubectl exec inside -- sh -c 'echo $CPU $MILLIS $MEM $ALL; cat /etc/podinfo/labels; echo; cat /etc/podinfo/cpu; echo; cat /etc/all/me/name; echo; ls /etc/all; ls /etc/podinfo'
kubectl exec inside -- tail -n 1 /etc/podinfo/notes; echo
kubectl exec inside -- cat /var/run/secrets/kubernetes.io/serviceaccount/namespace; echo
kubectl exec inside -- sh -c 'cat /one/a; echo three > /one/a; echo x > /deep/log; rm /all/b.txt; ls /deep'
kubectl exec inside -- sh -c 'cat /all/a.txt /all/logs/app/log; ls /all'
kubectl get pod root
kubectl get pod root -o jsonpath='{range .status.containerStatuses[*]}{.name}{": "}{.state.waiting.message}{"\n"}{end}'
# What holds up the end of a namespace.
kubectl create ns a
kubectl create cm held -n a
kubectl patch cm held -n a --type merge -p '{"metadata":{"finalizers":["example.com/x"]}}'
kubectl delete ns a --wait=false; sleep 20
kubectl get ns a -o jsonpath='{range .status.conditions[?(@.status=="True")]}{.reason}{": "}{.message}{"\n"}{end}'
kubectl patch cm held -n a --type json -p '[{"op":"remove","path":"/metadata/finalizers"}]'; sleep 20
kubectl get ns a
