# What is wrong with files, as different verbs tell it.
printf 'apiVersion: v1\nmetadata: {name: x}\n' > nokind.yaml
printf -- '- a\n' > list.yaml
printf 'apiVersion: foo/v1\nkind: Bar\nmetadata: {name: x}\n' > unknown.yaml
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone}\n' > gone.yaml
printf 'a: [b\n' > bad.yaml
kubectl get -f bad.yaml
kubectl describe -f unknown.yaml
kubectl get -f gone.yaml -f unknown.yaml
kubectl describe -f gone.yaml -f unknown.yaml
kubectl get -k .
kubectl delete -f nokind.yaml
kubectl label -f list.yaml a=b
kubectl create -f nokind.yaml
kubectl apply -f list.yaml
kubectl rollout status -f unknown.yaml
kubectl set image -f bad.yaml a=b
