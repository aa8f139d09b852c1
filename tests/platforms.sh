cat <<'END' > shop.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 5
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        resources:
          requests: {cpu: 700m, memory: 300Mi}
        readinessProbe:
          httpGet: {path: /, port: 80}
          periodSeconds: 3
---
apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector: {app: shop}
  ports:
  - port: 80
END
kubectl apply -f shop.yaml
settle
for round in 1 2 3; do curl -s http://shop | head -n 4; done
kubectl create deployment broken --image=ngnix --replicas=2
kubectl create deployment restless --image=busybox
kubectl create deployment large --image=redis:7 --replicas=14
sed 's/replicas: 5/replicas: 8/; s/nginx:1.27/nginx:1.28/' shop.yaml | kubectl apply -f -
sleep 7
kubectl get pods -o wide
kubectl delete $(kubectl get pods -l app=shop -o name | head -n 2)
kubectl scale deployment large --replicas=3
echo 'kind: [' | kubectl apply -f -
sleep 3600
kubectl get all,events,nodes -A -o yaml
kubectl describe pods
kubectl logs deployment/shop --tail=5
