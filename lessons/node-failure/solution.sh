# step power-off
node power-off node-2
kubectl wait --for=condition=Ready=Unknown node/node-2 --timeout=120s

# step still
kubectl get pods -o wide

# step evict
sleep 320
kubectl get pods -o wide

# step return
node power-on node-2
kubectl wait --for=condition=Ready node/node-2 --timeout=120s
sleep 5
kubectl get pods -o wide

# step sooner
kubectl apply -f fast.yaml
kubectl rollout status deployment/fast
node power-off node-3
kubectl wait --for=condition=Ready=Unknown node/node-3 --timeout=120s
sleep 30
kubectl get pods -o wide
