# A Pod's main process at the terminal, and what asks back.
kubectl create deployment web --image=nginx:1.27
kubectl expose deployment web --port=80
kubectl rollout status deployment/web
kubectl run tmp --image=busybox:1.36 -it --rm --restart=Never -- wget -qO- http://web | head -n 4
kubectl run tmp --image=busybox:1.36 -i --rm --restart=Never -q -- sh -c 'echo one; sleep 2; echo two; exit 3'
echo "exit code $?"
printf 'hostname\nx=5\necho $((x + 1))\nexit 4\n' | kubectl run shell --image=busybox:1.36 -i --restart=Never
echo "exit code $?"
kubectl get pod shell -o jsonpath='{.status.phase} {.status.containerStatuses[0].state.terminated.exitCode}{"\n"}'
kubectl attach shell
kubectl delete pod shell
kubectl run shell --image=busybox:1.36 --stdin --attach=false -- sh
kubectl wait --for=condition=Ready pod/shell
printf 'echo hello\n' | kubectl attach shell -i -q
kubectl run x --image=busybox:1.36 --rm
kubectl run x --image=busybox:1.36 -t
kubectl run x --image=busybox:1.36 -i --dry-run=client -o yaml
kubectl run x --image=busybox:1.36 -it --attach=false --dry-run=client -o yaml
echo "# asking back"
echo n | kubectl delete pod shell --interactive
echo y | kubectl delete deployment,pod web shell -i --grace-period=1
echo y | kubectl delete service,deployment web shell -i --ignore-not-found
echo "# events"
kubectl run late --image=nginx:1.27
kubectl events --for pod/late --watch --request-timeout 30s | sed 's/^[0-9a-z]* */AGE /'
