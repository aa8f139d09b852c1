//! Lessons by link: which world the page opens, fetching what belongs to it, and the way from one world to another.
//!
//! A lesson has a world of its own with a save of its own; going to it or back loads the page afresh, so the learner's own
//! harbour waits in its save. What the learner reached is a line in the browser's storage.

use std::rc::Rc;

use kobune::cluster::Settings;
use kobune::journal::{Act, Moment, Run};
use kobune::lesson::{Lesson, Play, compiled, stage, world_name};
use kobune::shell::HOME;
use kobune::view::Text;
use kobune::view::lesson::{Listed, read_list};
use kobune::view::link::{Route, is_lesson_id, route, to_step};
use yew::Callback;

use super::browser;
use super::drive::Driver;
use super::state::{Action, Notice};

/// The list of lessons, beside the page.
const LIST: &str = "lessons/index.json";
/// How fast time runs when a lesson begins: starting Pods is seen, waiting is short.
const SPEED: u32 = 2;

/// The list of lessons as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shelf {
    /// The lesson that was asked for and is not there.
    pub(crate) unknown: Option<String>,
    /// The lessons; none until they are fetched.
    pub(crate) list: Option<Vec<Listed>>,
    /// Why they could not be fetched.
    pub(crate) error: Option<String>,
}

/// Which world the page opens.
#[derive(Clone, Debug)]
pub(crate) enum Berth {
    /// The learner's own, which has this name.
    Own(&'static str),
    /// A lesson's, at a step if one was named.
    Lesson(Rc<Lesson>, Option<usize>),
}

/// Finds out which world the link asks for. Where a lesson cannot be had it is the own one.
pub(crate) fn arrive(own: &'static str, then: impl FnOnce(Berth) + 'static) {
    let Route::Lesson(id, step) = route(&browser::hash().unwrap_or_default()) else {
        return then(Berth::Own(own));
    };
    browser::fetch_text(LIST, move |list| {
        let listed = list.is_ok_and(|list| read_list(&list).iter().any(|lesson| lesson.id == id));
        if !listed || !is_lesson_id(&id) {
            return then(Berth::Own(own));
        }
        browser::fetch_text(&format!("lessons/{id}.json"), move |text| {
            browser::when_whole(move || match text.ok().and_then(|text| compiled(&text).ok()) {
                Some(lesson) => then(Berth::Lesson(Rc::new(lesson), step)),
                None => then(Berth::Own(own)),
            });
        });
    });
}

impl Berth {
    /// The name of its save.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Own(name) => (*name).to_owned(),
            Self::Lesson(lesson, _) => world_name(&lesson.id),
        }
    }

    /// Whether what the last visit left is wanted: not if a link leads further than the learner was.
    pub(crate) fn goes_on(&self) -> bool {
        let Self::Lesson(lesson, step) = self else { return true };
        let reached = browser::load(&memo_name(&lesson.id)).and_then(|memo| Play::reach(&memo));
        reached.is_some_and(|reached| step.is_none_or(|step| step <= reached))
    }

    /// The world as it is when nothing was done in it, and what the page looks like.
    pub(crate) fn fresh(&self) -> (Run, Option<Moment>, Vec<Notice>) {
        let Self::Lesson(lesson, step) = self else {
            return (Run::new(&self.name(), Settings::default()), None, Vec::new());
        };
        let step = step.unwrap_or(0).min(lesson.steps.len().saturating_sub(1));
        let (mut run, notices) = match stage(lesson, step) {
            Ok(run) => (run, Vec::new()),
            Err((script, outcome)) => {
                let values = vec![format!("{script}: {}", outcome.stderr)];
                let notice = Notice { text: Text::LessonsFailed, values };
                (Run::new(&self.name(), Settings::default()), vec![notice])
            }
        };
        // How the stage was set is not the learner's business, not after a reload either.
        run.act(Act::Clear);
        drop(run.take_news());
        let open: Vec<String> =
            lesson.files.iter().map(|(name, _)| format!("{HOME}/{name}")).collect();
        let on_top = format!("{HOME}/{}", lesson.open);
        let active = open.iter().find(|path| **path == on_top).or(open.first()).cloned();
        (run, Some(Moment { playing: true, speed: SPEED, active, open }), notices)
    }

    /// The lesson in this world, as the learner left it if the world is as it was.
    pub(crate) fn play(&self, run: &Run, resumed: bool) -> Option<Play> {
        let Self::Lesson(lesson, step) = self else { return None };
        let memo = browser::load(&memo_name(&lesson.id)).filter(|_| resumed);
        let world = run.sandbox();
        let resumed = memo.and_then(|memo| Play::resume(Rc::clone(lesson), &memo, world));
        let mut play =
            resumed.unwrap_or_else(|| Play::begin(Rc::clone(lesson), step.unwrap_or(0), world));
        if let Some(step) = step {
            play.show(*step, world);
        }
        Some(play)
    }
}

/// Under which name it is stored how far a learner came.
pub(crate) fn memo_name(lesson: &str) -> String {
    format!("lesson.{lesson}")
}

/// Goes where the link leads; `first` if the page has just come up.
pub(crate) fn follow(driver: &Driver, tell: &Callback<Action>, first: bool) {
    let here = driver.lesson();
    match (route(&browser::hash().unwrap_or_default()), here) {
        (Route::Lesson(id, step), Some(play)) if play.lesson().id == id => {
            let Some(step) = step else {
                // Named, so that going back to this entry comes back to this step.
                return browser::replace_hash(&to_step(&id, play.shown()));
            };
            if !driver.show_step(step) {
                driver.begin_again(step);
            }
        }
        (Route::Lesson(id, _), None) => {
            let (driver, tell) = (driver.clone(), tell.clone());
            browser::fetch_text(LIST, move |list| {
                let shelf = shelf(list);
                let listed = shelf.list.iter().flatten().any(|lesson| lesson.id == id);
                if listed && !first {
                    return travel(&driver, &tell);
                }
                let unknown = (!listed && shelf.error.is_none()).then_some(id);
                tell.emit(Action::Shelf(Some(Rc::new(Shelf { unknown, ..shelf }))));
            });
        }
        (Route::Lessons, None) => {
            tell.emit(Action::Shelf(Some(Rc::default())));
            let tell = tell.clone();
            browser::fetch_text(LIST, move |list| {
                tell.emit(Action::Shelf(Some(Rc::new(shelf(list)))));
            });
        }
        (Route::Own, None) => tell.emit(Action::Shelf(None)),
        (Route::Own | Route::Lessons | Route::Lesson(..), Some(_)) => travel(driver, tell),
        (Route::Unknown(link), _) => {
            tell.emit(Action::Notice(Notice { text: Text::UnknownLink, values: vec![link] }));
        }
    }
}

fn shelf(list: Result<String, String>) -> Shelf {
    match list.map(|list| read_list(&list)) {
        Ok(list) => Shelf { list: Some(list), ..Shelf::default() },
        Err(error) => Shelf { error: Some(error), ..Shelf::default() },
    }
}

/// Leaves this world for the one that the link names; a world that cannot be stored is not left.
fn travel(driver: &Driver, tell: &Callback<Action>) {
    if driver.may_leave() {
        driver.leave();
        browser::reload();
    } else {
        tell.emit(Action::Notice(Notice { text: Text::NotKept, values: Vec::new() }));
    }
}
