//! What several files of tests share: a script run to its end, and the Deployment that most of them begin with.

use std::fmt::Write as _;

use kobune::command::COMMANDS;
use kobune::shell::{Patience, Sandbox, Screen, Session};

/// Brings up three ready nginx 1.27 named `web`, with both probes, behind a Service of the same name; says nothing.
pub(crate) const WEB: &str = "
cat > web.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
        livenessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 10}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
END
kubectl apply -f web.yaml > /dev/null
kubectl rollout status deploy/web > /dev/null
";

/// Runs a script in a world; what it shows, and its exit code in brackets where that is not 0.
pub(crate) fn run(sandbox: &Sandbox, script: &str) -> String {
    let mut session = Session::new(sandbox.clone(), COMMANDS, Screen::new(0));
    session.set_patience(Patience::HEADLESS);
    session.run_script(script);
    let mut bytes = Vec::new();
    let code = session.finish(|chunk| bytes.extend(chunk.bytes));
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if code != 0 {
        write!(text, "[{code}]").expect("text can be written");
    }
    text
}
