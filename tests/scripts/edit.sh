# kubectl edit with editors that are commands: a change, none, an invalid one, a broken one, several objects.
kubectl edit deploy/web
kubectl create deployment web --image=nginx:1.27 --replicas=2
kubectl rollout status deploy/web | tail -1
kubectl edit deploy/web
EDITOR=nosuch kubectl edit deploy/web
export KUBE_EDITOR='sed -i s/replicas:.2/replicas:\ 3/'
kubectl edit deploy/web
kubectl rollout status deploy/web | tail -1
kubectl edit deploy/web
kubectl get deploy web -o jsonpath='{.spec.replicas}{"\n"}'
KUBE_EDITOR=true kubectl edit deploy web
KUBE_EDITOR=false kubectl edit deploy web
KUBE_EDITOR='sed -i -e s/replicas:.*/replicas:-1/' kubectl edit deploy web
rm /tmp/kubectl-edit-*
KUBE_EDITOR='sed -i -e "s/  replicas: .*/  replicas: -1/"' kubectl edit deploy web
head -8 /tmp/kubectl-edit-*.yaml
rm /tmp/kubectl-edit-*
KUBE_EDITOR='sed -i /^kind:/d' kubectl edit deploy web
cat /tmp/kubectl-edit-*.yaml | head -8
rm /tmp/kubectl-edit-*
KUBE_EDITOR='sed -i s/name:.web/name:\ other/' kubectl edit deploy web
KUBE_EDITOR='sed -i d' kubectl edit deploy web
KUBE_EDITOR='sed -i s/nginx:1.27/nginx:1.28/' kubectl edit deploy web --record -o jsonpath='{.spec.template.spec.containers[0].image}{"\n"}'
kubectl rollout status deploy/web | tail -1
kubectl rollout history deploy/web
KUBE_EDITOR='sed -i s/replicas:.3/replicas:\ 1/' kubectl edit deploy,svc
kubectl rollout status deploy/web | tail -1
KUBE_EDITOR='sed -i s/eplicas\":.1,/eplicas\":4,/' kubectl edit deploy web -o json --output-patch | head -2
printf '#!/bin/bash\nkubectl delete deploy web\nsed -i "s/replicas: 4/replicas: 2/" $1\n' > gone.sh
KUBE_EDITOR=./gone.sh kubectl edit deploy web
ls /tmp | grep -c kubectl-edit
