//! The clerk between the editor and the sandbox's files: opens, writes, renames, applies.
//!
//! What is typed reaches the file after a short pause, and at once before anything reads it: a command, another tab,
//! Apply. While something typed has not been written, nothing may replace the editor's text ([`Clerk::is_behind`]).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use kobune::archive;
use kobune::command::kubectl::home_namespace;
use kobune::journal::{Act, Outcome, Save};
use kobune::shell::{HOME, Sandbox, resolve};
use kobune::view::desk::{self, Desk, base_name, free_name, is_file_name, quoted};
use kobune::view::diagnostics::{World, check};
use kobune::view::transport::Nap;
use kobune::view::{Lang, Text};
use yew::Callback;

use super::browser::{self, Alarm, Picked};
use super::drive::Driver;
use super::state::{Action, Notice, Pane};

/// How long typing must rest before it is written.
const REST: Nap = Nap::Millis(250);

/// How many files of an archive are opened, and how many names a message lists.
const SHOWN_MAX: usize = 5;

/// A handle to the clerk; clones mean the same one.
#[derive(Clone)]
pub(crate) struct Clerk(Rc<Office>);

impl PartialEq for Clerk {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Gives the text that the editor shows, if there is an editor.
pub(crate) type Pull = Rc<dyn Fn() -> Option<String>>;

struct Office {
    driver: Driver,
    sandbox: Sandbox,
    desk: RefCell<Desk>,
    /// The files on the desk that commands wait for.
    waiting: RefCell<Vec<String>>,
    /// Gives the editor's text.
    pull: RefCell<Option<Pull>>,
    /// Whether a check waits for the rest of the page's code.
    check_waits: Cell<bool>,
    /// Set while something typed has not been written.
    alarm: RefCell<Option<Alarm>>,
    tell: Callback<Action>,
}

impl Clerk {
    /// A clerk with the files on the desk that were there last; on a fresh desk lies the example.
    pub(crate) fn new(
        driver: &Driver,
        lang: Lang,
        desk: Option<Desk>,
        tell: Callback<Action>,
    ) -> Self {
        let fresh = desk.is_none();
        let clerk = Self(Rc::new(Office {
            sandbox: driver.sandbox(),
            driver: driver.clone(),
            desk: RefCell::new(desk.unwrap_or_default()),
            waiting: RefCell::default(),
            pull: RefCell::default(),
            check_waits: Cell::default(),
            alarm: RefCell::default(),
            tell,
        }));
        if fresh {
            let path = resolve(HOME, "web.yaml");
            if !clerk.0.sandbox.files(|files| files.exists(&path)) {
                clerk.write(&path, &desk::example(lang));
            }
            clerk.0.desk.borrow_mut().open(&path);
        }
        driver.set_desk(&clerk.desk());
        let flush = clerk.clone();
        driver.set_flush(Rc::new(move || flush.flush()));
        let open = clerk.clone();
        driver.set_open_for(Rc::new(move |waiting| open.open_for(waiting)));
        clerk
    }

    /// What lies on the desk.
    pub(crate) fn desk(&self) -> Desk {
        self.0.desk.borrow().clone()
    }

    /// Where the editor's text comes from.
    pub(crate) fn attach(&self, pull: Pull) {
        self.0.pull.replace(Some(pull));
    }

    /// The text of a file; bytes that are no text are replaced.
    pub(crate) fn read(&self, path: &str) -> Option<String> {
        let bytes = self.0.sandbox.files(|files| files.read(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether something typed has not been written.
    pub(crate) fn is_behind(&self) -> bool {
        self.0.alarm.borrow().is_some()
    }

    /// The user typed.
    pub(crate) fn typed(&self) {
        let clerk = self.clone();
        self.0.alarm.replace(Some(Alarm::after(REST, move || clerk.flush())));
    }

    /// Writes what was typed, and checks it.
    pub(crate) fn flush(&self) {
        if self.0.alarm.take().is_none() {
            return;
        }
        let pull = self.0.pull.borrow().clone();
        let active = self.0.desk.borrow().active.clone();
        if let (Some(path), Some(text)) = (active, pull.and_then(|pull| pull())) {
            self.write(&path, &text);
            self.check();
        }
    }

    /// Tells what is wrong with the file on top, once all of the page's code is here: in a fresh world that nobody has
    /// touched lies the example, and nothing is wrong with it.
    pub(crate) fn check(&self) {
        if browser::is_whole() {
            self.check_now();
        } else if !self.0.check_waits.replace(true) {
            let clerk = self.clone();
            browser::once_whole(move || {
                clerk.0.check_waits.set(false);
                clerk.check_now();
            });
        }
    }

    fn check_now(&self) {
        let active = self.0.desk.borrow().active.clone();
        let manifest = active.filter(|path| {
            let name = path.to_ascii_lowercase();
            [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending))
        });
        let text = manifest.and_then(|path| self.read(&path)).unwrap_or_default();
        let namespace = home_namespace(&self.0.sandbox);
        let told =
            self.0.sandbox.read(|cluster| check(&text, &World { cluster, namespace: &namespace }));
        self.0.tell.emit(Action::Diagnostics(told));
    }

    /// Applies the file on top, by the command that does it.
    pub(crate) fn apply(&self) {
        self.flush();
        let active = self.0.desk.borrow().active.clone();
        let Some(path) = active else { return };
        if self.waits_for(&path) {
            return self.0.driver.finish_edit(&path, true);
        }
        let folder = format!("{}/", self.0.driver.cwd().trim_end_matches('/'));
        let name = path.strip_prefix(&folder).unwrap_or(&path);
        self.0.driver.run(&format!("kubectl apply -f {}", quoted(name)));
    }

    /// Brings a file to the top.
    pub(crate) fn show(&self, path: &str) {
        self.change(|desk| desk.open(path));
    }

    /// Whether a command waits for a file.
    fn waits_for(&self, path: &str) -> bool {
        self.0.waiting.borrow().iter().any(|waiting| waiting == path)
    }

    /// Opens what commands wait for, and closes what they do not wait for any more.
    fn open_for(&self, waiting: Vec<String>) {
        let before = self.0.waiting.replace(waiting.clone());
        let opened: Vec<&String> = waiting.iter().filter(|path| !before.contains(path)).collect();
        self.change(|desk| {
            for path in before.iter().filter(|path| !waiting.contains(path)) {
                desk.close(path);
            }
            for path in &opened {
                desk.open(path);
            }
        });
        if !opened.is_empty() {
            self.0.tell.emit(Action::Pane(Pane::Editor));
        }
        self.0.tell.emit(Action::Waiting(waiting));
    }

    /// Lets the command that waits for the file on top go on without a change.
    pub(crate) fn drop_edit(&self) {
        self.flush();
        let active = self.0.desk.borrow().active.clone();
        if let Some(path) = active {
            self.0.driver.finish_edit(&path, false);
        }
    }

    /// Takes a file off the desk; it stays where it is.
    pub(crate) fn close(&self, path: &str) {
        if self.waits_for(path) {
            self.flush();
            return self.0.driver.finish_edit(path, false);
        }
        self.change(|desk| desk.close(path));
    }

    /// Brings the neighbour to the top.
    pub(crate) fn turn(&self, forward: bool) {
        self.change(|desk| desk.turn(forward));
    }

    /// Puts an empty file on the desk.
    pub(crate) fn new_file(&self) {
        if let Some(path) = self.place("manifest.yaml", "") {
            self.show(&path);
        }
    }

    /// Gives a file another name in its folder.
    pub(crate) fn rename(&self, path: &str, name: &str) {
        if name == base_name(path) {
            return;
        }
        self.flush();
        if !is_file_name(name) {
            return self.complain(Text::BadFileName, vec![name.to_owned()]);
        }
        let target = resolve(path, &format!("../{name}"));
        if self.0.sandbox.files(|files| files.exists(&target)) {
            return self.complain(Text::NameTaken, vec![name.to_owned()]);
        }
        let act = Act::Rename { from: path.to_owned(), to: target.clone() };
        match self.0.driver.act(act) {
            Outcome::Refused(error) => {
                self.complain(Text::FileRefused, vec![name.to_owned(), error.to_string()]);
            }
            Outcome::Done | Outcome::Incomplete => self.change(|desk| desk.rename(path, &target)),
        }
    }

    /// Takes a file that came from the user's computer; a save is not a file of the sandbox, but offered to be opened.
    pub(crate) fn take(&self, picked: Picked) {
        let clerk = self.clone();
        browser::when_whole(move || clerk.take_now(picked));
    }

    fn take_now(&self, picked: Picked) {
        match picked {
            Picked::Text(name, text) if Save::is_one(&text) => {
                self.0.tell.emit(Action::Offer(Some((name, text.into()))));
            }
            Picked::Text(name, text) => {
                if let Some(path) = self.place(&name, &text) {
                    self.show(&path);
                }
            }
            Picked::TooLarge(name, most) => {
                self.complain(Text::FileTooLarge, vec![name, most.to_string()]);
            }
            Picked::NotText(name) => self.complain(Text::FileNotText, vec![name]),
            Picked::BadArchive(name) => self.complain(Text::ArchiveBroken, vec![name]),
            Picked::Archive(name, all) => self.unpack(name, all),
        }
    }

    /// Takes the files of an archive, and shows the first ones.
    fn unpack(&self, name: String, all: Vec<Picked>) {
        let (mut paths, mut refused) = (Vec::new(), Vec::new());
        for picked in all {
            match picked {
                Picked::Text(name, text) => match self.place(&name, &text) {
                    Some(path) => paths.push(path),
                    None => refused.push(name),
                },
                Picked::TooLarge(name, _)
                | Picked::NotText(name)
                | Picked::BadArchive(name)
                | Picked::Archive(name, _) => refused.push(name),
            }
        }
        let count = paths.len().to_string();
        for path in paths.iter().take(SHOWN_MAX).rev() {
            self.show(path);
        }
        if refused.is_empty() {
            self.complain(Text::ArchiveTaken, vec![name, count]);
        } else {
            let more = refused.len().saturating_sub(SHOWN_MAX);
            refused.truncate(SHOWN_MAX);
            if more > 0 {
                refused.push(format!("+{more}"));
            }
            let names = refused.join(", ");
            self.complain(Text::ArchivePart, vec![name, count, names]);
        }
    }

    /// Gives the user the file on top.
    pub(crate) fn download(&self) {
        self.flush();
        let active = self.0.desk.borrow().active.clone();
        let Some(path) = active else { return };
        if let Ok(bytes) = self.0.sandbox.files(|files| files.read(&path)) {
            browser::download(base_name(&path), &bytes);
        }
    }

    /// Gives the user every file at home, in an archive.
    pub(crate) fn download_all(&self) {
        let clerk = self.clone();
        browser::when_whole(move || clerk.download_all_now());
    }

    fn download_all_now(&self) {
        self.flush();
        let all: Vec<(String, Vec<u8>)> = self.0.sandbox.files(|files| {
            let inside = files.below(HOME);
            inside
                .filter_map(|(name, entry)| {
                    Some((name.to_owned(), entry.bytes.as_deref()?.clone()))
                })
                .collect()
        });
        browser::download("kobune-files.zip", &archive::write(&all));
    }

    /// Writes a new file into the current folder, under a name that is free; its path. A file that is there already with
    /// the same text is left as it is.
    fn place(&self, name: &str, text: &str) -> Option<String> {
        self.flush();
        let cwd = self.0.driver.cwd();
        let name = if is_file_name(name) { name } else { "manifest.yaml" };
        let path = resolve(&cwd, name);
        if self.read(&path).as_deref() == Some(text) && !text.is_empty() {
            return Some(path);
        }
        let taken = |name: &str| self.0.sandbox.files(|files| files.exists(&resolve(&cwd, name)));
        let path = resolve(&cwd, &free_name(name, taken));
        self.write(&path, text).then_some(path)
    }

    fn change(&self, change: impl FnOnce(&mut Desk)) {
        self.flush();
        change(&mut self.0.desk.borrow_mut());
        self.0.driver.set_desk(&self.desk());
        self.0.tell.emit(Action::Desk(self.desk()));
        self.check();
    }

    fn write(&self, path: &str, text: &str) -> bool {
        let act = Act::Write { path: path.to_owned(), text: text.to_owned() };
        let Outcome::Refused(error) = self.0.driver.act(act) else { return true };
        self.complain(Text::FileRefused, vec![base_name(path).to_owned(), error.to_string()]);
        false
    }

    fn complain(&self, text: Text, values: Vec<String>) {
        self.0.tell.emit(Action::Notice(Notice { text, values }));
    }
}
