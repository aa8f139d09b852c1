//! `kubectl exec`'s way into a container: begun at the kubelet of the Pod's node, moved on by whoever waits for it.
//!
//! The API server's part is modelled on kubernetes `pkg/registry/core/pod/strategy.go` (`ExecLocation`), the connection's
//! errors on `staging/src/k8s.io/apimachinery/pkg/util/proxy`.

use super::Cluster;
use crate::engine::{Answered, ExecError, ExecSession, ExecState, Process, Stream};
use crate::kubelet::ExecPlace;
use crate::object::{Name, Object, PodBody, Reason, StatusError};
use crate::store::Because;
use crate::time::{Duration, Time};

/// How long until it is tried again to hear of a command on a machine that cannot be reached.
const UNHEARD: Duration = Duration::from_secs(1);

/// A command under way in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerExec {
    node: Name,
    place: ExecPlace,
    session: ExecSession,
    argv: Vec<String>,
    /// The network's answer, and when it is there.
    answer: Option<(Time, Answered)>,
    act: u64,
}

/// How a command in a container stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecStep {
    /// It waits until then.
    Waits(Time),
    /// It goes on until somebody ends it.
    Stays,
    /// It ended with this exit code.
    Ended(i32),
}

/// Why a command could not be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecRefused {
    /// The API server refused.
    Server(StatusError),
    /// The connection to the kubelet came to nothing: what is printed after `error: `.
    Connection(String),
}

impl ContainerExec {
    /// Takes the next line of an interactive shell, or says why it cannot be read.
    pub fn next_line(&mut self, line: &str) -> Result<(), String> {
        self.session.next_line(line)
    }

    /// Whether the shell was left with `exit`.
    pub fn left(&self) -> bool {
        self.session.left()
    }

    /// Whether its command is a shell that reads commands from its input.
    pub fn reads_commands(&self) -> bool {
        Process::reads_commands(&self.argv)
    }
}

impl Cluster {
    /// Begins a command in a container.
    pub fn begin_exec(
        &mut self,
        pod: &Object,
        container: &str,
        argv: &[String],
        input: String,
    ) -> Result<ContainerExec, ExecRefused> {
        let bad = |text: String| ExecRefused::Server(StatusError::new(Reason::BadRequest, text));
        let body = pod.as_pod().ok_or_else(|| bad("not a Pod".to_owned()))?;
        if !has_container(body, container) {
            return Err(bad(format!("container {container} is not valid for pod {}", pod.name())));
        }
        let node = body.own.node_name.clone();
        let node =
            node.ok_or_else(|| bad(format!("pod {} does not have a host assigned", pod.name())))?;
        let kubelet = self.kubelet(&node).map_err(|lost| {
            let text = format!("error dialing backend: {lost}");
            ExecRefused::Server(StatusError::new(Reason::InternalError, text))
        })?;
        let Some((place, begun)) = kubelet.begin_exec(pod, container, argv, input) else {
            return Err(ExecRefused::Connection(format!(
                "Internal error occurred: unable to upgrade connection: container not found (\"{container}\")"
            )));
        };
        match begun {
            Ok(session) => {
                self.acts += 1;
                let act = self.acts;
                Ok(ContainerExec { node, place, session, argv: argv.to_vec(), answer: None, act })
            }
            Err(ExecError::NotSimulated(text)) => Err(ExecRefused::Connection(text)),
            // Both the kubelet and the API server, which stands between, say that it is internal.
            Err(ExecError::Missing(text)) => {
                let id = exec_id(&place, self.acts);
                Err(ExecRefused::Connection(format!(
                    "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"{id}\": {text}"
                )))
            }
        }
    }

    /// The command line of a container's main process, if that is a shell that waits for who types to it.
    pub fn main_shell(&self, pod: &Object, container: &str) -> Option<Vec<String>> {
        let node = pod.as_pod()?.own.node_name.clone()?;
        self.kubelet(&node).ok()?.main_shell(pod, container)
    }

    /// Lets a command in a container go on as far as it can now.
    pub fn step_exec(
        &mut self,
        exec: &mut ContainerExec,
        out: &mut Vec<(Stream, String)>,
    ) -> ExecStep {
        loop {
            if self.exec_lives(exec) && self.kubelet(&exec.node).is_err() {
                // Nothing is heard of it until the machine can be reached again.
                return ExecStep::Waits(self.now + UNHEARD);
            }
            let answer = match exec.answer.take() {
                Some((at, answer)) if at > self.now => {
                    exec.answer = Some((at, answer));
                    return ExecStep::Waits(at);
                }
                answer => answer.map(|(_, answer)| answer),
            };
            let mut state = ExecState::Ended(137);
            let because = Because::Act(exec.act);
            let ContainerExec { place, session, node, .. } = exec;
            self.with_kubelet(node, because, |kubelet, world| {
                state = kubelet.run_exec(place, session, answer.as_ref(), out, world);
            });
            self.dispatch();
            match state {
                ExecState::Waits(until) => return ExecStep::Waits(until),
                ExecState::Stays => return ExecStep::Stays,
                ExecState::Ended(code) => return ExecStep::Ended(code),
                ExecState::Asks(ask) => {
                    let (delay, answer) = self.ask(&exec.place.origin, &ask);
                    exec.answer = Some((self.now + delay, answer));
                }
            }
        }
    }

    /// Whether the container still runs in which a command was begun.
    pub fn exec_lives(&self, exec: &ContainerExec) -> bool {
        self.kubelets.get(&exec.node).is_some_and(|kubelet| kubelet.exec_lives(&exec.place))
    }

    /// What an interactive shell shows before the cursor.
    pub fn exec_prompt(&self, exec: &ContainerExec) -> String {
        let kubelet = self.kubelets.get(&exec.node);
        let prompt =
            kubelet.map(|kubelet| kubelet.exec_prompt(&exec.place, &exec.argv, &exec.session));
        prompt.unwrap_or_default()
    }
}

fn has_container(pod: &PodBody, name: &str) -> bool {
    let inits = pod.shared.init_containers.iter().flatten();
    inits.chain(&pod.shared.containers).any(|container| container.name == name)
}

/// 64 hexadecimal digits, as containerd names an exec.
fn exec_id(place: &ExecPlace, acts: u64) -> String {
    let mut random = crate::random::Random::new(acts).split(&format!("{place:?}"));
    random.hex(64)
}
