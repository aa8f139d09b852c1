//! Asking the world by a shell command, without touching it: the command runs on a copy, which is then thrown away.
//!
//! No time passes in the copy: a command that would wait has failed. What the learner typed in this step stands in
//! [`TYPED`], one line each, so that a goal can ask for it (`grep -q 'get pods' /tmp/typed`).

use crate::command::COMMANDS;
use crate::shell::{Files, Sandbox, Screen, Session, Stream};

/// Where a check finds what was typed.
const TYPED: &str = "/tmp/typed";
/// The exit code of a command that would wait: that of `timeout`.
pub(super) const WOULD_WAIT: i32 = 124;

/// What a command answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained.
    pub stderr: String,
}

impl Outcome {
    /// What it printed, a line each, without blank ones.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.stdout.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    }
}

/// A world to ask: copied when it is first needed, and again if a command changed the copy.
#[derive(Debug)]
pub struct Copied<'a> {
    world: &'a Sandbox,
    typed: String,
    copy: Option<(Sandbox, (u64, u64))>,
}

impl<'a> Copied<'a> {
    /// This world, in which these lines were typed.
    pub fn of(world: &'a Sandbox, typed: String) -> Self {
        Self { world, typed, copy: None }
    }

    /// Runs a command on the copy.
    pub fn run(&mut self, script: &str) -> Outcome {
        let mark = |world: &Sandbox| {
            (world.read(|cluster| cluster.store().revision()), world.files(Files::revision))
        };
        let (copy, before) = self.copy.take().unwrap_or_else(|| {
            let copy = self.world.copied();
            let (typed, now) = (self.typed.as_bytes().to_vec(), copy.now());
            // A full disk only loses what was typed.
            copy.files_mut(|files| files.write(TYPED, typed, now)).unwrap_or(());
            let before = mark(&copy);
            (copy, before)
        });
        let mut session = Session::new(copy.clone(), COMMANDS, Screen::new(0));
        session.run_script(script);
        let code = session.poll().unwrap_or(WOULD_WAIT);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        for chunk in session.take_output() {
            match chunk.stream {
                Stream::Stdout => stdout.extend(chunk.bytes),
                Stream::Stderr => stderr.extend(chunk.bytes),
            }
        }
        // A command that waits has set the copy's clock an alarm, which is nothing that could be seen.
        if mark(&copy) == before {
            self.copy = Some((copy, before));
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Outcome { code, stdout: text(stdout), stderr: text(stderr) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Cluster, Settings};

    #[test]
    fn a_check_changes_nothing_and_never_waits() {
        let world = Sandbox::new(Cluster::new(Settings { nodes: 1, ..Settings::default() }));
        let before = world.read(Clone::clone);
        let mut copied = Copied::of(&world, "kubectl get pods\n".to_owned());
        for (script, code, stdout) in [
            ("kubectl create namespace x", 0, "namespace/x created\n"),
            ("kubectl get namespace x", 1, ""),
            ("echo a > f; cat f", 0, "a\n"),
            ("cat f", 1, ""),
            ("sleep 1", WOULD_WAIT, ""),
            ("grep -c 'get pods' /tmp/typed", 0, "1\n"),
            ("true && false", 1, ""),
        ] {
            let outcome = copied.run(script);
            assert_eq!((outcome.code, outcome.stdout.as_str()), (code, stdout), "{script}");
        }
        assert!(world.read(|cluster| *cluster == before));
    }
}
