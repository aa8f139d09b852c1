kubectl create deployment web --image=nginx > /dev/null
cat > h.yaml <<'END'
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  maxReplicas: 3
  minReplicas: 2
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  targetCPUUtilizationPercentage: 60
END
kubectl apply -f h.yaml
kubectl apply -f h.yaml
kubectl get hpa
kubectl get hpa web -o yaml | sed -n '/^spec/,/^status/p'
kubectl get hpa web -o jsonpath='{.metadata.annotations}{"\n"}'
sed -i 's/60/70/' h.yaml
kubectl apply -f h.yaml
kubectl get hpa.v1.autoscaling
sleep 40
kubectl get horizontalpodautoscalers.v1.autoscaling web -o yaml
kubectl get -f h.yaml -o jsonpath='{.apiVersion} {.spec.targetCPUUtilizationPercentage}{"\n"}'
sed -i 's/targetCPU/targetGPU/' h.yaml
kubectl apply -f h.yaml
kubectl delete hpa.v1.autoscaling web
