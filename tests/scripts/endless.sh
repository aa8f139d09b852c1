# Commands that would never end are given up with 124, in a world at rest; those that set themselves an end are not.
settle
kubectl get pods -w
echo $?
sleep 15m
date +%T
while true; do :; done | head -n 1
settle extra
