printf 'a=1\nb\n# c\n\n c=2\n' > e.env; echo hi > f.txt; mkdir dd; echo 2 > dd/ok
kubectl create job j --image=b --dry-run=client -o yaml -- echo hi
kubectl create cronjob c --image=b --schedule='*/1 * * * *' --dry-run=client -o yaml
kubectl create cronjob c --image=b --schedule='* * * * *' --restart=Never --dry-run=client -o yaml -- a b
kubectl create cronjob c --dry-run=client
kubectl create cronjob --image=a --schedule=b --dry-run=client
kubectl create quota q --hard=cpu=1,pods=5 --scopes=A,B --dry-run=client -o yaml
kubectl create quota q --dry-run=client -o yaml
kubectl create quota q --hard=cpu=1x --dry-run=client
kubectl create quota q --hard=cpu --dry-run=client
kubectl create quota q --hard=memory=1.5Gi,requests.cpu=1500m --dry-run=client -o yaml
kubectl create quota q --scopes=a,,b --dry-run=client
kubectl create ingress i --rule=foo.com/bar*=svc:80,tls=s --annotation=a=b --class=k --dry-run=client -o yaml
kubectl create ingress i --rule=/*=svc:http --rule=/a=b:80 --dry-run=client -o yaml
kubectl create ingress i --rule=a.com/*=svc:80,tls --rule=b.com/*=svc:80,tls --rule=c.com/=x:1,tls=q --rule=a.com/z=svc:80,tls --dry-run=client -o yaml
kubectl create ingress i --default-backend=a:http --dry-run=client -o yaml
kubectl create ingress i --default-backend=a --dry-run=client -o yaml
kubectl create ingress i --rule=foo.com=a:80 --dry-run=client
kubectl create ingress i --rule=foo.com/=a:80 --annotation=x --dry-run=client
kubectl create ingress i --rule=foo.com/=a:80 --annotation=x= --dry-run=client -o yaml
kubectl create ingress i --rule=*.foo.com/=a:80 --dry-run=client -o yaml
kubectl create ingress --dry-run=client
kubectl create service nodeport n --tcp=80:http --node-port=30080 --dry-run=client -o yaml
kubectl create service nodeport n --tcp=80 --tcp=443:8443 --dry-run=client -o yaml
kubectl create service clusterip n --tcp=99999 --dry-run=client
kubectl create service clusterip n --tcp=80:0 --dry-run=client
kubectl create service clusterip n --tcp=80:70000 --dry-run=client
kubectl create service clusterip n --tcp=80:UPPER_ --dry-run=client
kubectl create service clusterip n --tcp=x --dry-run=client
kubectl create service clusterip n --tcp=80 --clusterip=10.0.0.1 --dry-run=client -o yaml
kubectl create service clusterip n --dry-run=client
kubectl create service externalname s --dry-run=client
kubectl create service externalname s --external-name=A_b --dry-run=client
kubectl create service externalname s --external-name=a.b --tcp=80 --dry-run=client -o yaml
kubectl create service nope
kubectl create priorityclass p --dry-run=client -o yaml
kubectl create priorityclass p --value=1000000 --description='a b' --preemption-policy=Never --dry-run=client -o yaml
kubectl create priorityclass p --value=99999999999 --dry-run=client -o yaml
kubectl create token x --dry-run=client
kubectl create token
kubectl create token x --duration=-1s
kubectl create token x --duration=1ms
kubectl create token x --bound-object-name=a
kubectl create token x --bound-object-kind=a
kubectl create token x --bound-object-kind=Pod
kubectl create token x --bound-object-uid=Pod
kubectl create token x --audience=
kubectl create ns n --dry-run=client -o yaml
kubectl create cm c --from-literal=a=b --dry-run=client -o yaml
kubectl create pdb p --selector=a=b --min-available=50% --dry-run=client -o yaml
kubectl create pdb p --selector='a in (c,b),!z,q' --max-unavailable=1 --dry-run=client -o yaml
kubectl create pdb p --dry-run=client
kubectl create pdb p --selector=a=b --dry-run=client
kubectl create pdb p --selector=a=b --min-available=x --dry-run=client
kubectl create pdb p --selector=a=b --max-unavailable=-1 --dry-run=client
kubectl create pdb p --selector='a!=b' --min-available=1 --dry-run=client
kubectl create pdb p --selector='a>1' --min-available=1 --dry-run=client
kubectl create pdb p --selector='a=b=c' --min-available=1 --dry-run=client
kubectl create pdb p --selector=a=b --min-available=1 --max-unavailable=1 --dry-run=client
kubectl create secret generic s --from-literal=a=b --append-hash --dry-run=client -o yaml
kubectl create secret generic s --type=x/y --from-file=f.txt --from-literal=z=1 --append-hash --dry-run=client -o yaml
kubectl create cm s --from-literal=a=b --append-hash --dry-run=client -o name
kubectl create cm s --append-hash --dry-run=client
kubectl create serviceaccount x --dry-run=client -o yaml
kubectl create deployment d --image=a --image=b --dry-run=client -- x
kubectl create deployment d --image=a --image=b/c:1 --port=80 --replicas=3 --dry-run=client -o yaml
kubectl create deployment d --image=a --port=0 --dry-run=client -o yaml
kubectl create deployment d --image=a --port=99999 --dry-run=client -o yaml
kubectl create deployment d --image=A --dry-run=client -o yaml
kubectl create deployment d --image=a -n x --dry-run=client -o yaml
kubectl create clusterrole c --aggregation-rule=a=b,c=d --dry-run=client -o yaml
kubectl create clusterrole c --aggregation-rule=a --dry-run=client -o yaml
kubectl create clusterrole c --verb=get --non-resource-url=/x --dry-run=client -o yaml
kubectl create clusterrole c --verb=list --non-resource-url=/x --dry-run=client -o yaml
kubectl create clusterrole c --verb=get --non-resource-url=x --dry-run=client -o yaml
kubectl create clusterrole c --verb=get --non-resource-url='/x/*/y' --dry-run=client -o yaml
kubectl create clusterrole c --verb=get --dry-run=client
kubectl create clusterrole c --dry-run=client
kubectl create role c --verb=get --dry-run=client
kubectl create role c --dry-run=client
kubectl create clusterrole c --verb=get --aggregation-rule=a=b --dry-run=client
kubectl create clusterrolebinding x --dry-run=client
kubectl create clusterrolebinding x --clusterrole=a --serviceaccount=x --dry-run=client
kubectl create clusterrolebinding x --clusterrole=a --serviceaccount=x:y --user=u --user=v --group=g --dry-run=client -o yaml
kubectl create rolebinding x --dry-run=client
kubectl create rolebinding x --clusterrole=a --serviceaccount=x:y -n z --dry-run=client -o yaml
kubectl create rolebinding x --role=r --dry-run=client -o yaml
kubectl create job j --dry-run=client
kubectl create job j --image=a --from=cronjob/x --dry-run=client
kubectl create cm c --from-env-file=e.env --dry-run=client -o yaml
kubectl create cm c --from-env-file=nope --dry-run=client
kubectl create cm c --from-env-file=dd --dry-run=client
kubectl create secret generic c --from-env-file=dd --dry-run=client
kubectl create cm c --from-env-file=e.env --from-literal=a=b --dry-run=client
kubectl create cm c --from-file=a=b=c --dry-run=client
kubectl create cm c --from-file=nope --dry-run=client
kubectl create cm c --from-file==a --dry-run=client
kubectl create cm c --from-file=a= --dry-run=client
kubectl create cm c --from-literal=a --dry-run=client
kubectl create cm c --from-literal==a --dry-run=client
kubectl create cm c --from-literal=a= --dry-run=client -o yaml
kubectl create cm c --from-literal=a/b=1 --dry-run=client
kubectl create secret generic c --from-literal=a/b=1 --dry-run=client
kubectl create cm c --from-literal=a=1 --from-literal=a=2 --dry-run=client
kubectl create secret generic c --from-literal=a=1 --from-literal=a=2 --dry-run=client
kubectl create cm c --from-literal=a='"x"' --dry-run=client -o yaml
kubectl create cm c --from-file=dd --dry-run=client -o yaml
kubectl create cm c --from-file=k=dd --dry-run=client
kubectl create cm c --from-file=dd/ok --from-file=k=f.txt --dry-run=client -o yaml
kubectl create cm
kubectl create secret docker-registry x --from-file=f.txt --dry-run=client -o yaml
kubectl create secret docker-registry x --docker-username=a --dry-run=client
kubectl create secret docker-registry x --docker-username=a --docker-password='<&' --docker-server=r.io --dry-run=client -o yaml
kubectl create secret tls s --cert=f.txt --key=k.pem --dry-run=client
kubectl create secret tls s --dry-run=client
kubectl create role reader --verb=get,list,get --resource=po,svc,pods/log,rs.apps,events.events.k8s.io --resource-name=a --dry-run=client -o yaml
kubectl create role r --verb=fly --resource=podz
kubectl create role r --verb=get --resource=podz.apps
kubectl create role r --verb=bind --resource=pods
kubectl create clusterrole all --verb='*' --resource='*' --dry-run=client -o yaml
kubectl create token default --duration=1s
kubectl create token nobody
kubectl create token default | cut -c 1-2
kubectl create ns team
kubectl create sa bot -n team
kubectl create sa bot -n team
kubectl create service clusterip web --tcp=80:8080 -n team
kubectl get sa,svc -n team -o name
kubectl create deployment d --image=a --dry-run=client -o json
kubectl create deployment d --image=a --dry-run=client -o kyaml
kubectl create deployment d --image=a --dry-run=client --save-config -o jsonpath='{.metadata.annotations}'
