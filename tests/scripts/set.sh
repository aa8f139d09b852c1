# kubectl set: images, variables, resources, accounts; what it refuses, and --record.
kubectl create deployment web --image=nginx:1.27 --replicas=2
kubectl rollout status deploy/web | tail -1
kubectl set image deploy/web nope=nginx:1.28
kubectl set image deploy/web '*=nginx:1.28' nginx=nginx:1.29
kubectl set image svc/kubernetes '*=nginx:1.28'
kubectl set image deploy web
kubectl set image deploy/web nginx=nginx:1.28 --local
kubectl set image deploy/web nginx=nginx:1.28 --record
kubectl rollout status deploy/web | tail -1
kubectl rollout history deploy/web
kubectl create configmap app --from-literal=log.level=debug --from-literal=mode=prod
kubectl create secret generic key --from-literal=token=abc
kubectl set env deploy/web --from=configmap/app --prefix=APP_
kubectl set env deploy/web --from=secret/key --keys=token
kubectl set env deploy/web --list
kubectl set env deploy/web --list --resolve
kubectl set env deploy/web TOKEN=1 --overwrite=false
kubectl set env deploy/web A=1 A-
kubectl set env deploy/web 1A=x
kubectl set env deploy/web -c 'x*' A=1
kubectl set env deploy/web -c 'ng*' A=1 APP_MODE-
printf 'B=2 # two\n\nC=3\n' | kubectl set env -e - deploy/web
kubectl set env deploy/web --list
kubectl set resources deploy/web --requests=cpu
kubectl set resources deploy/web -c nope --requests=cpu=1
kubectl set resources deploy/web --requests=cpu=0.1 --limits=memory=1024Mi -o jsonpath='{.spec.template.spec.containers[0].resources}{"\n"}'
kubectl set sa deploy/web robot --dry-run=server -o jsonpath='{.spec.template.spec.serviceAccount}{"\n"}'
kubectl set selector deploy/web a=b
kubectl create deployment api --image=nginx:1.27 --dry-run=client -o yaml | kubectl set image --local -f - '*=nginx:1.28' -o jsonpath='{.spec.template.spec.containers[0].image}{"\n"}'
kubectl set subject rolebinding x
