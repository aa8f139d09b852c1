# A machine that runs short of memory says so, and ends the Pod that uses the most beyond what it asked for.
kubectl apply -f - <<'END'
apiVersion: v1
kind: Pod
metadata: {name: hog}
spec:
  nodeName: node-1
  containers:
  - {name: stress, image: polinux/stress, command: ["stress"], args: ["--vm", "1", "--vm-bytes", "7750M", "--vm-hang", "0"]}
---
apiVersion: v1
kind: Pod
metadata: {name: calm}
spec:
  nodeName: node-1
  containers:
  - {name: calm, image: nginx:1.27, resources: {requests: {memory: 64Mi}}}
END
sleep 40
kubectl get pods -o wide
kubectl describe node node-1 | sed -n '/^Taints/,/^Unsch/p'
kubectl get node node-1 -o jsonpath='{.status.conditions[?(@.type=="MemoryPressure")]}{"\n"}'
kubectl get pod hog -o jsonpath='{.status.phase} {.status.reason}: {.status.message}{"\n"}{.status.conditions[?(@.type=="DisruptionTarget")].reason}{"\n"}'
kubectl get events --field-selector type=Warning
kubectl describe pod hog | sed -n '/^Status/,/^IP:/p'
sleep 330
kubectl get node node-1 -o jsonpath='{.status.conditions[?(@.type=="MemoryPressure")].status}{"\n"}'
kubectl get events | grep -i memory
