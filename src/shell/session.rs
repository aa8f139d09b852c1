//! One terminal's shell: what runs in it, what was typed, what it showed.
//!
//! At most one line runs at a time; it moves when [`Session::poll`] is called, after each step of the cluster. Output
//! collects in the [`Screen`], both streams in order. Nothing here knows how a terminal looks.

use std::fmt;
use std::task::{Context, Poll, Waker};

use super::exec::{BUILTINS, Io, Leave, Patience, Shell, Step, list, poll_jobs};
use super::files::HOME;
use super::{
    Candidate, Chunk, Command, CompletionRequest, Input, LocalFuture, Output, Sandbox, Screen,
    Stream, files, pipe,
};
use crate::bash::ast::List;
use crate::bash::{ParseError, Parser};
use crate::cluster::Cluster;
use crate::order;
use crate::time::Duration;

/// The exit code of a line that was interrupted: 128 + SIGINT.
const INTERRUPTED: i32 = 130;
/// How many lines history keeps.
const HISTORY_MAX: usize = 1000;
/// How far [`Session::finish`] moves a world in which nothing is due.
const STILL_WORLD_STEP: Duration = Duration::from_secs(1);
/// The longest text that is taken as commands.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// What became of a line that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It runs, or has failed with a message on the screen; poll until it is done.
    Started,
    /// It is not complete (an open quote, a here-document...): prompt with `> ` and submit all of it again, with more.
    Incomplete,
    /// Another one still runs.
    Busy,
}

/// What could be typed at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins that a candidate replaces, in characters of the line.
    pub start: usize,
    /// In order of text, without repetition.
    pub candidates: Vec<Candidate>,
}

/// A shell with its terminal.
pub struct Session {
    shell: Shell,
    screen: Screen,
    running: Option<LocalFuture<Step>>,
    /// The writing end of the running line's standard input.
    keyboard: Option<Output>,
    ended: bool,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("running", &self.running.is_some()).finish_non_exhaustive()
    }
}

/// Jobs end with their shell, which they hold, and with it the world.
impl Drop for Session {
    fn drop(&mut self) {
        self.running = None;
        drop(self.shell.jobs.take());
    }
}

impl Session {
    /// A shell at home that shows its output on `screen`.
    pub fn new(sandbox: Sandbox, commands: &'static [Command], screen: Screen) -> Self {
        let mut shell = Shell::new(sandbox, commands);
        shell.interactive = true;
        Self { shell, screen, running: None, keyboard: None, ended: false }
    }

    /// Gives up commands that would wait for ever: for runs that nobody watches.
    pub fn set_patience(&mut self, patience: Patience) {
        self.shell.patience = Some(patience);
    }

    /// The text before the cursor: `student@kobune:~$ `.
    pub fn prompt(&self) -> String {
        let cwd = self.cwd();
        let folder = match cwd.strip_prefix(HOME) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
            _ => cwd,
        };
        format!("student@kobune:{folder}$ ")
    }

    /// The current folder.
    pub fn cwd(&self) -> String {
        self.shell.state().cwd.clone()
    }

    /// Goes to a folder, which is known to be there.
    pub fn set_cwd(&mut self, path: &str) {
        path.clone_into(&mut self.shell.state().cwd);
        self.shell.set("PWD", path.to_owned());
    }

    /// The exit code of the last line.
    pub fn status(&self) -> i32 {
        self.shell.state().status
    }

    /// What was typed, oldest first.
    pub fn history(&self) -> Vec<String> {
        self.shell.state().history.clone()
    }

    /// Whether a line runs.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Whether `exit` was called.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// What was shown since it was last asked.
    pub fn take_output(&mut self) -> Vec<Chunk> {
        self.screen.take()
    }

    /// Whether a text is complete lines, or wrong in such a way that more would not help.
    pub fn is_complete(&self, text: &str) -> bool {
        !matches!(all_lines(text), Err(ParseError::Incomplete(_)))
    }

    /// Starts what was typed: one line, or several once the first was incomplete.
    pub fn submit(&mut self, text: &str) -> Submitted {
        if self.running.is_some() {
            return Submitted::Busy;
        }
        let lines = match all_lines(text) {
            Err(ParseError::Incomplete(_)) => return Submitted::Incomplete,
            other => other,
        };
        self.remember(text);
        let (keyboard, stdin) = pipe();
        self.keyboard = Some(keyboard);
        let (shell, io) = (self.shell.clone(), self.io(stdin));
        self.start(Box::pin(async move {
            let lines = match lines {
                Ok(lines) => lines,
                Err(error) => return Ok(shell.complain(&io, error.message(), 2)),
            };
            let mut status = shell.state().status;
            for line in lines {
                status = list(&shell, &line, io.clone()).await?;
            }
            Ok(status)
        }));
        Submitted::Started
    }

    /// Runs a whole script, line by line up to its first error; nothing stands on its standard input.
    pub fn run_script(&mut self, text: &str) {
        self.shell.interactive = false;
        let (shell, io) = (self.shell.clone(), self.io(Input::default()));
        let mut parser = Parser::new(text, false);
        self.start(Box::pin(async move {
            let mut status = 0;
            loop {
                shell.line_began.set(shell.sandbox.now());
                shell.line_commands.set(0);
                match parser.next_line() {
                    Ok(None) => return Ok(status),
                    Ok(Some(line)) => status = list(&shell, &line, io.clone()).await?,
                    Err(error) => return Ok(shell.complain(&io, error.message(), 2)),
                }
            }
        }));
    }

    /// Brings what runs to its end, moving the world as far as that takes, and returns its exit code; hands on output
    /// as it appears. For faces without a clock of their own: with [`Patience`] it always ends.
    pub fn finish(&mut self, mut show: impl FnMut(Chunk)) -> i32 {
        while self.is_running() {
            let done = self.poll().is_some();
            self.take_output().into_iter().for_each(&mut show);
            if !done && self.shell.sandbox.drive(Cluster::step).is_none() {
                // Nothing will ever happen by itself, but patience ends.
                let later = self.shell.sandbox.now() + STILL_WORLD_STEP;
                self.shell.sandbox.drive(|cluster| cluster.advance_to(later));
            }
        }
        self.status()
    }

    fn start(&mut self, running: LocalFuture<Step>) {
        self.shell.line_began.set(self.shell.sandbox.now());
        self.shell.line_commands.set(0);
        self.running = Some(running);
    }

    fn io(&self, stdin: Input) -> Io {
        Io {
            stdin,
            stdout: self.screen.output(Stream::Stdout),
            stderr: self.screen.output(Stream::Stderr),
        }
    }

    /// Lets the running line and the jobs in the background go on as far as they can; the line's exit code once it is
    /// done.
    pub fn poll(&mut self) -> Option<i32> {
        poll_jobs(&self.shell);
        let running = self.running.as_mut()?;
        let Poll::Ready(result) = running.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        else {
            return None;
        };
        (self.running, self.keyboard) = (None, None);
        let code = match result {
            Ok(code) | Err(Leave::Return(code)) => code,
            Err(Leave::Exit(code)) => {
                self.ended = true;
                code
            }
            Err(Leave::Break(_) | Leave::Continue(_)) => 0,
        };
        self.shell.state().status = code;
        Some(code)
    }

    /// Whether something runs in the background.
    pub fn has_jobs(&self) -> bool {
        !self.shell.jobs.borrow().is_empty()
    }

    /// Ctrl+C: ends the running line with 130.
    pub fn interrupt(&mut self) {
        if self.running.take().is_some() {
            self.keyboard = None;
            let mut state = self.shell.state();
            state.status = INTERRUPTED;
            state.testing = 0;
            state.locals.clear();
            state.arguments.clear();
        }
    }

    /// Hands a typed line, with its newline, to the running command.
    pub fn type_input(&mut self, text: &str) {
        if let Some(keyboard) = &self.keyboard {
            // A command that reads nothing leaves it lying, as a terminal does.
            keyboard.write(text).unwrap_or(());
        }
    }

    /// Ctrl+D: the running command's input ends.
    pub fn end_input(&mut self) {
        self.keyboard = None;
    }

    /// Adds a line to the history.
    pub fn remember(&mut self, text: &str) {
        let text = text.trim();
        let mut state = self.shell.state();
        if !text.is_empty() && state.history.last().is_none_or(|last| last != text) {
            state.history.push(text.to_owned());
        }
        let surplus = state.history.len().saturating_sub(HISTORY_MAX);
        state.history.drain(..surplus);
    }

    /// What could be typed at the end of `line` (the text up to the cursor).
    pub fn complete(&self, line: &str) -> Completion {
        let (mut words, start) = last_command(line);
        self.unwrap_command(&mut words);
        let (last, before) =
            words.split_last().map_or(("", &[][..]), |(last, rest)| (last.as_str(), rest));
        let mut candidates = match before.split_first() {
            None if !last.contains('/') => self.command_names(last),
            None => self.file_names(last),
            Some((name, rest)) => {
                let command = self.shell.commands.iter().find(|command| command.name == name);
                let request = CompletionRequest {
                    words: rest.iter().cloned().chain([last.to_owned()]).collect(),
                    cwd: self.cwd(),
                };
                let own = command.map(|command| (command.complete)(&request, &self.shell.sandbox));
                own.filter(|own| !own.is_empty()).unwrap_or_else(|| self.file_names(last))
            }
        };
        order::sort(&mut candidates);
        candidates.dedup_by(|a, b| a.text == b.text);
        Completion { start, candidates }
    }

    /// Puts an alias's words in its place, and takes off what only runs the command behind it.
    fn unwrap_command(&self, words: &mut Vec<String>) {
        while words.len() > 1
            && matches!(words[0].as_str(), "sudo" | "watch" | "xargs" | "command" | "exec")
        {
            words.remove(0);
            while words.len() > 1 && words[0].starts_with('-') {
                words.remove(0);
            }
        }
        let alias = words.first().filter(|_| words.len() > 1).cloned().unwrap_or_default();
        if let Some(text) = self.shell.state().aliases.get(&alias) {
            words.splice(..1, text.split_whitespace().map(str::to_owned));
        }
    }

    fn command_names(&self, prefix: &str) -> Vec<Candidate> {
        let commands = self.shell.commands.iter().map(|command| (command.name, command.summary));
        let builtins = BUILTINS.iter().map(|builtin| (builtin.name, builtin.summary));
        let mut names: Vec<Candidate> = commands
            .chain(builtins)
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(name, summary)| Candidate { text: name.to_owned(), note: summary.to_owned() })
            .collect();
        let state = self.shell.state();
        let own = state.aliases.keys().chain(state.functions.keys());
        let own = own.filter(|name| name.starts_with(prefix));
        names.extend(own.map(|name| Candidate { text: name.clone(), note: String::new() }));
        names
    }

    /// Files whose paths begin like `word`; a folder's ends in a slash.
    fn file_names(&self, word: &str) -> Vec<Candidate> {
        let (shown, prefix) = match word.rsplit_once('/') {
            Some((folder, prefix)) => (format!("{folder}/"), prefix),
            None => (String::new(), word),
        };
        let folder = files::resolve(&self.cwd(), &shown.replacen("~/", &format!("{HOME}/"), 1));
        self.shell.sandbox.files(|files| {
            let entries = files.list(&folder).unwrap_or_default();
            entries
                .into_iter()
                .filter(|(name, _)| {
                    name.starts_with(prefix) && (!name.starts_with('.') || prefix.starts_with('.'))
                })
                .map(|(name, entry)| {
                    let slash = if entry.bytes.is_none() { "/" } else { "" };
                    Candidate { text: format!("{shown}{name}{slash}"), note: String::new() }
                })
                .collect()
        })
    }
}

/// Every line of a text that is complete.
fn all_lines(text: &str) -> Result<Vec<List>, ParseError> {
    if text.len() > TEXT_BYTES_MAX {
        let message = format!("the text is longer than {TEXT_BYTES_MAX} bytes; put it into a file");
        return Err(ParseError::Syntax(message));
    }
    if text.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1 {
        return Err(ParseError::Incomplete(String::new()));
    }
    let (mut parser, mut lines) = (Parser::new(text, true), Vec::new());
    while let Some(line) = parser.next_line()? {
        lines.push(line);
    }
    Ok(lines)
}

/// The words of the command that ends at the cursor, quotes taken off, and where the last word begins (in characters).
/// Assignments and everything before the last `|`, `;`, `&`, `(` or `` ` `` are left out.
fn last_command(line: &str) -> (Vec<String>, usize) {
    let (mut words, mut word, mut start, mut quote) = (Vec::new(), String::new(), 0, None);
    let mut escaped = false;
    for (at, c) in line.chars().enumerate() {
        match (c, quote) {
            (c, _) if std::mem::take(&mut escaped) => word.push(c),
            ('\\', None | Some('"')) => escaped = true,
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            (' ' | '\t', None) => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                start = at + 1;
            }
            ('|' | ';' | '&' | '(' | '`' | '\n', None) => {
                words.clear();
                word.clear();
                start = at + 1;
            }
            ('<' | '>', None) => {
                word.clear();
                start = at + 1;
            }
            (c, _) => word.push(c),
        }
    }
    words.push(word);
    while words.len() > 1 && words[0].contains('=') {
        words.remove(0);
    }
    (words, start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Settings;

    fn session() -> Session {
        let settings = Settings { nodes: 0, ..Settings::default() };
        Session::new(Sandbox::new(Cluster::new(settings)), &[], Screen::new(80))
    }

    /// Runs lines in one session; what they show, and the last code.
    fn shown(lines: &[&str]) -> String {
        let mut session = session();
        let mut text = String::new();
        for line in lines {
            assert_eq!(session.submit(line), Submitted::Started, "{line}");
            for _ in 0..2000 {
                if session.poll().is_some() {
                    break;
                }
                session.shell.sandbox.drive(Cluster::step);
            }
            assert!(!session.is_running(), "{line} goes on and on");
            for chunk in session.take_output() {
                text.push_str(&String::from_utf8_lossy(&chunk.bytes));
            }
        }
        format!("{text}[{}]", session.status())
    }

    #[test]
    fn a_job_does_not_keep_its_shell_alive() {
        let mut session = session();
        session.submit("while true; do sleep 1; done &");
        assert!(session.poll().is_some() && session.has_jobs());
        let jobs = std::rc::Rc::downgrade(&session.shell.jobs);
        drop(session);
        assert_eq!(jobs.strong_count(), 0);
    }

    #[test]
    fn an_unknown_command_is_not_found() {
        assert_eq!(shown(&["foo"]), "bash: foo: command not found\n[127]");
    }

    #[test]
    fn builtins_change_the_shell() {
        for (lines, want) in [
            (&["cd /tmp", "A=1", "export B=2", "type cd"][..], "cd is a shell builtin\n[0]"),
            (&["cd nowhere"], "bash: cd: nowhere: No such file or directory\n[1]"),
            (&["cd a b"], "bash: cd: too many arguments\n[1]"),
            (&["f() { return 3; }", "f"], "[3]"),
            (&["false_() { return 1; }; false_ || exit 7"], "[7]"),
            (&["! :"], "[1]"),
            (&["if :; then type :; else nope; fi"], ": is a shell builtin\n[0]"),
            (
                &["for i in a b; do type $i; done"],
                "bash: type: a: not found\nbash: type: b: not found\n[1]",
            ),
            (&["set -u", "type $X"], "bash: X: unbound variable\n[1]"),
            (&["x"], "bash: x: command not found\n[127]"),
            (&["(exit 5)"], "[5]"),
            (&["f() { f; }; f"], "bash: maximum nesting level exceeded (24)\n[1]"),
            (&["type cd > /tmp/f; read a b c < /tmp/f; type $b"], "bash: type: is: not found\n[1]"),
            (&["type cd nope 2>&1 >/dev/null"], "bash: type: nope: not found\n[1]"),
            (
                &["type cd nope 2>/dev/null | while read a b; do type $a; done"],
                "cd is a shell builtin\n[0]",
            ),
            (
                &["echo_() { local IFS_=1; type $1; }; echo_ $((1 + 2 * 3))"],
                "bash: type: 7: not found\n[1]",
            ),
            (
                &["a=x.tar.gz; cd ${a%%.*}; cd ${a#*.}; cd ${a/tar/zip}; cd ${b:-none} 2>&1"],
                "bash: cd: x: No such file or directory\nbash: cd: tar.gz: No such file or directory\nbash: cd: x.zip.gz: No such file or directory\nbash: cd: none: No such file or directory\n[1]",
            ),
            (&["cd {a,b}c"], "bash: cd: too many arguments\n[1]"),
            (&["cd /; cd /t*; cd -"], "/\n[0]"),
            (&["case abc in x|a*) type cd;; *) no;; esac"], "cd is a shell builtin\n[0]"),
            (
                &["read x <<EOF\n$(type cd) $A\nEOF", "type \"$x\""],
                "bash: type: cd is a shell builtin: not found\n[1]",
            ),
            (&["bash -c 'type $1; exit 4' me cd"], "cd is a shell builtin\n[4]"),
            (
                &["f & wait; jobs"],
                "[1] 1001\nbash: f: command not found\n[1]+  Exit 127                f\n[0]",
            ),
            (
                &["for ((i=0; i<2; i++)); do type x$i; done; ((i > 5)) || exit $((i += 5))"],
                "bash: type: x0: not found\nbash: type: x1: not found\n[7]",
            ),
            (&["function f { return 4; }", "alias g=f", "g"], "[4]"),
            (&["[[ abc == a* && ! x =~ ^y ]] && exit 3"], "[3]"),
            (&["[[ a < b || ( x = y ) ]]"], "[0]"),
            (&["[[ a b ]]"], "bash: conditional binary operator expected near `b'\n[2]"),
            (&["set -x", ": a 'b c'"], "+ : a 'b c'\n[0]"),
            (&["trap x EXIT"], "bash: trap: not simulated in this shell\n[1]"),
            (&["set -e; : && f; type cd"], "bash: f: command not found\n[127]"),
        ] {
            assert_eq!(shown(lines), want, "{lines:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_as_bash_says_it() {
        for (line, want) in [
            ("ls |", None),
            ("echo \"a", None),
            ("cat <<EOF", None),
            ("if true", None),
            ("| x", Some("bash: syntax error near unexpected token `|'\n[2]")),
            ("x )", Some("bash: syntax error near unexpected token `)'\n[2]")),
            ("fi", Some("bash: syntax error near unexpected token `fi'\n[2]")),
            ("x ;;", Some("bash: syntax error near unexpected token `;;'\n[2]")),
            ("x & & y", Some("bash: syntax error near unexpected token `&'\n[2]")),
            ("[[ a ==", None),
            ("for ((i=0; i<3; i++))", None),
            ("x >", Some("bash: syntax error near unexpected token `newline'\n[2]")),
            ("x 3>f", Some("bash: 3: streams other than 0, 1 and 2 are not simulated\n[2]")),
        ] {
            match want {
                None => assert_eq!(session().submit(line), Submitted::Incomplete, "{line}"),
                Some(want) => assert_eq!(shown(&[line]), want, "{line}"),
            }
        }
    }

    #[test]
    fn completion_sees_through_aliases() {
        let mut session = session();
        session.submit("alias k='cd -x'; f() { :; }");
        session.poll();
        for (line, words) in
            [("k a", "cd -x a"), ("sudo -E k b", "cd -x b"), ("k", "k"), ("kx y", "kx y")]
        {
            let mut found = last_command(line).0;
            session.unwrap_command(&mut found);
            assert_eq!(found.join(" "), words, "{line}");
        }
        let names = session.complete("k").candidates;
        assert!(names.iter().any(|name| name.text == "k"));
    }

    #[test]
    fn an_endless_loop_does_not_freeze_its_owner() {
        let mut session = session();
        session.submit("while :; do :; done");
        for _ in 0..10 {
            assert_eq!(session.poll(), None);
            session.shell.sandbox.drive(Cluster::step);
        }
        session.interrupt();
        assert_eq!(session.status(), 130);
        assert_eq!(session.submit(":"), Submitted::Started);
    }

    #[test]
    fn completion_finds_the_word_at_the_cursor() {
        for (line, words, start) in [
            ("", &[""][..], 0),
            ("kub", &["kub"], 0),
            ("kubectl get po", &["kubectl", "get", "po"], 12),
            ("ls | grep ", &["grep", ""], 10),
            ("A=1 ls 'a b", &["ls", "a b"], 7),
            ("cat > fi", &["cat", "fi"], 6),
            ("漁 ab", &["漁", "ab"], 2),
        ] {
            let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(last_command(line), (words, start), "{line}");
        }
    }

    #[test]
    fn parsing_takes_time_in_proportion() {
        for text in [
            "(",
            "((",
            "$(",
            "$((",
            "${",
            "{ ",
            "if ",
            "`",
            "\"",
            "[[ ",
            "case x in ",
            "{a,b}",
            "<<a ",
            "f() ",
        ] {
            let text = text.repeat(5000);
            let mut parser = Parser::new(&text, false);
            while let Ok(Some(_)) = parser.next_line() {}
        }
    }
}
