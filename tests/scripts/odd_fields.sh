# Fields that are rare, and what the server says of them.
check() { kubectl create --dry-run=server -o name -f -; }
pod() { echo "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: nginx, $1}]$2}}" | check; }
service() { echo "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {$1}}"; }
pod 'env: [{name: A, valueFrom: {fieldRef: {apiVersion: v2, fieldPath: metadata.name}}}]'
pod '' ', volumes: [{name: v, csi: {driver: "a b"}}]'
pod '' ', runtimeClassName: gvisor'
pod '' ', overhead: {cpu: 1m}'
echo '{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: null}' | check
template='template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}'
echo "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {selector: {matchLabels: {}}, $template}}" | check
echo "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {selector: {matchLabels: {a: b}}, updateStrategy: {rollingUpdate: {maxUnavailable: 0}}, $template}}" | check
echo '{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r}, spec: {}}' | check
echo '{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: c, namespace: x}, provisioner: a/b, reclaimPolicy: ""}' | check
# A rehearsal does not look whether a node port is in the range, only whether it is free.
service 'type: NodePort, ports: [{port: 80, nodePort: 80}]' | check
service 'type: NodePort, ports: [{port: 80, nodePort: 80}]' | kubectl create -f -
service 'type: NodePort, ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 81, nodePort: 30080}]' | check
service 'type: NodePort, ports: [{name: a, port: 53, nodePort: 30080}, {name: b, port: 53, protocol: UDP}]' | kubectl create -f -
kubectl get svc s -o jsonpath='{.spec.ports[*].nodePort} {.spec.ipFamilyPolicy} {.spec.ipFamilies}{"\n"}'
kubectl patch svc s -p '{"spec": {"ports": [{"port": 53, "nodePort": 30080}, {"name": "c", "port": 80}]}}'
kubectl get svc s -o jsonpath='{.spec.ports[0].nodePort} {.spec.ports[1].nodePort}{"\n"}' | grep -c '^3[0-9]\{4\} 30080'
kubectl delete svc s
service 'clusterIP: None, ports: [{port: 80}]' | kubectl create -o jsonpath='{.spec.ipFamilyPolicy} {.spec.ipFamilies}{"\n"}' -f -
service 'ipFamilies: [IPv6], ports: [{port: 80}]' | check
service 'ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]' | check
service 'externalIPs: [127.0.0.1, 0.0.0.0, 169.254.0.1, 224.0.0.1, 1.2.3.4], ports: [{port: 80}]' | check
