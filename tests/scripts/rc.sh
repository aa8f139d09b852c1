cat > rc.yaml <<'END'
apiVersion: v1
kind: ReplicationController
metadata: {name: old}
spec:
  replicas: 2
  selector: {app: old}
  template:
    metadata: {labels: {app: old}}
    spec:
      containers: [{name: c, image: nginx}]
END
kubectl run stray --image=nginx -l app=old > /dev/null
kubectl apply -f rc.yaml
sleep 15
kubectl get rc
kubectl get rc -o wide
kubectl get pods --no-headers | wc -l
kubectl get pod stray -o jsonpath='{.metadata.ownerReferences[0].kind} {.metadata.ownerReferences[0].apiVersion}{"\n"}'
kubectl get rc old -o yaml | sed -n '/^status/,$p'
kubectl scale rc old --replicas=4
sleep 10
kubectl describe rc old
kubectl autoscale rc old --max=5 --min=5
sleep 40
kubectl get rc,hpa
kubectl delete rc old
sleep 40
kubectl get pods
