# step before
kubectl get deployment web -o wide
kubectl get rs

# step surge
kubectl set image deployment/web nginx=nginx:1.27
kubectl rollout status deployment/web

# step traffic
load start http://web --rps 5
kubectl set image deployment/web nginx=nginx:1.28
kubectl rollout status deployment/web

# step bad-image
kubectl set image deployment/web nginx=nginx:1.99
sleep 10
kubectl get pods

# step undo
kubectl rollout undo deployment/web
kubectl rollout status deployment/web

# step unavailable
kubectl patch deployment web -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":2}}}}'
kubectl set image deployment/web nginx=nginx:1.29
kubectl rollout status deployment/web
