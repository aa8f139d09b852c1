kubectl create deployment web --image=nginx:1.27 --replicas=3
kubectl create deployment api --image=redis:7
kubectl create cm a10 --from-literal=n=9
kubectl create cm a9 --from-literal=n=010
kubectl create cm big --from-literal=n=100 --from-literal=m=20
kubectl get deploy -o go-template='{{range .items}}{{.metadata.name}}={{.spec.replicas}} {{end}}'; echo
kubectl get cm big --template='{{range $k, $v := .data}}{{$k}}:{{$v}} {{end}}'; echo
kubectl get cm big -o go-template='{{.data.n.x}}' | head -3
kubectl get cm big -o go-template='{{.data.zz}}' --allow-missing-template-keys=false > /dev/null
kubectl get cm big -o go-template='{{.data'
kubectl get cm big -o go-template
kubectl get cm big -o go-template-file=nope
kubectl get cm big -o jsonpath='{.data.zz}' --allow-missing-template-keys=false 2>&1 | head -1
kubectl get cm --sort-by=.data.n -o name
kubectl get cm --sort-by='{.data.m}' --no-headers -o custom-columns=:metadata.name
kubectl get deploy --sort-by=.spec.replicas --no-headers | cut -d ' ' -f 1
kubectl get deploy --sort-by=.metadata.labels 2>&1 | cut -d ']' -f 2
kubectl get cm --sort-by=.nope
kubectl get cm big -o kyaml | head -8
kubectl get cm --show-labels -o yaml
kubectl get cm --output-watch-events
kubectl get cm --raw /version
kubectl get --raw version
kubectl get --raw /apis/apps/v1/namespaces/default/deployments/nope
kubectl get --raw /api/v1/namespaces/default/configmaps/a9 | cut -c 1-60
kubectl get --raw /api/v1/namespaces/default/configmaps | cut -c 1-40
kubectl get --raw /healthz; echo
kubectl get cm big -o yaml > big.yaml; kubectl get -f big.yaml -o name
