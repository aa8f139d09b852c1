//! Lifecycle hooks: what runs right after a container's start and before its end.
//!
//! Models kubernetes `pkg/kubelet/lifecycle/handlers.go` and the hooks' part of `kuberuntime_container.go`: a postStart
//! hook holds up the start of the containers after it; one that fails kills its container. An `httpGet` hook fails only
//! where there is no answer at all.

use k8s_openapi::api::core::v1::LifecycleHandler;

use super::probe::port_of;
use super::worker::{Step, Trouble, Worker};
use super::{Host, World};
use crate::engine::{Connection, Request};
use crate::time::{Duration, Time};

/// How a hook went.
struct Ran {
    took: Duration,
    /// Why it failed, if it did.
    failed: Option<String>,
}

impl Ran {
    const fn fine(took: Duration) -> Self {
        Self { took, failed: None }
    }
}

impl Worker {
    /// Runs a container's postStart hook, if it has one; true if the sync has to wait for it.
    pub(super) fn post_start(&mut self, index: usize, host: &Host, now: Time) -> bool {
        let lifecycle = self.container(index).lifecycle.clone();
        let Some(hook) = lifecycle.and_then(|lifecycle| lifecycle.post_start) else { return false };
        let Ran { took, failed } = self.run_hook(index, &hook, host, now);
        self.step = Step::Hook { index, until: now + took, failed };
        true
    }

    /// A postStart hook has ended.
    pub(super) fn post_started(&mut self, host: &mut Host, world: &mut World<'_>) {
        let Step::Hook { index, failed, .. } = &self.step else { return };
        let (index, failed) = (*index, failed.clone());
        let Some(message) = failed else { return self.start_next(host, world) };
        // The message might give secrets away, so the Event does not have it.
        self.warning(index, host, world, "FailedPostStartHook", "PostStartHook failed");
        self.runs[index].waiting = Some(("PostStartHookError", message));
        self.met(Trouble::Failure);
        self.step = Step::Restarting;
        if self.runs[index].running() {
            self.stop(index, "FailedPostStartHook".to_owned(), host, world);
        }
        self.stop_on(host, world);
    }

    /// Runs a container's preStop hook and says how long it takes.
    pub(super) fn pre_stop(
        &mut self,
        index: usize,
        host: &Host,
        world: &mut World<'_>,
    ) -> Duration {
        let lifecycle = self.container(index).lifecycle.clone();
        let Some(hook) = lifecycle.and_then(|lifecycle| lifecycle.pre_stop) else {
            return Duration::ZERO;
        };
        let Ran { took, failed } = self.run_hook(index, &hook, host, world.now());
        if failed.is_some() {
            self.warning(index, host, world, "FailedPreStopHook", "PreStopHook failed");
        }
        took
    }

    fn run_hook(&mut self, index: usize, hook: &LifecycleHandler, host: &Host, now: Time) -> Ran {
        if let Some(sleep) = &hook.sleep {
            return Ran::fine(Duration::from_secs(u64::try_from(sleep.seconds).unwrap_or(0)));
        }
        let (name, pod) = (self.container(index).name.clone(), self.pod.name().to_owned());
        if let Some(command) = hook.exec.as_ref().and_then(|exec| exec.command.as_ref()) {
            let Some(done) = self.exec_to_end(index, command, now) else {
                return Ran {
                    took: Duration::ZERO,
                    failed: Some("the container does not run".to_owned()),
                };
            };
            let failed = (done.code != 0).then(|| {
                let words = command.join(" ");
                let code = done.code;
                format!(
                    "Exec lifecycle hook ([{words}]) for Container \"{name}\" in Pod \"{pod}\" failed - error: command '{words}' exited with {code}: {}, message: {:?}",
                    done.output, done.output
                )
            });
            return Ran { took: done.took, failed };
        }
        let Some(http) = &hook.http_get else { return Ran::fine(Duration::ZERO) };
        let Some(port) = port_of(&http.port, self.container(index)) else {
            return Ran { took: Duration::ZERO, failed: Some("invalid port".to_owned()) };
        };
        let own = self.ip.unwrap_or(host.address);
        let address = http.host.as_deref().and_then(|host| host.parse().ok()).unwrap_or(own);
        let path = http.path.as_deref().unwrap_or("/");
        let client = host.addresses.gateway();
        let mut request =
            Request::get(path, &format!("{address}:{port}"), "kube-lifecycle/1.36", client);
        for header in http.http_headers.iter().flatten() {
            request.headers.push((header.name.clone(), header.value.clone()));
        }
        let listener = self.listener(port, now).filter(|_| address == own);
        let failed =
            match listener.map(|container| self.connect(container, port, Some(&request), now).0) {
                Some(Connection::Answered(_) | Connection::Relays(_)) => None,
                Some(Connection::Accepted) => Some("EOF".to_owned()),
                Some(Connection::Refused) | None => {
                    Some(format!("dial tcp {address}:{port}: connect: connection refused"))
                }
            };
        let failed = failed.map(|error| {
            let error = format!("Get \"http://{address}:{port}{path}\": {error}");
            format!("HTTP lifecycle hook ({path}) for Container \"{name}\" in Pod \"{pod}\" failed - error: {error}")
        });
        Ran { took: Duration::ZERO, failed }
    }
}
