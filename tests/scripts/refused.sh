# What a command refuses before it asks the server, and what it makes of another object.
cat > m.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: picky}
spec:
  replicas: 0
  selector: {matchLabels: {app: picky}, matchExpressions: [{key: tier, operator: Exists}]}
  template:
    metadata: {labels: {app: picky, tier: web}}
    spec:
      containers:
      - name: c
        image: nginx:1.27
        ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53}, {containerPort: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: dns}
spec: {selector: {app: dns}, ports: [{name: a, port: 53, protocol: UDP}, {name: b, port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, labels: {a: "1", b: "2"}}
data: {log.level: debug}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]
END
kubectl apply -f m.yaml
kubectl expose deploy picky --port=80
kubectl expose deploy picky --selector=app=picky --dry-run=client -o jsonpath='{.spec.ports}{"\n"}'
kubectl expose svc dns --name=copy --dry-run=client -o jsonpath='{.spec.ports}{"\n"}'
kubectl expose pdb none --port=80
kubectl run a --image=UPPER
kubectl run a --image=nginx --rm
kubectl run a --image=nginx -t
kubectl run a --image=nginx --overrides=x
kubectl run a --image=nginx --port=80 --labels=l=m --expose --dry-run=client -o yaml
kubectl label cm conf a=3 b=4
kubectl annotate cm conf x=y x-
kubectl set env deploy/picky --from=cm/conf
kubectl set env deploy/picky -c none A=b
kubectl set selector svc/dns 'app in (a,b)'
kubectl set selector svc/dns 'app!=a'
kubectl set subject rolebinding/readers
kubectl set subject rolebinding/readers --serviceaccount=x
kubectl set subject cm/conf --user=x
kubectl set subject rolebinding/readers --user=jane
kubectl set subject rolebinding/readers --user=zoe --group=devs --serviceaccount=:bot
kubectl get rolebinding readers -o jsonpath='{range .subjects[*]}{.kind}:{.name} {end}{"\n"}'
kubectl scale deploy/picky --replicas=1 --current-replicas=7 --dry-run=client
kubectl scale deploy/picky --replicas=1 --current-replicas=7
kubectl replace -f m.yaml
kubectl replace -f m.yaml --cascade=some
kubectl delete -f m.yaml pod
kubectl delete pods --all -l a=b
kubectl delete deploy picky --force --grace-period=5
kubectl delete deploy picky --cascade=false --dry-run=client
kubectl wait --for=condition=Gone deploy/picky --timeout=0
kubectl logs svc/kubernetes
kubectl logs cm/conf
kubectl rollout status cm/conf
kubectl rollout undo deploy/picky --to-revision=-1
kubectl taint node node-1 a=b:NoSchedule --dry-run=client
kubectl config use-context
cat > c.yaml <<'END'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c}
spec: {accessModes: [ReadWriteOnce], storageClassName: slow, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: v}
spec: {accessModes: [ReadWriteOnce], storageClassName: other, capacity: {storage: 1Gi}, hostPath: {path: /a}}
END
kubectl apply -f c.yaml
sed 's/slow/fast/; s,/a,/b,' c.yaml | kubectl apply -f -
