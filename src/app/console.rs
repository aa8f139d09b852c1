//! The command lines that run: started, polled after each step of the cluster, stopped.
//!
//! One holds the prompt; others (what Apply starts while it is busy) run beside it.

use std::task::{Context, Poll, Waker};

use kobune::shell::{Input, LocalFuture, Output, Sandbox, pipe};
use kobune::view::terminal::Stream;

use super::state::Action;

/// Everything that runs.
pub(crate) struct Console {
    _sandbox: Sandbox,
    jobs: Vec<Job>,
    /// Ids given out so far.
    begun: u64,
}

struct Job {
    id: u64,
    holds_prompt: bool,
    run: LocalFuture<i32>,
    stdout: Input,
    stderr: Input,
}

impl Console {
    /// Nothing runs yet.
    pub(crate) fn new(sandbox: Sandbox) -> Self {
        Self { _sandbox: sandbox, jobs: Vec::new(), begun: 0 }
    }

    /// What stands before the cursor.
    pub(crate) fn prompt(&self) -> String {
        "$".to_owned()
    }

    /// Whether a command holds the prompt.
    pub(crate) fn busy(&self) -> bool {
        self.jobs.iter().any(|job| job.holds_prompt)
    }

    /// Starts a line and returns its id.
    pub(crate) fn begin(&mut self, line: &str, holds_prompt: bool) -> u64 {
        self.begun += 1;
        let ((stdout, stdout_end), (stderr, stderr_end)) = (pipe(), pipe());
        let run = run(line.to_owned(), stdout, stderr);
        self.jobs.push(Job {
            id: self.begun,
            holds_prompt,
            run,
            stdout: stdout_end,
            stderr: stderr_end,
        });
        self.begun
    }

    /// Lets everything that runs go on, and tells what it printed and what ended.
    pub(crate) fn poll(&mut self) -> Vec<Action> {
        let mut told = Vec::new();
        let mut context = Context::from_waker(Waker::noop());
        self.jobs.retain_mut(|job| {
            let polled = job.run.as_mut().poll(&mut context);
            for (stream, input) in [(Stream::Out, &job.stdout), (Stream::Err, &job.stderr)] {
                let bytes = input.drain();
                if !bytes.is_empty() {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    told.push(Action::Wrote { id: job.id, stream, text });
                }
            }
            if let Poll::Ready(exit) = polled {
                told.push(Action::Ended { id: job.id, exit, prompt: "$".to_owned() });
            }
            polled.is_pending()
        });
        told
    }

    /// Stops the command that holds the prompt.
    pub(crate) fn interrupt(&mut self) {
        self.jobs.retain(|job| !job.holds_prompt);
    }

    /// The line completed at its end, and the candidates if there are several.
    pub(crate) fn complete(&self, line: &str) -> (String, Vec<String>) {
        (line.to_owned(), Vec::new())
    }
}

fn run(line: String, stdout: Output, stderr: Output) -> LocalFuture<i32> {
    Box::pin(async move {
        drop(stdout);
        drop(stderr.write(&format!("{line}: the shell is not built in yet\n")));
        127
    })
}
