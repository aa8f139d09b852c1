//! Coming back: from what the last visit left to the world that the page begins with.
//!
//! A save is done again in slices, with progress and a way out. Whatever cannot be brought back as it was is set aside
//! and named in a notice; nothing is thrown away. If the page dies over a save, the next visit does not try it again.

use std::cell::RefCell;
use std::rc::Rc;

use kobune::journal::{Act, Damage, Moment, News, Replay, Run, Salvage, Save, Wrong};
use kobune::lesson::Play;
use kobune::view::desk::Desk;
use kobune::view::narration::happenings;
use kobune::view::terminal::Terminal;
use kobune::view::timeline::Timeline;
use kobune::view::transport::Nap;
use kobune::view::{Lang, Text};
use yew::prelude::*;

use super::browser::{self, Alarm, Left, Whose, wall_micros};
use super::lessons::Berth;
use super::page::App;
use super::state::Notice;

/// How long a slice may take, in microseconds: a task that is not felt.
const SLICE_MICROS: u64 = 30_000;
/// How long is worked before anything is shown: most saves are back by then.
const FIRST_MICROS: u64 = 120_000;

/// What the page begins with.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) run: Run,
    pub(crate) terminal: Terminal,
    pub(crate) timeline: Timeline,
    /// What the page looked like; none for a fresh world.
    pub(crate) moment: Option<Moment>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) whose: Whose,
    /// The lesson that is played in this world.
    pub(crate) lesson: Option<Play>,
}

impl Start {
    /// The open files, if any are remembered.
    pub(crate) fn desk(&self) -> Option<Desk> {
        let moment = self.moment.as_ref()?;
        Some(Desk { open: moment.open.clone(), active: moment.active.clone() })
    }
}

/// A save being brought back.
struct Restoring {
    berth: Berth,
    replay: Replay,
    terminal: Terminal,
    timeline: Timeline,
    /// The revision up to which news were read.
    read: u64,
    notices: Vec<Notice>,
    /// The text of the save, to set aside if need be.
    text: String,
    /// In how many records its acts stand.
    records: usize,
    /// Whether it was set aside already.
    aside: bool,
    /// The last act was fatal: time stands until the user has looked.
    fault: bool,
}

fn notice(text: Text, values: &[String]) -> Notice {
    Notice { text, values: values.to_vec() }
}

/// A fresh world with what could be kept of an older one.
fn fresh(berth: &Berth, whose: Whose, salvage: Salvage, mut notices: Vec<Notice>) -> Start {
    let (mut run, moment, failed) = berth.fresh();
    notices.extend(failed);
    let lesson = berth.play(&run, false);
    browser::begin_save(run.head(), run.lines());
    browser::set_replaying(false);
    run.set_keeper(browser::keeper());
    // A lesson brings its own files.
    for (path, text) in salvage.files.into_iter().filter(|_| lesson.is_none()) {
        run.act(Act::Write { path, text });
    }
    for line in salvage.history {
        run.act(Act::Remember(line));
    }
    let terminal = Terminal::new(&run.prompt());
    Start { run, terminal, timeline: Timeline::default(), moment, notices, whose, lesson }
}

/// Why a save cannot be read, in words.
fn unreadable(damage: Damage) -> Notice {
    match damage.wrong {
        Wrong::TooNew => notice(Text::SaveTooNew, &[]),
        Wrong::TooLarge => notice(Text::SaveTooLarge, &[]),
        Wrong::NotASave | Wrong::Changed | Wrong::Senseless => notice(Text::SaveUnreadable, &[]),
    }
}

/// What to do about what the last visit left: begin at once, or bring a save back.
fn plan(berth: Berth, left: Left) -> Result<Start, Box<Restoring>> {
    let begin = |salvage, notices| Ok(fresh(&berth, left.whose, salvage, notices));
    match left.whose {
        Whose::Own if left.text.is_empty() || !berth.goes_on() => {
            return begin(Salvage::default(), Vec::new());
        }
        Whose::Own => {}
        Whose::Elsewhere => {
            return begin(Salvage::default(), vec![notice(Text::OpenElsewhere, &[])]);
        }
        Whose::Nobody => return begin(Salvage::default(), vec![notice(Text::NotStored, &[])]),
    }
    let read = Save::read(&left.text);
    if left.replaying {
        browser::set_aside(&left.text, "unfinished");
        let salvage = read.map(|save| save.salvage()).unwrap_or_default();
        return begin(salvage, vec![notice(Text::SaveUnfinished, &[])]);
    }
    let mut save = match read {
        Ok(save) => save,
        Err(damage) => {
            browser::set_aside(&left.text, "unreadable");
            return begin(Salvage::default(), vec![unreadable(damage)]);
        }
    };
    let mut notices = Vec::new();
    if left.fault {
        browser::set_aside(&left.text, "fault");
        save.forget_last();
        notices.push(notice(Text::SaveFatal, &[]));
    }
    browser::set_replaying(true);
    let replay = Replay::new(save);
    Err(Box::new(Restoring {
        terminal: Terminal::new(&replay.run().prompt()),
        timeline: Timeline::default(),
        read: 0,
        replay,
        berth,
        notices,
        records: left.records,
        aside: left.fault,
        fault: left.fault,
        text: left.text,
    }))
}

impl Restoring {
    /// Goes on for so long; whether all is done.
    fn work(&mut self, micros: u64) -> bool {
        let start = wall_micros();
        let done = self.replay.go_on(&mut || wall_micros() - start < micros);
        for news in self.replay.take_news() {
            self.terminal.hear(&news);
            if let News::Began { at, line, .. } = &news
                && !line.trim().is_empty()
            {
                self.timeline.act(*at, line.trim());
            }
        }
        let (read, timeline) = (&mut self.read, &mut self.timeline);
        self.replay.run().sandbox().read(|cluster| {
            let revision = cluster.store().revision();
            if *read > 0 {
                for news in &happenings(cluster.store(), *read) {
                    timeline.news(news);
                }
            }
            *read = revision;
        });
        done
    }

    /// The world that was brought back.
    fn finish(mut self) -> Start {
        let (strayed, damage) = (self.replay.strayed(), self.replay.damage());
        if let (Some(damage), false) = (damage, self.fault) {
            self.notices.push(notice(Text::SaveDamaged, &[damage.line.to_string()]));
            self.set_aside("damaged");
        } else if strayed.is_some() {
            self.notices.push(notice(Text::SaveStrayed, &[]));
            self.set_aside("strayed");
        }
        let (mut run, save) = self.replay.finish();
        if self.aside || self.records != run.lines().len() {
            browser::begin_save(run.head(), run.lines());
        }
        browser::set_replaying(false);
        run.set_keeper(browser::keeper());
        let lesson = self.berth.play(&run, true);
        let mut moment = save.moment.unwrap_or_default();
        moment.playing &= !self.fault;
        if moment.open.is_empty() {
            moment.open = written(&run);
            moment.active = moment.open.first().cloned();
        }
        Start {
            run,
            terminal: self.terminal,
            timeline: self.timeline,
            moment: Some(moment),
            notices: self.notices,
            whose: Whose::Own,
            lesson,
        }
    }

    /// Gives the save up; the files and the history go on.
    fn give_up(mut self) -> Start {
        self.set_aside("given up");
        let (run, save) = self.replay.finish();
        drop(run);
        let notices = vec![notice(Text::SaveGivenUp, &[])];
        fresh(&self.berth, Whose::Own, save.salvage(), notices)
    }

    fn set_aside(&mut self, reason: &str) {
        if !std::mem::replace(&mut self.aside, true) {
            browser::set_aside(&self.text, reason);
        }
    }
}

/// The files at home, to open some where it is not known which were open.
fn written(run: &Run) -> Vec<String> {
    run.sandbox().files(|files| {
        let home = files.list(kobune::shell::HOME).unwrap_or_default();
        let names = home.into_iter().filter(|(_, entry)| entry.bytes.is_some());
        names.map(|(name, _)| format!("{}/{name}", kobune::shell::HOME)).take(8).collect()
    })
}

enum Phase {
    Restoring(Box<Restoring>),
    Ready(Box<Start>),
    /// The page has it.
    Gone,
}

/// The way from the last visit to the page; clones mean the same one.
#[derive(Clone)]
pub(crate) struct Way(Rc<RefCell<Phase>>);

impl PartialEq for Way {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Way {
    /// Begins, and calls `then` once there is something to show: the world, as most saves are back by then, or how far
    /// the save is.
    pub(crate) fn begin(berth: Berth, left: Left, then: Box<dyn FnOnce(Self)>) {
        let phase = match plan(berth, left) {
            Ok(start) => Phase::Ready(Box::new(start)),
            Err(restoring) => Phase::Restoring(restoring),
        };
        Self(Rc::new(RefCell::new(phase))).first(wall_micros() + FIRST_MICROS, then);
    }

    fn first(self, end: u64, then: Box<dyn FnOnce(Self)>) {
        self.work(SLICE_MICROS);
        let shown = self.permille().is_none() || wall_micros() > end;
        browser::next_task(move || if shown { then(self) } else { self.first(end, then) });
    }

    /// Goes on for so long.
    fn work(&self, micros: u64) {
        let phase = &mut *self.0.borrow_mut();
        if let Phase::Restoring(restoring) = phase
            && restoring.work(micros)
        {
            phase.end(Restoring::finish);
        }
    }

    fn give_up(&self) {
        self.0.borrow_mut().end(Restoring::give_up);
    }

    /// How much is done, in thousandths; none once all is.
    fn permille(&self) -> Option<u32> {
        match &*self.0.borrow() {
            Phase::Restoring(restoring) => Some(restoring.replay.permille()),
            Phase::Ready(_) | Phase::Gone => None,
        }
    }

    /// What the page begins with; to be taken once.
    pub(crate) fn take(&self) -> Option<Start> {
        match self.0.replace(Phase::Gone) {
            Phase::Ready(start) => Some(*start),
            Phase::Restoring(_) | Phase::Gone => None,
        }
    }
}

impl Phase {
    fn end(&mut self, how: impl FnOnce(Restoring) -> Start) {
        *self = match std::mem::replace(self, Self::Gone) {
            Self::Restoring(restoring) => Self::Ready(Box::new(how(*restoring))),
            other @ (Self::Ready(_) | Self::Gone) => other,
        };
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) lang: Lang,
    pub(crate) way: Way,
}

/// The page, or what is shown until its world is back.
#[component]
pub(crate) fn Root(props: &Props) -> Html {
    let redraw = use_force_update();
    let (way, lang) = (props.way.clone(), props.lang);
    let Some(permille) = way.permille() else {
        return html! { <App {lang} {way} /> };
    };
    html! { <Progress {lang} {permille} way={way} on_change={Callback::from(move |()| redraw.force_update())} /> }
}

#[derive(Properties, PartialEq)]
struct ProgressProps {
    lang: Lang,
    permille: u32,
    way: Way,
    on_change: Callback<()>,
}

/// How far the save is back, and the way out.
#[component]
fn Progress(props: &ProgressProps) -> Html {
    let alarm = use_mut_ref(Alarm::default);
    use_effect({
        let (way, on_change, alarm) =
            (props.way.clone(), props.on_change.clone(), Rc::clone(&alarm));
        move || {
            *alarm.borrow_mut() = Alarm::after(Nap::Millis(0), move || {
                way.work(SLICE_MICROS);
                on_change.emit(());
            });
        }
    });
    let on_give_up = {
        let (way, on_change) = (props.way.clone(), props.on_change.clone());
        Callback::from(move |_: MouseEvent| {
            way.give_up();
            on_change.emit(());
        })
    };
    let words = |text: Text| text.tell(props.lang);
    html! {
        <main class="restoring">
            <h1>{ words(Text::Restoring) }</h1>
            <progress max="1000" value={props.permille.to_string()} aria-label={words(Text::Restoring)} />
            <p>{ words(Text::RestoringHow) }</p>
            <button type="button" class="button" onclick={on_give_up}>{ words(Text::RestoringGiveUp) }</button>
        </main>
    }
}
