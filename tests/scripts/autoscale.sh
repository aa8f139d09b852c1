kubectl create deployment web --image=nginx:1.27
kubectl create cm big
kubectl autoscale deployment web --min=2 --max=5 --cpu=60% --dry-run=client -o yaml
kubectl autoscale deployment web --max=5 --cpu=500 --memory=1.5Gi --dry-run=client -o json
kubectl autoscale deployment web --max=5 --cpu-percent=60 --dry-run=client
kubectl autoscale deployment web --max=5 --cpu=x
kubectl autoscale deployment web --max=5 --cpu=60% --cpu-percent=3
kubectl autoscale deployment web --max=0
kubectl autoscale deployment web
kubectl autoscale cm big --max=3
kubectl autoscale deployment web --max=5 --min=7
kubectl autoscale deployment web --min=2 --max=5 --cpu=60%
kubectl autoscale deployment web --max=5
kubectl autoscale deployment web --max=5 --cpu=60%
kubectl get hpa -o name
