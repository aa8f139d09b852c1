# What stands below an object: its status, its scale.
kubectl create deployment d --image=nginx
kubectl create configmap c
kubectl get deploy d --subresource=scale
kubectl get deploy d --subresource=scale -o jsonpath='{.kind} {.spec.replicas} {.status.selector}{"\n"}'
kubectl get deploy d --subresource=status --no-headers
kubectl get cm c --subresource=status
kubectl get deploy d --subresource=nothing
kubectl get deploy --subresource=scale
kubectl patch cm c --subresource=status -p '{}'
kubectl patch deploy d --type=json -p '[1]'
kubectl patch deploy d --type=json -p '[{"op": "add", "path": 1}]'
kubectl patch deploy d --type=json -p null
