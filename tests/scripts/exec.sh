cat > shop.yaml <<'END'
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {greeting: hello, check.sh: "echo checked"}
---
apiVersion: v1
kind: Pod
metadata: {name: shop, labels: {app: shop}}
spec:
  initContainers:
  - name: prepare
    image: busybox:1.36
    command: [sh, -c, 'echo ready > /data/state']
    volumeMounts: [{name: data, mountPath: /data}]
  containers:
  - name: web
    image: nginx:1.27
    env: [{name: MODE, value: prod}]
    volumeMounts: [{name: settings, mountPath: /etc/shop}, {name: data, mountPath: /data}]
  - name: side
    image: busybox:1.36
    command: [sh, -c, 'while true; do sleep 5; done']
    volumeMounts: [{name: data, mountPath: /data}]
  - {name: cache, image: 'redis:7'}
  - {name: bare, image: 'hashicorp/http-echo:1.0', args: [-text=hi]}
  volumes: [{name: settings, configMap: {name: settings}}, {name: data, emptyDir: {}}]
END
kubectl apply -f shop.yaml
kubectl expose pod shop --port 80
kubectl exec shop -c web -- ls
kubectl wait pod/shop --for=condition=Ready > /dev/null
sleep 1
kubectl exec shop -- cat /etc/shop/greeting /data/state
kubectl exec shop -c side -- sh -c 'cd /data; pwd; echo more > new; cat state new; nosuch; echo "exit code $?"'
kubectl exec shop -c web -- sh -c 'echo mine > /usr/share/nginx/html/index.html; cat /nope'
curl -s http://shop
kubectl exec shop -c side -- wget -qO- http://shop
kubectl exec shop -c side -- wget -qO- localhost
kubectl exec shop -c cache -- redis-cli ping
kubectl exec shop -c side -- ps
kubectl exec shop -c web -- sh /etc/shop/check.sh
kubectl exec shop -c web -- printenv MODE
kubectl exec shop -c web -- ps
kubectl exec shop -c bare -- ls; echo "exit $?"
kubectl exec shop -c web -- sh -c 'exit 42'; echo "exit $?"
kubectl exec shop -c side -- sh -c 'sh -c "echo inner; exit 3"; echo $?'
kubectl exec shop -c nosuch -- ls
kubectl exec shop
kubectl exec nosuch -- ls
kubectl exec shop date
printf 'X=5\ncd /data\nls\necho $X\nexit 3\necho never\n' | kubectl exec -i shop -c side -- sh; echo "exit $?"
echo piped | kubectl exec -i shop -c side -- cat
kubectl exec shop -c side -- sh -c 'for i in 1 2 3; do date +%S; sleep 1; done'
# A shell as PID 1 has no handler for SIGTERM, nginx has; nobody within can kill PID 1 with SIGKILL.
kubectl exec shop -c side -- kill 1
kubectl exec shop -c web -- sh -c 'kill -9 1; kill 7'
kubectl exec shop -c web -- sh -c 'kill 1'
sleep 3
kubectl get pod shop -o custom-columns=NAME:.metadata.name,RESTARTS:.status.containerStatuses[*].restartCount
kubectl exec svc/shop -c web -- cat /usr/share/nginx/html/index.html | grep Welcome | head -1
