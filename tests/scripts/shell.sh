# What a shell does without a cluster: files, pipes, quoting, time, mistakes.
mkdir -p shop/{api,web} && cd shop && pwd
printf 'image: nginx:1.27\nreplicas: %d\n' 3 | tee web/web.yaml api/api.yaml > /dev/null
grep -rn image . | sort
sed -i 's/1.27/1.28/' web/*.yaml && diff_=$(cat web/web.yaml) && echo "$diff_"
for kind in api web; do echo "$kind: $(wc -l < $kind/$kind.yaml)"; done
kubctl get pods || echo "status $?"
cat missing.yaml > out.txt 2>&1; cat out.txt
date +%T; sleep 1m 30; date +%T
count=0; until [ $count -ge 3 ]; do count=$((count + 1)); done; echo $count
cd /nowhere
exit 4
