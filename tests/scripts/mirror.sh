kubectl run web --image=nginx > /dev/null
kubectl wait --for=condition=Ready pod/web > /dev/null
ip=$(kubectl get pod web -o jsonpath='{.status.podIP}')
cat > m.yaml <<END
apiVersion: v1
kind: Service
metadata: {name: outside}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: outside, labels: {by: hand}}
subsets:
- addresses: [{ip: $ip}]
  ports: [{port: 80}]
END
kubectl apply -f m.yaml 2> /dev/null
sleep 1
kubectl get endpointslices -l by=hand -o custom-columns=A:.endpoints[0].addresses,R:.endpoints[0].conditions,P:.ports[0].port,O:.metadata.ownerReferences[0].kind,M:.metadata.labels.'endpointslice\.kubernetes\.io/managed-by'
curl -s http://outside | head -1
kubectl delete endpoints outside 2> /dev/null
sleep 1
kubectl get endpointslices -l by=hand
curl -s http://outside
