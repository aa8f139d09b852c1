//! What a shell remembers between commands, and the handle that its running commands share.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::files::HOME;
use super::super::{Command as External, Sandbox};
use super::Io;
use crate::bash::ast::Command;
use crate::order;
use crate::time::{Duration, Time};

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its text.
    pub(crate) value: String,
    /// Whether commands see it in their environment.
    pub(crate) exported: bool,
}

/// The part of a shell that a subshell gets a copy of.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of `set`")]
pub(crate) struct State {
    /// By name.
    pub(crate) variables: BTreeMap<String, Variable>,
    /// By name; each value is a compound command.
    pub(crate) functions: BTreeMap<String, Rc<Command>>,
    /// The current folder, absolute.
    pub(crate) cwd: String,
    /// `$?`
    pub(crate) status: i32,
    /// The code of the last `$(…)` of the command that is being read.
    pub(crate) substituted: Option<i32>,
    /// The files that stand for `<(…)` in the command that runs.
    pub(crate) substitutes: Vec<String>,
    /// `$0`
    pub(crate) name: String,
    /// `$1`, `$2`...
    pub(crate) arguments: Vec<String>,
    /// What `local` has set aside, one map for each function that runs.
    pub(crate) locals: Vec<BTreeMap<String, Option<Variable>>>,
    /// What was typed so far.
    pub(crate) history: Vec<String>,
    /// `set -e`
    pub(crate) exit_on_error: bool,
    /// `set -u`
    pub(crate) refuse_unset: bool,
    /// `set -o pipefail`
    pub(crate) pipe_fail: bool,
    /// `set -x`
    pub(crate) trace: bool,
    /// By name: the text that stands for it.
    pub(crate) aliases: BTreeMap<String, String>,
    /// How many conditions are being asked; `set -e` holds off inside them.
    pub(crate) testing: usize,
}

/// When a command that would wait for ever is given up (exit code 124): for runs that nobody watches.
#[derive(Copy, Clone, Debug)]
pub struct Patience {
    /// The longest a command waits that has not set itself an end.
    pub wait: Duration,
    /// It is given up earlier once nothing of weight was written for so long.
    pub quiet: Duration,
    /// The longest that one line of a script takes.
    pub line: Duration,
    /// The most commands that one line of a script runs.
    pub commands: u64,
}

impl Patience {
    /// What the headless runner has: ten minutes, or one in which nothing happens; a day for a loop.
    pub const HEADLESS: Self = Self {
        wait: Duration::from_mins(10),
        quiet: Duration::from_mins(1),
        line: Duration::from_hours(24),
        commands: 200_000,
    };
}

/// A shell: its state, the world, and the commands there are.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    state: Rc<RefCell<State>>,
    /// The world.
    pub(crate) sandbox: Sandbox,
    /// The commands there are, besides builtins.
    pub(crate) commands: &'static [External],
    /// When to give up; `None` waits for ever.
    pub(crate) patience: Option<Patience>,
    /// When the running line began.
    pub(crate) line_began: Rc<Cell<Time>>,
    depth: Rc<Cell<usize>>,
    spins: Rc<Cell<u32>>,
    /// What runs in the background.
    pub(crate) jobs: Rc<RefCell<Vec<super::jobs::Job>>>,
    /// Whether somebody types.
    pub(crate) interactive: bool,
    /// How many commands the running line has run.
    pub(crate) line_commands: Rc<Cell<u64>>,
}

/// Counts one level of nesting while it lives.
#[derive(Debug)]
pub(crate) struct Depth(Rc<Cell<usize>>);

impl Drop for Depth {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl Shell {
    /// A fresh shell at home.
    pub(crate) fn new(sandbox: Sandbox, commands: &'static [External]) -> Self {
        let exported = |value: &str| Variable { value: value.to_owned(), exported: true };
        let variables = [
            ("HOME", HOME),
            ("HOSTNAME", "kobune"),
            ("LANG", "C.UTF-8"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("PWD", HOME),
            ("SHELL", "/bin/bash"),
            ("TERM", "xterm-256color"),
            ("USER", "student"),
        ];
        let state = State {
            variables: variables.map(|(name, value)| (name.to_owned(), exported(value))).into(),
            functions: BTreeMap::new(),
            cwd: HOME.to_owned(),
            status: 0,
            substituted: None,
            substitutes: Vec::new(),
            name: "bash".to_owned(),
            arguments: Vec::new(),
            locals: Vec::new(),
            history: Vec::new(),
            exit_on_error: false,
            refuse_unset: false,
            pipe_fail: false,
            trace: false,
            aliases: BTreeMap::new(),
            testing: 0,
        };
        Self {
            line_began: Rc::new(Cell::new(sandbox.now())),
            state: Rc::new(RefCell::new(state)),
            sandbox,
            commands,
            patience: None,
            jobs: Rc::default(),
            interactive: false,
            depth: Rc::default(),
            spins: Rc::default(),
            line_commands: Rc::default(),
        }
    }

    /// A copy whose changes stay its own: what a subshell is.
    pub(crate) fn fork(&self) -> Self {
        let state = self.state.borrow().clone();
        Self { state: Rc::new(RefCell::new(state)), ..self.clone() }
    }

    /// The state. Must not be held across a wait.
    pub(crate) fn state(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }

    /// A variable's text.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.state().variables.get(name).map(|variable| variable.value.clone())
    }

    /// Sets a variable; it stays exported if it was.
    pub(crate) fn set(&self, name: &str, value: String) {
        self.state().variables.entry(name.to_owned()).or_default().value = value;
    }

    /// The exported variables.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let state = self.state();
        let exported = state.variables.iter().filter(|(_, variable)| variable.exported);
        order::map(exported.map(|(name, variable)| (name.clone(), variable.value.clone())))
    }

    /// Prints `bash: MESSAGE`, or a script's name for `bash`, and returns the code.
    pub(crate) fn complain(&self, io: &Io, message: &str, code: i32) -> i32 {
        // A reader that has gone reads no complaint.
        let name = self.state.try_borrow().map_or("bash".to_owned(), |state| state.name.clone());
        io.stderr.write(&format!("{name}: {message}\n")).unwrap_or(());
        code
    }

    /// One level deeper, while what is returned lives; `None` if that is too deep.
    pub(super) fn enter(&self, max: usize) -> Option<Depth> {
        if self.depth.get() >= max {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        Some(Depth(Rc::clone(&self.depth)))
    }

    /// Counts a command, and waits after each `every` of them.
    pub(super) async fn tick(&self, every: u32, wait: Duration) {
        self.line_commands.set(self.line_commands.get() + 1);
        self.spins.set(self.spins.get() + 1);
        if self.spins.get() >= every {
            self.spins.set(0);
            self.sandbox.sleep(wait).await;
        }
    }

    /// Whether the running line has had its time: for loops that only ever run builtins.
    pub(super) fn line_is_over(&self) -> bool {
        self.patience.is_some_and(|patience| {
            self.line_commands.get() > patience.commands
                || self.sandbox.now() - self.line_began.get() >= patience.line
        })
    }

    /// Whether a command that began to wait at `began` and waits now has waited enough.
    pub(super) fn gives_up(&self, began: Time) -> bool {
        let Some(patience) = self.patience else { return false };
        self.sandbox.read(|cluster| {
            let now = cluster.now();
            if now - self.line_began.get() >= patience.line {
                return true;
            }
            // Who has set itself an end is waited for.
            !self.sandbox.waits_for_time()
                && (now - began >= patience.wait
                    || now - cluster.last_write_of_weight().max(began) >= patience.quiet)
        })
    }
}
