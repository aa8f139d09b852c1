//! The page's state and the one function that changes it.
//!
//! A value: components get parts of it and send [`Action`]s; [`State::apply`] is pure. What the cluster looks like comes
//! in as one [`World`], at most once a frame.

use std::rc::Rc;

use kobune::journal::News;
use kobune::lesson::Play;
use kobune::object::Key;
use kobune::time::Time;
use kobune::view::desk::Desk;
use kobune::view::diagnostics::Diagnostic;
use kobune::view::inspector::{Inspection, Sheet};
use kobune::view::narration::Happening;
use kobune::view::picture::Picture;
use kobune::view::terminal::Terminal;
use kobune::view::timeline::Timeline;
use kobune::view::transport::Mode;
use kobune::view::{Lang, Text};
use yew::Reducible;

use super::browser::Whose;
use super::lessons::Shelf;

/// The colours.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// Its name in storage and in the document; none for the system's.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// From its name.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The next one in the switch's round.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// The pane that a narrow page shows.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pane {
    #[default]
    Harbour,
    Editor,
    Terminal,
    Inspector,
    Lesson,
}

/// What the cluster looks like; published by the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) picture: Rc<Picture>,
    pub(crate) now: Time,
    pub(crate) mode: Mode,
    pub(crate) speed: u32,
    pub(crate) timeline: Rc<Timeline>,
    pub(crate) inspection: Option<Rc<Inspection>>,
    /// What happened since the last publication.
    pub(crate) news: Rc<Vec<Happening>>,
    /// The revision of the files.
    pub(crate) files: u64,
    /// The lesson that is played in this world.
    pub(crate) lesson: Option<Rc<Play>>,
    /// Whether its solution is being played back.
    pub(crate) showing: bool,
}

/// A message that stays until it is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) text: Text,
    pub(crate) values: Vec<String>,
}

/// Everything.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    pub(crate) pane: Pane,
    pub(crate) selected: Option<Key>,
    pub(crate) sheet: Sheet,
    pub(crate) world: World,
    pub(crate) terminal: Terminal,
    pub(crate) desk: Desk,
    /// The files on the desk that commands wait for.
    pub(crate) waiting: Rc<Vec<String>>,
    /// Commands that wait for the rest of the page's code.
    pub(crate) held: Rc<Vec<String>>,
    pub(crate) diagnostics: Rc<Vec<Diagnostic>>,
    pub(crate) notices: Vec<Notice>,
    /// The list of lessons, while it is shown.
    pub(crate) shelf: Option<Rc<Shelf>>,
    /// Whose the save is.
    pub(crate) whose: Whose,
    /// A save that the user might want to open, by name and text.
    pub(crate) offer: Option<(String, Rc<str>)>,
}

/// What can happen to the state.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Lang(Lang),
    Theme(Theme),
    Pane(Pane),
    Select(Option<Key>),
    Sheet(Sheet),
    World(Box<World>),
    /// What the terminal should show.
    Heard(Vec<News>),
    Desk(Desk),
    /// The files on the desk that commands wait for.
    Waiting(Vec<String>),
    /// Commands that wait for the rest of the page's code.
    Held(Rc<Vec<String>>),
    Diagnostics(Vec<Diagnostic>),
    Notice(Notice),
    Dismiss(usize),
    /// The list of lessons, while it is shown.
    Shelf(Option<Rc<Shelf>>),
    /// A save, by name and text, that the user might want to open.
    Offer(Option<(String, Rc<str>)>),
}

impl State {
    /// The state after an action.
    pub(crate) fn apply(&self, action: Action) -> Self {
        let mut next = self.clone();
        match action {
            Action::Lang(lang) => next.lang = lang,
            Action::Theme(theme) => next.theme = theme,
            Action::Pane(pane) => next.pane = pane,
            Action::Select(selected) => next.selected = selected,
            Action::Sheet(sheet) => next.sheet = sheet,
            Action::World(world) => next.world = *world,
            Action::Heard(all) => all.iter().for_each(|news| next.terminal.hear(news)),
            Action::Desk(desk) => next.desk = desk,
            Action::Waiting(waiting) => next.waiting = Rc::new(waiting),
            Action::Held(held) => next.held = held,
            Action::Diagnostics(diagnostics) => next.diagnostics = Rc::new(diagnostics),
            Action::Notice(notice) => {
                next.notices.retain(|other| *other != notice);
                next.notices.push(notice);
            }
            Action::Shelf(lessons) => {
                match (&next.shelf, &lessons) {
                    (None, Some(_)) => next.pane = Pane::Lesson,
                    (Some(_), None) => next.pane = Pane::default(),
                    _ => {}
                }
                next.shelf = lessons;
            }
            Action::Offer(offer) => next.offer = offer,
            Action::Dismiss(index) => {
                if index < next.notices.len() {
                    next.notices.remove(index);
                }
            }
        }
        next
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(self.apply(action))
    }
}
