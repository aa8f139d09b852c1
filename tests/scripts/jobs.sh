# Jobs and CronJobs from their first Pod to their end.
cat > template.txt <<'E'
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: busybox:1.36
E
begin() {
  printf 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: %s}\nspec:\n' "$1"
}

echo "# one Pod an index, two at a time"
(begin indexed; echo '  completionMode: Indexed'; echo '  completions: 3'; echo '  parallelism: 2'; cat template.txt
 echo '        command: [sh, -c, "echo $JOB_COMPLETION_INDEX on $HOSTNAME; sleep 2"]') | kubectl apply -f -
kubectl logs job/indexed --pod-running-timeout=5s
sleep 15
kubectl get jobs,pods
kubectl logs -l job-name=indexed
kubectl get job indexed -o jsonpath='{.status.completedIndexes} {.status.conditions[*].type}{"\n"}'
kubectl get jobs --field-selector status.successful=3 -o name
kubectl get pods -o jsonpath='{.items[*].metadata.finalizers}{"\n"}'

echo "# failures are waited out, 10 s and then 20 s, until there are too many"
(begin failing; echo '  backoffLimit: 2'; cat template.txt; echo '        command: ["false"]') | kubectl apply -f -
sleep 60
kubectl get job failing
kubectl get events --field-selector involvedObject.name=failing -o custom-columns=REASON:.reason,MESSAGE:.message

echo "# an exit code that ends it all"
(begin strict; echo '  podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [42]}}]}'; cat template.txt
 echo '        command: [sh, -c, exit 42]') | kubectl apply -f -
sleep 10
kubectl get job strict -o jsonpath='{.status.conditions[*].type} {.status.conditions[0].message}{"\n"}'

echo "# suspended, resumed, and gone a while after its end"
(begin paused; echo '  parallelism: 2'; echo '  completions: 2'; echo '  ttlSecondsAfterFinished: 30'; cat template.txt
 echo '        command: [sleep, "10"]') | kubectl apply -f -
sleep 5
kubectl patch job paused -p '{"spec":{"suspend":true}}'
sleep 5
kubectl get job/paused
kubectl get pods -l job-name=paused
kubectl patch job paused -p '{"spec":{"suspend":false}}'
sleep 20
kubectl get job/paused
sleep 30
kubectl get job/paused
kubectl delete jobs --all
sleep 2
kubectl get pods

echo "# every minute by the clock of Tokyo, never two at once"
cat > tick.yaml <<'E'
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: "* * * * *"
  timeZone: Asia/Tokyo
  concurrencyPolicy: Forbid
  successfulJobsHistoryLimit: 1
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
          - {name: main, image: 'busybox:1.36', command: [sleep, '70']}
E
kubectl apply -f tick.yaml
sleep 330
kubectl get cronjob,jobs
kubectl get jobs -o jsonpath='{.items[0].metadata.annotations}{"\n"}'
kubectl get events --field-selector involvedObject.kind=CronJob -o custom-columns=COUNT:.count,REASON:.reason,MESSAGE:.message
kubectl patch cronjob tick -p '{"spec":{"suspend":true}}'
sleep 180
kubectl get cronjob
kubectl create job now --from=cronjob/tick
kubectl delete cronjob tick
sleep 40
kubectl get jobs,pods
