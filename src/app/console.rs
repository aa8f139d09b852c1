//! The command lines that run: started, polled after each step of the cluster, stopped.
//!
//! One session holds the prompt; what Apply starts while it is busy runs in a session of its own beside it.

use kobune::command::COMMANDS;
use kobune::shell::{Completion, Sandbox};
use kobune::shell::{Screen, Session, Stream as Written, Submitted};
use kobune::view::terminal::Stream;

use super::state::Action;

/// Everything that runs.
pub(crate) struct Console {
    sandbox: Sandbox,
    front: Session,
    /// The block of the front's running line.
    running: Option<u64>,
    /// Sessions of one line each.
    beside: Vec<(u64, Session)>,
    /// Ids given out so far.
    begun: u64,
}

impl Console {
    /// Nothing runs yet.
    pub(crate) fn new(sandbox: Sandbox) -> Self {
        let front = Session::new(sandbox.clone(), COMMANDS, Screen::new(COLUMNS));
        Self { sandbox, front, running: None, beside: Vec::new(), begun: 0 }
    }

    /// What stands before the cursor.
    pub(crate) fn prompt(&self) -> String {
        self.front.prompt()
    }

    /// The folder that the front session is in.
    pub(crate) fn cwd(&self) -> String {
        self.front.cwd()
    }

    /// What was typed, oldest first.
    pub(crate) fn history(&self) -> Vec<String> {
        self.front.history()
    }

    /// Starts a line at the prompt; `None` if it is not complete yet.
    pub(crate) fn submit(&mut self, line: &str) -> Option<u64> {
        if self.front.submit(line) != Submitted::Started {
            return None;
        }
        self.begun += 1;
        self.running = Some(self.begun);
        self.running
    }

    /// Starts a line at the prompt, or beside it while it is busy; the id, and whether it holds the prompt.
    pub(crate) fn run(&mut self, line: &str) -> (u64, bool) {
        if let Some(id) = self.submit(line) {
            return (id, true);
        }
        self.begun += 1;
        let mut session = Session::new(self.sandbox.clone(), COMMANDS, Screen::new(COLUMNS));
        session.set_cwd(&self.front.cwd());
        session.run_script(line);
        self.beside.push((self.begun, session));
        (self.begun, false)
    }

    /// Lets everything that runs go on, and tells what it printed and what ended.
    pub(crate) fn poll(&mut self) -> Vec<Action> {
        let mut told = Vec::new();
        if let Some(id) = self.running {
            let exit = self.front.poll();
            output(id, &mut self.front, &mut told);
            if let Some(exit) = exit {
                self.running = None;
                told.push(Action::Ended { id, exit, prompt: self.front.prompt() });
            }
        }
        let prompt = self.front.prompt();
        self.beside.retain_mut(|(id, session)| {
            let exit = session.poll();
            output(*id, session, &mut told);
            if let Some(exit) = exit {
                told.push(Action::Ended { id: *id, exit, prompt: prompt.clone() });
            }
            exit.is_none()
        });
        told
    }

    /// Stops the line that holds the prompt, as Ctrl+C does.
    pub(crate) fn interrupt(&mut self) -> Vec<Action> {
        let Some(id) = self.running.take() else { return Vec::new() };
        let mut told = Vec::new();
        output(id, &mut self.front, &mut told);
        self.front.interrupt();
        told.push(Action::Wrote { id, stream: Stream::Out, text: "^C\n".to_owned() });
        told.push(Action::Ended { id, exit: self.front.status(), prompt: self.front.prompt() });
        told
    }

    /// A line typed for the running command to read.
    pub(crate) fn type_input(&mut self, line: &str) {
        self.front.type_input(line);
    }

    /// The running command's input ends, as with Ctrl+D.
    pub(crate) fn end_input(&mut self) {
        self.front.end_input();
    }

    /// What could be typed at the end of a text.
    pub(crate) fn complete(&self, line: &str) -> Completion {
        self.front.complete(line)
    }
}

/// The width that commands format for.
const COLUMNS: usize = 120;

fn output(id: u64, session: &mut Session, told: &mut Vec<Action>) {
    for chunk in session.take_output() {
        let stream = match chunk.stream {
            Written::Stdout => Stream::Out,
            Written::Stderr => Stream::Err,
        };
        let text = String::from_utf8_lossy(&chunk.bytes).into_owned();
        told.push(Action::Wrote { id, stream, text });
    }
}
