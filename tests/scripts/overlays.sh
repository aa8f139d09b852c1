# Two overlays of one base, told apart by what they put around names.
mkdir base dev prod both
cat > base/all.yaml <<'Y'
apiVersion: v1
kind: ServiceAccount
metadata: {name: bot}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec: {template: {spec: {serviceAccountName: bot}}}
Y
echo 'resources: [all.yaml]' > base/kustomization.yaml
printf 'resources: [../base]\nnamePrefix: dev-\n' > dev/kustomization.yaml
printf 'resources: [../base]\nnameSuffix: -prod\n' > prod/kustomization.yaml
# A patch for whatever has a label leaves the version that it has.
cat > both/kustomization.yaml <<'Y'
resources: [../dev, ../prod]
patches:
- target: {labelSelector: app=web}
  patch: |
    apiVersion: v1
    kind: Any
    metadata: {name: any, annotations: {by: patch}}
Y
kubectl kustomize both | grep -v -e metadata -e labels
kubectl kustomize dev --reorder=none | grep kind
kubectl kustomize dev --reorder=any
# An empty expression is the one before.
echo 'one two' | sed '/two/s//2/'
echo 'one two' | sed 's//2/'
