# nginx holds to its configuration, sends requests on, and does not start with a bad one.
kubectl apply -f - <<'END'
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data:
  default.conf: |
    upstream api {
        server back:80;
    }
    server {
        listen 8080;
        server_name _;
        root /data;
        add_header X-Served-By $hostname;
        location / { return 200 "hello $host$uri?$args\n"; }
        location = /health { access_log off; return 200 'OK'; }
        location /api/ { proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_pass http://api/v1/; }
        location /plain { proxy_pass http://api; }
        location /old { return 301 /new; }
        location /files/ { alias /srv/; }
        location ~ ^/user/(\d+)$ { return 200 "user $1\n"; }
        location /re { rewrite ^/re/(.*)$ /user/$1 last; }
        location /spa { root /usr/share/nginx/html; try_files $uri /index.html =404; }
        location /secret { deny all; }
        location /gone { proxy_pass http://gone; }
        error_page 502 /50x.html;
        location = /50x.html { root /usr/share/nginx/html; }
    }
---
apiVersion: v1
kind: Pod
metadata: {name: ng, labels: {run: ng}}
spec:
  containers:
  - {name: a, image: 'nginx:1.27', volumeMounts: [{name: c, mountPath: /etc/nginx/conf.d}]}
  volumes: [{name: c, configMap: {name: conf}}]
END
sleep 10
kubectl get pod ng
kubectl logs ng | tail -1
kubectl create deploy back --image=traefik/whoami:v1.10; kubectl expose deploy back --port=80
sleep 30
kubectl logs ng | tail -1
kubectl create service clusterip gone --tcp=80
sleep 60
kubectl get pod ng
kubectl expose pod ng --port=80 --target-port=8080
sleep 5
for p in /x?a=1 /health /api/users?id=7 /plain/y /files/none /user/42 /re/7 /spa/deep /secret/a /gone; do echo "== $p"; curl -s "http://ng$p" | grep -E '^(GET|Host:|X-F|hello|user|OK|<head)'; done
curl -si http://ng/old | head -5
kubectl logs ng | tail -5 | sed -E 's/10\.96\.[0-9.]+/IP/'
kubectl create cm bad --from-literal=default.conf='server { listen 80; lokation / { return 200; } }'
kubectl create cm bad2 --from-literal=default.conf='server { listen 80
 server_name a; location / { return 200 "x" } }'
for b in bad bad2; do kubectl run $b --image=nginx:1.27 --overrides='{"spec":{"containers":[{"name":"'$b'","image":"nginx:1.27","volumeMounts":[{"name":"c","mountPath":"/etc/nginx/conf.d"}]}],"volumes":[{"name":"c","configMap":{"name":"'$b'"}}]}}'; done
sleep 20; kubectl get pods bad bad2; kubectl logs bad | tail -1; kubectl logs bad2 | tail -1
kubectl exec ng -- ls /etc/nginx/conf.d; kubectl exec ng -- cat /etc/nginx/nginx.conf | head -4
