//! The engine room: drives the cluster by the wall clock and publishes what it looks like, at most once a frame.
//!
//! A frame's work is bounded ([`SLICE_MICROS`]); when nothing is due no frame and no timer is set. Inputs are noted in
//! the journal before the core sees them. Commands run beside the clock: paused time lets them start and wait.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use kobune::cluster::Cluster;
use kobune::object::{Key, Object};
use kobune::shell::{Files, Sandbox};
use kobune::time::Time;
use kobune::view::Text;
use kobune::view::completion::complete;
use kobune::view::inspector::{self, Inspection, Sheet};
use kobune::view::narration::Happening;
use kobune::view::narration::{happenings, visible};
use kobune::view::picture::{Picture, Watcher};
use kobune::view::timeline::Timeline;
use kobune::view::transport::{Goal, Mode, Nap, SEEK_LIMIT, Transport};
use yew::Callback;

use super::browser::{Alarm, note, wall_micros};
use super::console::Console;
use super::state::{Action, Notice, World};

/// The longest a frame's work on the cluster may take.
const SLICE_MICROS: u64 = 8_000;

/// A handle to the engine room; clones mean the same one.
#[derive(Clone)]
pub(crate) struct Driver(Rc<RefCell<Room>>);

impl PartialEq for Driver {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What became of a line.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// It runs.
    Started,
    /// It is not complete; enter it again with more.
    Incomplete,
}

/// What Tab made of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Completed {
    pub(crate) line: String,
    /// What remains to choose from.
    pub(crate) candidates: Vec<String>,
}

struct Room {
    flush: Option<Rc<dyn Fn()>>,
    sandbox: Sandbox,
    console: Console,
    transport: Transport,
    watcher: Watcher,
    picture: Rc<Picture>,
    timeline: Rc<Timeline>,
    /// What the inspector looks at, and the version it saw last.
    focus: Option<(Key, Sheet)>,
    last: Option<Arc<Object>>,
    inspection: Option<Rc<Inspection>>,
    /// What was published last.
    told: Option<Told>,
    /// The revision up to which news were read.
    read: u64,
    alarm: Alarm,
    tell: Callback<Action>,
}

/// What decides whether there is something new to show.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Told {
    revision: u64,
    secs: i64,
    mode: Mode,
    speed: u32,
    acts: usize,
    files: u64,
}

impl Driver {
    /// Begins with a fresh cluster; nothing happens before [`Driver::wake`].
    pub(crate) fn new(cluster: Cluster, tell: Callback<Action>) -> Self {
        let now = cluster.now();
        let read = cluster.store().revision();
        let sandbox = Sandbox::new(cluster);
        Self(Rc::new(RefCell::new(Room {
            flush: None,
            console: Console::new(sandbox.clone()),
            sandbox,
            transport: Transport::new(wall_micros(), now),
            watcher: Watcher::default(),
            picture: Rc::default(),
            timeline: Rc::default(),
            focus: None,
            last: None,
            inspection: None,
            told: None,
            read,
            alarm: Alarm::Off,
            tell,
        })))
    }

    /// The world as it is now, for the page's first state.
    pub(crate) fn world(&self) -> World {
        let mut room = self.0.borrow_mut();
        room.look();
        room.world(Vec::new())
    }

    /// What stands before the cursor.
    pub(crate) fn prompt(&self) -> String {
        self.0.borrow().console.prompt()
    }

    /// The sandbox, for files.
    pub(crate) fn sandbox(&self) -> Sandbox {
        self.0.borrow().sandbox.clone()
    }

    /// Lets time run or stand.
    pub(crate) fn set_playing(&self, playing: bool) {
        self.set_mode(if playing { Mode::Playing } else { Mode::Paused });
    }

    /// Runs on until something happens.
    pub(crate) fn seek(&self, goal: Goal) {
        let now = self.now();
        let resume = self.0.borrow().transport.mode() == Mode::Playing;
        self.set_mode(Mode::Seeking { goal, until: now + SEEK_LIMIT, resume });
    }

    fn set_mode(&self, mode: Mode) {
        let now = self.now();
        self.0.borrow_mut().transport.set_mode(mode, wall_micros(), now);
        self.wake();
    }

    /// Changes the speed.
    pub(crate) fn set_speed(&self, speed: u32) {
        self.0.borrow_mut().transport.set_speed(speed, wall_micros());
        self.wake();
    }

    fn now(&self) -> Time {
        self.0.borrow().sandbox.read(Cluster::now)
    }

    /// How the editor is asked to write what was typed.
    pub(crate) fn set_flush(&self, flush: Rc<dyn Fn()>) {
        self.0.borrow_mut().flush = Some(flush);
    }

    /// Where news go.
    pub(crate) fn tell(&self) -> Callback<Action> {
        self.0.borrow().tell.clone()
    }

    /// The folder that the terminal is in.
    pub(crate) fn cwd(&self) -> String {
        self.0.borrow().console.cwd()
    }

    /// What was typed, oldest first.
    pub(crate) fn history(&self) -> Vec<String> {
        self.0.borrow().console.history()
    }

    /// Enters a line at the prompt.
    pub(crate) fn enter(&self, line: &str) -> Entered {
        self.start(line, |console| console.submit(line).map(|id| (id, true)))
    }

    /// Runs a line at the prompt, or beside it while it is busy.
    pub(crate) fn run(&self, line: &str) {
        self.start(line, |console| Some(console.run(line)));
    }

    fn start(
        &self,
        line: &str,
        begin: impl FnOnce(&mut Console) -> Option<(u64, bool)>,
    ) -> Entered {
        let flush = self.0.borrow().flush.clone();
        if let Some(flush) = flush {
            flush();
        }
        let now = self.now();
        note(now.micros(), "run", &[line]);
        {
            let room = &mut *self.0.borrow_mut();
            let Some((id, holds_prompt)) = begin(&mut room.console) else {
                return Entered::Incomplete;
            };
            if !line.trim().is_empty() {
                Rc::make_mut(&mut room.timeline).act(now, line.trim());
            }
            room.tell.emit(Action::Began { id, line: line.to_owned(), holds_prompt });
        }
        self.wake();
        Entered::Started
    }

    /// Stops the line that holds the prompt.
    pub(crate) fn interrupt(&self) {
        note(self.now().micros(), "interrupt", &[]);
        {
            let room = &mut *self.0.borrow_mut();
            for action in room.console.interrupt() {
                room.tell.emit(action);
            }
        }
        self.wake();
    }

    /// Hands a line to the running command.
    pub(crate) fn type_input(&self, line: &str) {
        note(self.now().micros(), "input", &[line]);
        self.0.borrow_mut().console.type_input(line);
        self.wake();
    }

    /// Ends the running command's input.
    pub(crate) fn end_input(&self) {
        note(self.now().micros(), "end-input", &[]);
        self.0.borrow_mut().console.end_input();
        self.wake();
    }

    /// Empties the screen.
    pub(crate) fn clear(&self) {
        self.0.borrow().tell.emit(Action::Clear);
    }

    /// What Tab makes of the text before the cursor.
    pub(crate) fn complete(&self, line: &str) -> Completed {
        let room = self.0.borrow();
        let (line, candidates) = complete(line, &room.console.complete(line));
        Completed { line, candidates }
    }

    /// Points the inspector at an object.
    pub(crate) fn focus(&self, focus: Option<(Key, Sheet)>) {
        {
            let mut room = self.0.borrow_mut();
            if room.focus == focus {
                return;
            }
            if room.focus.as_ref().map(|(key, _)| key) != focus.as_ref().map(|(key, _)| key) {
                room.last = None;
            }
            room.focus = focus;
            room.told = None;
        }
        self.wake();
    }

    /// Does what is due, shows it, and sets the alarm for the next time.
    pub(crate) fn wake(&self) {
        let nap = self.0.borrow_mut().tick();
        let driver = self.clone();
        let alarm = Alarm::after(nap, move || driver.wake());
        self.0.borrow_mut().alarm = alarm;
    }
}

impl Room {
    fn tick(&mut self) -> Nap {
        let start = wall_micros();
        let target = self.transport.look(start);
        self.poll();
        let finished = self.advance(target, start);
        let (now, due) = self.sandbox.read(|cluster| (cluster.now(), cluster.next_due()));
        if !finished {
            self.transport.reached(now);
        }
        self.end_of_search(now);
        self.publish();
        if finished { self.transport.nap(now, due) } else { Nap::Frame }
    }

    /// Steps up to `target` or until the frame's time is used up; whether it got there.
    fn advance(&mut self, target: Time, start: u64) -> bool {
        for round in 1_u32.. {
            let due = self.sandbox.read(Cluster::next_due);
            if due.is_none_or(|due| due > target) {
                break;
            }
            let before = self.sandbox.read(|cluster| cluster.store().revision());
            self.sandbox.drive(Cluster::step);
            self.poll();
            if self.goal_met(before) {
                return false;
            }
            if round.is_multiple_of(4) && wall_micros() - start > SLICE_MICROS {
                return false;
            }
        }
        if self.transport.mode() != Mode::Paused {
            self.sandbox.drive(|cluster| cluster.advance_to(target));
            self.poll();
        }
        true
    }

    fn poll(&mut self) {
        for action in self.console.poll() {
            self.tell.emit(action);
        }
    }

    /// Whether a search found what it looks for among the changes after a revision; if so, ends it.
    fn goal_met(&mut self, before: u64) -> bool {
        let Mode::Seeking { goal, resume, .. } = self.transport.mode() else { return false };
        let met = self.sandbox.read(|cluster| match goal {
            Goal::Event => cluster.store().log().since(before).any(visible),
            Goal::Happening => !happenings(cluster.store(), before).is_empty(),
        });
        if met {
            self.stop_search(resume);
        }
        met
    }

    fn end_of_search(&mut self, now: Time) {
        let Mode::Seeking { until, resume, .. } = self.transport.mode() else { return };
        if now >= until {
            self.stop_search(resume);
            let minutes = (SEEK_LIMIT.as_secs() / 60).to_string();
            let notice = Notice { text: Text::NothingAhead, values: vec![minutes] };
            self.tell.emit(Action::Notice(notice));
        }
    }

    fn stop_search(&mut self, resume: bool) {
        let now = self.sandbox.read(Cluster::now);
        let mode = if resume { Mode::Playing } else { Mode::Paused };
        self.transport.set_mode(mode, wall_micros(), now);
    }

    /// Sends the world to the page, if it looks different.
    fn publish(&mut self) {
        let told = self.sandbox.read(|cluster| Told {
            revision: cluster.store().revision(),
            secs: cluster.now().secs(),
            mode: self.transport.mode(),
            speed: self.transport.speed(),
            acts: self.timeline.acts(),
            files: self.sandbox.files(Files::revision),
        });
        if self.told == Some(told) {
            return;
        }
        let news = self.sandbox.read(|cluster| happenings(cluster.store(), self.read));
        if !news.is_empty() {
            let timeline = Rc::make_mut(&mut self.timeline);
            for news in &news {
                timeline.news(news);
            }
        }
        self.read = told.revision;
        if self.told.is_none_or(|before| before.revision != told.revision) {
            self.look();
        }
        self.inspect();
        self.told = Some(told);
        let world = self.world(news);
        self.tell.emit(Action::World(Box::new(world)));
    }

    fn look(&mut self) {
        let picture = self.sandbox.read(|cluster| self.watcher.look(cluster));
        self.picture = Rc::new(picture);
    }

    fn inspect(&mut self) {
        let Some((key, sheet)) = &self.focus else {
            self.inspection = None;
            return;
        };
        let (stored, inspection) = self.sandbox.read(|cluster| {
            let inspection = inspector::inspect(cluster, key, *sheet, self.last.as_ref());
            (cluster.store().get(key).cloned(), inspection)
        });
        if stored.is_some() {
            self.last = stored;
        }
        if self.inspection.as_deref() != inspection.as_ref() {
            self.inspection = inspection.map(Rc::new);
        }
    }

    fn world(&self, news: Vec<Happening>) -> World {
        World {
            picture: Rc::clone(&self.picture),
            now: self.sandbox.read(Cluster::now),
            mode: self.transport.mode(),
            speed: self.transport.speed(),
            timeline: Rc::clone(&self.timeline),
            inspection: self.inspection.clone(),
            news: Rc::new(news),
            files: self.sandbox.files(Files::revision),
        }
    }
}
