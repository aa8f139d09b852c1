# Kinds that definitions make.
cat > crd.yaml <<'END'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: boats, kind: Boat, shortNames: [bt], categories: [all, fleet]}
  versions:
  - name: v1alpha1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.crew, statusReplicasPath: .status.aboard}
    additionalPrinterColumns:
    - {name: Crew, type: integer, jsonPath: .spec.crew}
    - {name: Harbour, type: string, jsonPath: .spec.harbour, priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        description: A small ship.
        required: [spec]
        properties:
          spec:
            type: object
            required: [crew]
            x-kubernetes-validations:
            - {rule: "self.crew <= self.seats", message: "more crew than seats"}
            properties:
              crew: {type: integer, minimum: 1, description: How many sail it.}
              seats: {type: integer, default: 8}
              harbour: {type: string, enum: [osaka, kobe], default: kobe}
              ports: {type: array, x-kubernetes-list-type: set, items: {type: string, pattern: "^[a-z]+$"}}
          status:
            type: object
            properties: {aboard: {type: integer}}
END
kubectl apply -f crd.yaml
kubectl wait --for=condition=Established crd/boats.example.com
kubectl get crd boats.example.com -o jsonpath='{.status.acceptedNames}{"\n"}{.status.storedVersions}{"\n"}'
kubectl api-resources --api-group=example.com
kubectl api-versions | grep example
cat > boat.yaml <<'END'
apiVersion: example.com/v1
kind: Boat
metadata: {name: maru, labels: {a: b}}
spec: {crew: 3}
END
kubectl apply -f boat.yaml
kubectl apply -f boat.yaml
kubectl get boats
kubectl get bt -o wide
kubectl get fleet
kubectl get boat maru -o jsonpath='{.spec}{" "}{.metadata.generation}{"\n"}'
echo "# refused"
sed 's/crew: 3/crew: 0/' boat.yaml | kubectl apply -f -
sed 's/crew: 3/crew: many, harbour: nagoya/' boat.yaml | kubectl apply -f -
sed 's/crew: 3/crew: 9/' boat.yaml | kubectl apply -f -
sed 's/crew: 3/crw: 3/; s/maru/two/' boat.yaml | kubectl apply -f -
sed 's/crew: 3/crew: 3, ports: [a, B, a]/; s/maru/two/' boat.yaml | kubectl create -f -
sed 's/v1/v2/' boat.yaml | kubectl apply -f -
echo "# changed"
kubectl patch boat maru -p '{"spec":{"crew":4}}'
kubectl patch boat maru --type merge -p '{"spec":{"crew":4}}'
kubectl patch boat maru --type merge -p '{"spec":{"crew":4},"extra":1}'
kubectl patch boat maru --type json -p '[{"op":"replace","path":"/spec/crew","value":5}]'
kubectl patch boat maru --type merge --subresource status -p '{"status":{"aboard":2}}'
kubectl scale boat maru --replicas=2
kubectl get boat maru -o jsonpath='{.spec.crew}{" "}{.status.aboard}{" "}{.metadata.generation}{"\n"}'
kubectl label boat maru c=d
kubectl apply -f boat.yaml
kubectl get boats.v1alpha1.example.com maru -o jsonpath='{.apiVersion}{"\n"}'
kubectl describe boat maru | grep -v -e Time -e Version -e UID
kubectl explain boat.spec
kubectl explain boat
echo "# gone"
kubectl delete crd boats.example.com
kubectl get boats
kubectl get boat maru
kubectl apply -f boat.yaml
kubectl api-resources --api-group=example.com
kubectl get boats
kubectl apply -f boat.yaml
echo "# definitions that are refused"
kubectl apply -f - <<'END'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: cars.example.com}
spec:
  group: example
  scope: Global
  names: {plural: car, kind: Car}
  versions:
  - name: v1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, properties: {spec: {properties: {a: {type: strng}}}}}}
END
kubectl apply -f - <<'END'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: cars.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {plural: cars, kind: Car}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        x-kubernetes-validations: [{rule: "self.spec.weels > 3"}]
        properties: {spec: {type: object, properties: {wheels: {type: integer, default: four}}}}
  - {name: v2, served: true, storage: false}
END
echo "# a question as an object"
kubectl create serviceaccount bot
cat > review.yaml <<'END'
apiVersion: authorization.k8s.io/v1
kind: SelfSubjectAccessReview
spec: {resourceAttributes: {verb: list, resource: pods, namespace: default}}
END
kubectl create -f review.yaml
kubectl create -f review.yaml -o jsonpath='{.status}{"\n"}'
kubectl create -f review.yaml -o yaml --as=system:serviceaccount:default:bot
kubectl apply -f review.yaml
kubectl get selfsubjectaccessreviews
