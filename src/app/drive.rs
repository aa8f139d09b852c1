//! The engine room: drives the cluster by the wall clock and publishes what it looks like, at most once a frame.
//!
//! A frame's work is bounded ([`SLICE_MICROS`]); when nothing is due no frame and no timer is set. The world is changed
//! through its [`Run`] alone, which writes acts down before it does them: an act is a value, and how frames cut the steps
//! cannot matter. Commands run beside the clock: paused time lets them start and wait.

mod hold;
mod keep;
mod lesson;
mod look;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use kobune::cluster::Cluster;
use kobune::journal::{Act, News, Outcome, Run};
use kobune::object::{Key, Object};
use kobune::output::explain::{self, Question};
use kobune::shell::{Files, Sandbox};
use kobune::time::Time;
use kobune::view::Text;
use kobune::view::completion::complete;
use kobune::view::inspector::{Inspection, Sheet};
use kobune::view::narration::{Happening, happenings, visible};
use kobune::view::picture::{Picture, Watcher, stir};
use kobune::view::timeline::Timeline;
use kobune::view::transport::{Goal, Mode, Nap, SEEK_LIMIT, Transport};
use yew::Callback;

use super::browser::{self, Alarm, Whose, wall_micros};
use super::classroom::Classroom;
use super::restore::Start;
use super::state::{Action, Notice, World};

use self::keep::Keeping;

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

/// What Tab made of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Completed {
    pub(crate) line: String,
    /// What remains to choose from.
    pub(crate) candidates: Vec<String>,
}

/// Opens the files that commands wait for in the editor, and closes those they do not wait for any more.
type OpenFor = Rc<dyn Fn(Vec<String>)>;

struct Room {
    flush: Option<Rc<dyn Fn()>>,
    open_for: Option<OpenFor>,
    /// The files that commands waited for when it was last looked.
    waiting: Vec<String>,
    /// The questions that commands waited for an answer to, when it was last looked; these are under way.
    asked: Vec<String>,
    /// Commands that wait for the rest of the page's code.
    held: Vec<Act>,
    run: Run,
    /// The run's world, to read.
    sandbox: Sandbox,
    transport: Transport,
    keeping: Keeping,
    classroom: Option<Classroom>,
    /// Whether the world can be stored.
    stored: bool,
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
    stir: u64,
    secs: i64,
    mode: Mode,
    speed: u32,
    acts: usize,
    files: u64,
}

impl Driver {
    /// Begins with a world; nothing happens before [`Driver::wake`].
    pub(crate) fn new(start: Start, tell: Callback<Action>) -> Self {
        let Start { run, timeline, moment, lesson, whose, .. } = start;
        let stored = whose == Whose::Own;
        let sandbox = run.sandbox().clone();
        let (now, read) = sandbox.read(|cluster| (cluster.now(), cluster.store().revision()));
        let mut transport = Transport::new(wall_micros(), now);
        if let Some(moment) = &moment {
            transport.set_speed(moment.speed, wall_micros());
            let mode = if moment.playing { Mode::Playing } else { Mode::Paused };
            transport.set_mode(mode, wall_micros(), now);
        }
        Self(Rc::new(RefCell::new(Room {
            flush: None,
            open_for: None,
            waiting: Vec::new(),
            asked: Vec::new(),
            held: Vec::new(),
            run,
            sandbox,
            transport,
            keeping: Keeping::new(moment.unwrap_or_default()),
            classroom: lesson.map(|play| Classroom::new(play, stored)),
            stored,
            watcher: Watcher::default(),
            picture: Rc::default(),
            timeline: Rc::new(timeline),
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

    /// The world, to read; it is changed by acts alone.
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

    /// How the editor is told which files commands wait for.
    pub(crate) fn set_open_for(&self, open_for: OpenFor) {
        self.0.borrow_mut().open_for = Some(open_for);
    }

    /// The user is done with a file that a command waits for; whether what was typed is to count.
    pub(crate) fn finish_edit(&self, path: &str, keep: bool) {
        self.act(Act::Edited { path: path.to_owned(), keep });
    }

    /// The folder that the terminal is in.
    pub(crate) fn cwd(&self) -> String {
        self.0.borrow().run.cwd()
    }

    /// What was typed, oldest first.
    pub(crate) fn history(&self) -> Vec<String> {
        self.0.borrow().run.history()
    }

    /// Does something to the world; what was typed in the editor is written before anything that could read it.
    pub(crate) fn act(&self, act: Act) -> Outcome {
        let flush = self.0.borrow().flush.clone();
        if let (Act::Enter(_) | Act::Run(_), Some(flush)) = (&act, flush) {
            flush();
        }
        let outcome = {
            let room = &mut *self.0.borrow_mut();
            let outcome = room.run.act(act);
            room.hear();
            room.observe();
            outcome
        };
        self.wake_soon();
        outcome
    }

    /// Goes on with the next frame: what was typed is shown first, and its task in the browser stays short.
    fn wake_soon(&self) {
        let driver = self.clone();
        let alarm = Alarm::after(Nap::Frame, move || driver.wake());
        self.0.borrow_mut().alarm = alarm;
    }

    /// What Tab makes of the text before the cursor.
    pub(crate) fn complete(&self, line: &str) -> Completed {
        let room = self.0.borrow();
        let (line, candidates) = complete(line, &room.run.complete(line));
        Completed { line, candidates }
    }

    /// Points the inspector at an object, once all of the page's code is here.
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
        }
        let driver = self.clone();
        let look = move || {
            driver.0.borrow_mut().told = None;
            driver.wake();
        };
        if self.0.borrow().focus.is_some() { browser::when_whole(look) } else { look() }
    }

    /// Does what is due, shows it, and sets the alarm for the next time.
    pub(crate) fn wake(&self) {
        let nap = self.0.borrow_mut().tick();
        let driver = self.clone();
        let alarm = Alarm::after(nap, move || driver.wake());
        self.0.borrow_mut().alarm = alarm;
        let asked = self.0.borrow_mut().newly_asked();
        if let Some((open_for, waiting)) = asked {
            open_for(waiting);
        }
        let questions = self.0.borrow_mut().new_questions();
        for question in questions {
            self.find_out(question);
        }
    }

    /// Fetches the document that a question is about, and hands in the answer.
    fn find_out(&self, line: String) {
        let Some(question) = Question::from_line(&line) else { return };
        let driver = self.clone();
        let address = format!("explain/{}.json", question.document());
        browser::fetch_text(&address, move |document| {
            let answer = match document {
                Ok(document) => explain::answer(&question, &document),
                Err(problem) => {
                    Err(format!("the descriptions of fields could not be fetched: {problem}"))
                }
            };
            driver.act(Act::Answered { question: line, answer });
        });
    }
}

impl Room {
    fn tick(&mut self) -> Nap {
        let start = wall_micros();
        self.play_back(start);
        let target = self.transport.look(start);
        let finished = self.advance(target, start);
        let (now, due) = self.sandbox.read(|cluster| (cluster.now(), cluster.next_due()));
        if !finished {
            self.transport.reached(now);
        }
        self.end_of_search(now);
        self.hear();
        self.keep(false);
        self.publish();
        let waits = self.classroom.as_ref().is_some_and(Classroom::plays_back);
        if finished && !waits { self.transport.nap(now, due) } else { Nap::Frame }
    }

    /// Steps up to `target` or until the frame's time is used up; whether it got there.
    fn advance(&mut self, target: Time, start: u64) -> bool {
        loop {
            let due = self.sandbox.read(Cluster::next_due);
            if due.is_none_or(|due| due > target) {
                break;
            }
            let before = self.sandbox.read(|cluster| cluster.store().revision());
            self.run.step();
            self.observe();
            if self.goal_met(before) {
                return false;
            }
            if wall_micros() - start > SLICE_MICROS {
                return false;
            }
        }
        if self.transport.mode() != Mode::Paused {
            self.run.pass(target);
        }
        true
    }

    /// The files that commands wait for, if they are others than before.
    fn newly_asked(&mut self) -> Option<(OpenFor, Vec<String>)> {
        let waiting = self.sandbox.editing().waiting();
        if waiting == self.waiting {
            return None;
        }
        self.waiting.clone_from(&waiting);
        Some((self.open_for.clone()?, waiting))
    }

    /// What commands ask and did not ask before.
    fn new_questions(&mut self) -> Vec<String> {
        let asked = self.sandbox.asking().waiting();
        let new = asked.iter().filter(|question| !self.asked.contains(question)).cloned().collect();
        self.asked = asked;
        new
    }

    /// Hands on what the terminal should show.
    fn hear(&mut self) {
        let news = self.run.take_news();
        if news.is_empty() {
            return;
        }
        for news in &news {
            if let News::Began { at, line, .. } = news
                && !line.trim().is_empty()
            {
                Rc::make_mut(&mut self.timeline).act(*at, line.trim());
                if let Some(classroom) = &mut self.classroom {
                    classroom.typed(*at, line.trim());
                }
            }
        }
        self.tell.emit(Action::Heard(news));
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
            stir: stir(cluster),
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
        if self.told.is_none_or(|old| (old.revision, old.stir) != (told.revision, told.stir)) {
            self.look();
        }
        self.inspect();
        if let Some(classroom) = &mut self.classroom {
            classroom.look(&self.sandbox);
        }
        self.told = Some(told);
        let world = self.world(news);
        self.tell.emit(Action::World(Box::new(world)));
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
            lesson: self.classroom.as_ref().map(Classroom::shown),
            showing: self.classroom.as_ref().is_some_and(Classroom::plays_back),
        }
    }
}
