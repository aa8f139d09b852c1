//! One world with its terminal, and everything that may be done to it.
//!
//! Only [`Run::act`], [`Run::step`] and [`Run::pass`] change the world; each is the same function of what was before, on
//! every machine. Commands are polled by the first two alone. One session holds the prompt; what is run while it is busy
//! runs in a session of its own beside it.

use std::fmt;
use std::rc::Rc;

use super::act::Act;
use super::line::Chain;
use super::record::{Journal, Mark, Moment, STEPS_MAX};
use crate::cluster::{Cluster, Settings};
use crate::command::COMMANDS;
use crate::shell::{Completion, FileError, Sandbox, Screen, Session, Stream, Submitted, split};
use crate::time::Time;

/// The width that commands format for.
const COLUMNS: usize = 120;

/// What the terminal should show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A line began.
    Began {
        /// Tells it from the others.
        id: u64,
        /// When.
        at: Time,
        /// What was typed.
        line: String,
        /// Whether it holds the prompt.
        holds_prompt: bool,
    },
    /// A line printed something.
    Wrote {
        /// Which.
        id: u64,
        /// Where to.
        stream: Stream,
        /// What.
        text: String,
    },
    /// A line sent something to the cluster that is kept and not simulated, for the first time.
    Unsimulated {
        /// Which.
        id: u64,
        /// Kinds, and paths of fields as `kubectl explain` takes them.
        what: Vec<String>,
    },
    /// A line ended.
    Ended {
        /// Which.
        id: u64,
        /// Its exit code.
        exit: i32,
        /// What stands before the cursor now.
        prompt: String,
    },
    /// The screen was emptied.
    Cleared,
}

/// What became of an act.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The line is not complete; enter it again with more.
    Incomplete,
    /// A file could not be written.
    Refused(FileError),
}

/// Hears each line of the journal before what it tells of is done: its number, from 0, and the line.
pub type Keeper = Rc<dyn Fn(usize, &str)>;

/// A world with its terminal and its journal.
pub struct Run {
    sandbox: Sandbox,
    front: Session,
    /// The line that holds the prompt.
    running: Option<u64>,
    /// Sessions of one line each.
    beside: Vec<(u64, Session)>,
    /// Lines begun so far.
    begun: u64,
    /// Steps done so far.
    steps: u64,
    journal: Journal,
    keeper: Option<Keeper>,
    news: Vec<News>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("steps", &self.steps).finish_non_exhaustive()
    }
}

impl Run {
    /// A fresh world; its name tells saves apart.
    pub fn new(name: &str, settings: Settings) -> Self {
        let cluster = Cluster::new(settings);
        let journal = Journal::new(name, cluster.settings(), Mark::first(&cluster));
        let sandbox = Sandbox::new(cluster);
        sandbox.editing().offer();
        sandbox.asking().offer();
        Self {
            front: Session::new(sandbox.clone(), COMMANDS, Screen::new(COLUMNS)),
            sandbox,
            running: None,
            beside: Vec::new(),
            begun: 0,
            steps: 0,
            journal,
            keeper: None,
            news: Vec::new(),
        }
    }

    /// The world, to read: whoever changes it otherwise than through this run breaks the journal.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The virtual time.
    pub fn now(&self) -> Time {
        self.sandbox.now()
    }

    /// How many steps were done.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Who hears of lines from now on.
    pub fn set_keeper(&mut self, keeper: Keeper) {
        self.keeper = Some(keeper);
    }

    /// Writes an act down and does it.
    pub fn act(&mut self, act: Act) -> Outcome {
        let (number, here) = (self.journal.lines.len(), self.here());
        if let (Some(line), Some(keeper)) = (self.journal.record(here, &act), &self.keeper) {
            keeper(number, line);
        }
        let outcome = self.perform(act);
        self.poll();
        outcome
    }

    /// Does the next due task of the cluster, if there is one, and returns its time.
    pub fn step(&mut self) -> Option<Time> {
        let time = self.sandbox.drive(Cluster::step)?;
        self.steps += 1;
        self.poll();
        Some(time)
    }

    /// Lets time pass in which nothing is due.
    pub fn pass(&mut self, until: Time) {
        self.sandbox.drive(|cluster| {
            if cluster.next_due().is_none_or(|due| due > until) {
                cluster.advance_to(until);
            }
        });
    }

    /// What the terminal should show, since it was last asked.
    pub fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Whether a line holds the prompt.
    pub fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// Whether a text is complete lines, or wrong in such a way that more would not help.
    pub fn is_complete(&self, text: &str) -> bool {
        self.front.is_complete(text)
    }

    /// What stands before the cursor.
    pub fn prompt(&self) -> String {
        self.front.prompt()
    }

    /// The folder that the prompt is in.
    pub fn cwd(&self) -> String {
        self.front.cwd()
    }

    /// What was typed, oldest first.
    pub fn history(&self) -> Vec<String> {
        self.front.history()
    }

    /// What could be typed at the end of a text.
    pub fn complete(&self, line: &str) -> Completion {
        self.front.complete(line)
    }

    /// Whether everything so far is in the journal and can be done again.
    pub fn is_kept(&self) -> bool {
        !self.journal.full && self.steps <= STEPS_MAX
    }

    /// The first lines of the save.
    pub fn head(&self) -> &str {
        &self.journal.head
    }

    /// The lines of the acts.
    pub fn lines(&self) -> &[String] {
        &self.journal.lines
    }

    /// The line that tells where the run is now; none once it cannot be done again.
    pub fn moment(&self, moment: &Moment) -> Option<String> {
        self.is_kept().then(|| self.journal.moment(&self.here(), moment))
    }

    /// The lines that tell the files as they are now; each can be read by itself.
    pub fn files(&self) -> String {
        self.sandbox.files(|files| {
            let mut text = String::new();
            for (name, entry) in files.below("/") {
                let path = format!("/{name}");
                // A file whose bytes are no text is only in what made it.
                let bytes = entry.bytes.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok());
                let Some(bytes) = bytes else { continue };
                let fields = match self.journal.texts.get(&path) {
                    Some(known) if known == bytes => ["file", &path, "="].to_vec(),
                    _ => ["file", &path, ":", bytes].to_vec(),
                };
                text.push_str(&Chain::default().write(&fields));
            }
            text
        })
    }

    /// The whole save.
    pub fn save(&self, moment: &Moment) -> String {
        let mut text = self.journal.head.clone();
        text.extend(self.journal.lines.iter().map(String::as_str));
        text.extend(self.moment(moment));
        text.push_str(&self.files());
        text
    }

    pub(super) fn here(&self) -> Mark {
        self.sandbox.read(|cluster| self.journal.mark.next(cluster, self.steps))
    }

    pub(super) fn texts(&self) -> &super::act::Texts {
        &self.journal.texts
    }

    fn perform(&mut self, act: Act) -> Outcome {
        match act {
            Act::Enter(line) => return self.enter(line),
            Act::Run(line) => self.run(line),
            Act::Input(line) => self.front.type_input(&line),
            Act::EndInput => self.front.end_input(),
            Act::Interrupt => self.interrupt(),
            Act::Clear => self.news.push(News::Cleared),
            Act::Remember(line) => self.front.remember(&line),
            Act::Edited { path, keep } => self.sandbox.editing().finish(&path, keep),
            Act::Answered { question, answer } => {
                self.sandbox.asking().answer(&question, &answer);
            }
            Act::Write { path, text } => {
                let now = self.now();
                return outcome(self.sandbox.files_mut(|files| {
                    files.make_folders(split(&path).0, now)?;
                    files.write(&path, text.into_bytes(), now)
                }));
            }
            Act::Rename { from, to } => {
                let now = self.now();
                return outcome(self.sandbox.files_mut(|files| {
                    files.make_folders(split(&to).0, now)?;
                    files.rename(&from, &to, now)
                }));
            }
        }
        Outcome::Done
    }

    fn enter(&mut self, line: String) -> Outcome {
        match self.front.submit(&line) {
            Submitted::Started => {
                self.running = Some(self.begin(line, true));
                Outcome::Done
            }
            Submitted::Incomplete | Submitted::Busy => Outcome::Incomplete,
        }
    }

    fn run(&mut self, line: String) {
        if self.front.submit(&line) == Submitted::Started {
            self.running = Some(self.begin(line, true));
            return;
        }
        let mut session = Session::new(self.sandbox.clone(), COMMANDS, Screen::new(COLUMNS));
        session.set_cwd(&self.front.cwd());
        session.run_script(&line);
        let id = self.begin(line, false);
        self.beside.push((id, session));
    }

    fn begin(&mut self, line: String, holds_prompt: bool) -> u64 {
        self.begun += 1;
        self.news.push(News::Began { id: self.begun, at: self.now(), line, holds_prompt });
        self.begun
    }

    fn interrupt(&mut self) {
        let Some(id) = self.running.take() else { return };
        self.show(id, None);
        self.front.interrupt();
        self.news.push(News::Wrote { id, stream: Stream::Stdout, text: "^C\n".to_owned() });
        let (exit, prompt) = (self.front.status(), self.front.prompt());
        self.news.push(News::Ended { id, exit, prompt });
    }

    /// Lets everything that runs go on as far as it can.
    fn poll(&mut self) {
        if self.running.is_none() && self.front.has_jobs() {
            self.front.poll();
            self.show(self.begun, None);
        }
        if let Some(id) = self.running {
            let exit = self.front.poll();
            self.show(id, None);
            if let Some(exit) = exit {
                self.running = None;
                self.news.push(News::Ended { id, exit, prompt: self.front.prompt() });
            }
        }
        if self.beside.is_empty() {
            return;
        }
        let prompt = self.front.prompt();
        for (id, mut session) in std::mem::take(&mut self.beside) {
            let exit = session.poll();
            self.show(id, Some(&mut session));
            match exit {
                Some(exit) => self.news.push(News::Ended { id, exit, prompt: prompt.clone() }),
                None => self.beside.push((id, session)),
            }
        }
    }

    /// Hands on what a line printed, in the session at the prompt or in its own, and what is to be told beside it.
    fn show(&mut self, id: u64, beside: Option<&mut Session>) {
        for chunk in beside.unwrap_or(&mut self.front).take_output() {
            let text = String::from_utf8_lossy(&chunk.bytes).into_owned();
            self.news.push(News::Wrote { id, stream: chunk.stream, text });
        }
        let what = self.sandbox.take_unsimulated();
        if !what.is_empty() {
            self.news.push(News::Unsimulated { id, what });
        }
    }
}

fn outcome(done: Result<(), FileError>) -> Outcome {
    match done {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Refused(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::HOME;

    #[test]
    fn a_command_waits_for_its_file_in_the_editor() {
        let mut run = Run::new("main", Settings { nodes: 0, ..Settings::default() });
        let mut edit = |keep: bool| {
            run.act(Act::Enter("kubectl edit namespace default".to_owned()));
            run.take_news();
            let waiting = run.sandbox().editing().waiting();
            let [path] = waiting.as_slice() else { panic!("one file waits, not {waiting:?}") };
            let read = run.sandbox().files(|files| files.read(path)).unwrap();
            let text = String::from_utf8(read.to_vec()).unwrap();
            let text = text.replace("  labels:\n", "  labels:\n    team: a\n");
            run.act(Act::Write { path: path.clone(), text });
            run.act(Act::Edited { path: path.clone(), keep });
            assert_eq!(run.sandbox().editing().waiting(), Vec::<String>::new());
            format!("{:?}", run.take_news())
        };
        assert!(edit(false).contains("Edit cancelled, no changes made."));
        assert!(edit(true).contains("namespace/default edited"));
        run.act(Act::Enter("kubectl edit namespace default".to_owned()));
        run.act(Act::Interrupt);
        assert_eq!(run.sandbox().editing().waiting(), Vec::<String>::new());
    }

    #[test]
    fn a_command_waits_for_what_it_asks_outside_and_the_journal_knows_the_answer() {
        let mut run = Run::new("main", Settings { nodes: 0, ..Settings::default() });
        run.act(Act::Enter("kubectl explain deploy.spec | head -1 > said".to_owned()));
        let waiting = run.sandbox().asking().waiting();
        assert_eq!(waiting, ["apps/v1\tDeployment\t\tspec"]);
        let question = waiting[0].clone();
        run.act(Act::Answered { question, answer: Ok("KIND: \tDeployment\nmore\n".to_owned()) });
        assert!(!run.is_busy());
        let said = |run: &Run| run.sandbox().files(|files| files.read(&format!("{HOME}/said")));
        assert_eq!(said(&run).unwrap().as_slice(), b"KIND: \tDeployment\n");
        run.act(Act::Enter("kubectl explain nodes".to_owned()));
        let answer = Err("gone".to_owned());
        run.act(Act::Answered { question: "v1\tNode\t".to_owned(), answer });
        assert!(format!("{:?}", run.take_news()).contains("error: gone"));
        let save = format!("{}{}", run.head(), run.lines().concat());
        assert!(save.contains("answered") && save.contains("unanswered"));
    }

    #[test]
    fn what_is_not_simulated_is_told_once_and_not_printed() {
        let mut run = Run::new("main", Settings { nodes: 0, ..Settings::default() });
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  dnsPolicy: Default\n  containers: [{name: a, image: nginx}]\n";
        run.act(Act::Write { path: format!("{HOME}/a.yaml"), text: text.to_owned() });
        let mut told = |line: &str| {
            run.act(Act::Enter(line.to_owned()));
            let mut told = String::new();
            for news in run.take_news() {
                match news {
                    News::Unsimulated { what, .. } => told.push_str(&what.join(" ")),
                    News::Wrote { text, .. } => assert!(!text.contains("dnsPolicy"), "{text}"),
                    News::Began { .. } | News::Ended { .. } | News::Cleared => {}
                }
            }
            told
        };
        assert_eq!(told("kubectl apply -f a.yaml --dry-run=server"), "");
        assert_eq!(told("kubectl apply -f a.yaml"), "pod.spec.dnsPolicy");
        assert_eq!(told("sed 's/name: a}$/name: b}/' a.yaml | kubectl create -f -"), "");
        assert_eq!(told("kubectl create deployment web --image=nginx"), "");
    }

    #[test]
    fn a_file_is_written_with_its_folders() {
        let mut run = Run::new("main", Settings { nodes: 0, ..Settings::default() });
        let path = format!("{HOME}/a/b.yaml");
        let act = Act::Write { path: path.clone(), text: "x".to_owned() };
        assert_eq!(run.act(act), Outcome::Done);
        assert_eq!(run.sandbox().files(|files| files.read(&path)).unwrap().as_slice(), b"x");
        let act = Act::Write { path: format!("{path}/c"), text: String::new() };
        assert_eq!(run.act(act), Outcome::Refused(FileError::NotFolder));
    }
}
