# step declare
kubectl apply -f web.yaml
kubectl rollout status deployment/web

# step delete
kubectl delete "$(kubectl get pods -l app=web -o name | head -n 1)"
kubectl rollout status deployment/web

# step owner
kubectl describe pod "$(kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.name}')"
kubectl get rs

# step all
kubectl delete pods -l app=web
kubectl rollout status deployment/web

# step bare
kubectl apply -f lonely.yaml
kubectl wait --for=condition=Ready pod/lonely
kubectl delete pod lonely
kubectl get pod lonely || true

# step label
kubectl label "$(kubectl get pods -l app=web -o name | head -n 1)" app=repair --overwrite
kubectl rollout status deployment/web
kubectl get pods --show-labels
