# Containers edit texts with the same sed and awk as the prompt, and their shell has functions, pipes and loops.
kubectl run box --image=busybox:1.36 -- sh -c 'greet() { echo "hi $1 of $#"; return 2; }; greet a b; echo $?; for n in web-1 db-2; do echo ${n%%-*} ${n##*-} ${n/-/_}; done; sleep 1000'
sleep 5; kubectl logs box
kubectl exec box -- sh -c 'printf "a 1\nb 22\nc 3\n" > /tmp/f; sed -n "2p" /tmp/f; sed -i "s/22/2/" /tmp/f; awk "{s+=\$2} END {print s}" /tmp/f; awk "{print \$1}" /tmp/f | xargs echo all; cut -d" " -f2 /tmp/f | xargs -n1 echo item; base64 /tmp/f | base64 -d | head -1; echo -n admin | base64; basename /a/b.txt .txt; dirname /a/b'
kubectl exec box -- sh -c 'f() { for x in "$@"; do echo "<$x>"; done; shift; echo $1; }; f "a b" c; x=$(f q | head -1); echo "$x"; exit 3'; echo $?
kubectl exec box -- sh -c 'for i in 3 1 2; do echo $i; done | sort; while read a b; do echo "$b-$a"; done < /tmp/f; { echo x; echo y; } > /tmp/g; wc -l < /tmp/g; cat /tmp/f | while read line; do echo "[$line]"; done; r() { r | cat; }; r; s() { x=$(s); }; s; echo done'
kubectl exec box -- awk -F: '{print $1}' /etc/hostname
kubectl exec box -- sed 's/x' /etc/hostname; echo $?
kubectl exec box -- sh -c 'env | grep KUBERNETES_SERVICE_HOST | sed "s/.*=//"'
# The prompt's own shell: patterns in quotes, fields parted by IFS, variables lent to one command.
p=web-5d4f-abc; echo "${p%%-*}" "${p%-*}" ${p##*-} ${p^^} ${p:0:3}
printf 'k1=v1\nk2=a=b\n' > env.txt; while IFS== read -r k v; do echo "$k:$v"; done < env.txt
V=2 sh -c 'echo $V'; echo "[$V]"; IFS=,; for x in a,b; do echo $x; done; y=a,b; for x in $y; do echo $x; done; unset IFS
echo $((2**10)) $((2**3**2)) $((-2**2)); printf 'a\0b\0' | xargs -0 -n1
