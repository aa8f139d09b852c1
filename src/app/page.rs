//! The page as a whole: makes the driver and the state, and lays the panels out.

use std::rc::Rc;

use kobune::object::Key;
use kobune::view::inspector::Sheet;
use kobune::view::{Lang, Text};
use yew::prelude::*;

use super::browser;
use super::clerk::Clerk;
use super::drive::Driver;
use super::lessons;
use super::panel::{
    Editor, Harbour, Header, Inspector, Keeping, LessonList, LessonPane, Narration, Notices,
    PaneSwitch, Terminal, TransportBar,
};
use super::restore::Way;
use super::state::{Action, Notice, Pane, State, Theme};

/// What the page starts with.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The language.
    pub(crate) lang: Lang,
    /// Where the world comes from.
    pub(crate) way: Way,
}

/// What is said outside the page's own components: by the panel after a fault, and of the page's code.
pub(crate) fn outside_words(lang: Lang) -> [&'static str; 7] {
    [
        Text::CrashTitle,
        Text::CrashText,
        Text::CrashSave,
        Text::CrashRestart,
        Text::RestComing,
        Text::RestMissing,
        Text::RestRetry,
    ]
    .map(|text| text.tell(lang))
}

/// The whole page.
#[component]
pub(crate) fn App(props: &Props) -> Html {
    let lang = props.lang;
    let tell = use_mut_ref(|| None::<UseReducerDispatcher<State>>);
    let (driver, clerk, first) = &*use_memo((), |()| {
        let tell = Rc::clone(&tell);
        let tell = Callback::from(move |action| {
            if let Some(dispatcher) = &*tell.borrow() {
                dispatcher.dispatch(action);
            }
        });
        begin(lang, &props.way, tell)
    });
    let state = use_reducer(|| first.clone());
    tell.replace(Some(state.dispatcher()));
    use_effect_with((), {
        let (driver, state) = (driver.clone(), state.clone());
        let troubled = state.dispatcher();
        move |()| {
            let tell = Callback::from(move |action: Action| state.dispatch(action));
            lessons::follow(&driver, &tell, true);
            let walker = driver.clone();
            let listener = browser::on_hash_change(move || lessons::follow(&walker, &tell, false));
            let leaving = driver.clone();
            browser::on_leave(move || leaving.leave());
            browser::on_trouble(move |error| {
                let text = match error.as_str() {
                    "" => Text::StorageAgain,
                    "QuotaExceededError" => Text::StorageFull,
                    _ => Text::StorageFailed,
                };
                troubled.dispatch(Action::Notice(Notice { text, values: vec![error] }));
            });
            driver.wake();
            move || drop(listener)
        }
    });
    use_effect_with((state.selected.clone(), state.sheet), {
        let driver = driver.clone();
        move |(selected, sheet): &(Option<Key>, Sheet)| {
            driver.focus(selected.clone().map(|key| (key, *sheet)));
        }
    });
    use_effect_with((state.lang, state.theme), |(lang, theme)| {
        browser::set_language(lang.tag());
        browser::forget_lang_of_link(*lang);
        browser::set_theme(theme.name());
        browser::guard(outside_words(*lang));
        browser::save("lang", lang.tag());
        browser::save("theme", theme.name().unwrap_or("system"));
    });
    let last = state.terminal.scrollback.blocks.last().map(|block| block.id);
    use_effect_with((state.terminal.running, last), {
        // What a command did may make another file right or wrong.
        let clerk = clerk.clone();
        move |_| clerk.check()
    });
    layout(&state, driver, clerk)
}

/// The driver and the clerk of the world that the way led to, and the page's first state.
fn begin(lang: Lang, way: &Way, tell: Callback<Action>) -> (Driver, Clerk, State) {
    let start = way.take().expect("the page begins once, when its world is ready");
    let (terminal, notices, desk) = (start.terminal.clone(), start.notices.clone(), start.desk());
    let whose = start.whose;
    let driver = Driver::new(start, tell.clone());
    let clerk = Clerk::new(&driver, lang, desk, tell);
    let state = State {
        lang,
        theme: browser::load("theme").map_or(Theme::System, |name| Theme::named(&name)),
        pane: if driver.lesson().is_some() { Pane::Lesson } else { Pane::default() },
        selected: None,
        sheet: Sheet::default(),
        world: driver.world(),
        terminal,
        desk: clerk.desk(),
        waiting: Rc::default(),
        held: Rc::default(),
        diagnostics: Rc::default(),
        notices,
        shelf: None,
        whose,
        offer: None,
    };
    (driver, clerk, state)
}

fn layout(state: &UseReducerHandle<State>, driver: &Driver, clerk: &Clerk) -> Html {
    let tell = {
        let dispatcher = state.dispatcher();
        Callback::from(move |action: Action| dispatcher.dispatch(action))
    };
    let pane = match state.pane {
        Pane::Harbour => "show-harbour",
        Pane::Editor => "show-editor",
        Pane::Terminal => "show-terminal",
        Pane::Inspector => "show-inspector",
        Pane::Lesson => "show-lesson",
    };
    let world = &state.world;
    let has_lesson = world.lesson.is_some() || state.shelf.is_some();
    html! {
        <ContextProvider<Lang> context={state.lang}>
            <div class={classes!("page", pane, has_lesson.then_some("with-lesson"))}>
                <Header lang={state.lang} theme={state.theme} tell={tell.clone()}>
                    <Keeping whose={state.whose} offer={state.offer.clone()} driver={driver.clone()}
                        clerk={clerk.clone()} tell={tell.clone()} />
                </Header>
                if let Some(play) = &world.lesson {
                    <LessonPane play={Rc::clone(play)} showing={world.showing} driver={driver.clone()} />
                } else if let Some(shelf) = &state.shelf {
                    <LessonList shelf={Rc::clone(shelf)} />
                }
                <main class="main">
                    <Harbour picture={Rc::clone(&world.picture)} now={world.picture.clock(world.now)}
                        selected={state.selected.clone()} tell={tell.clone()} driver={driver.clone()} />
                    <TransportBar now={world.now} mode={world.mode} speed={world.speed}
                        timeline={Rc::clone(&world.timeline)} driver={driver.clone()} />
                    <div class="desk">
                        <Editor desk={state.desk.clone()} waiting={Rc::clone(&state.waiting)} diagnostics={Rc::clone(&state.diagnostics)}
                            theme={state.theme} files={world.files} clerk={clerk.clone()} />
                        <Terminal terminal={state.terminal.clone()} held={Rc::clone(&state.held)} mode={world.mode} driver={driver.clone()} />
                    </div>
                </main>
                <Inspector picture={Rc::clone(&world.picture)} driver={driver.clone()}
                    inspection={world.inspection.clone()} selected={state.selected.clone()}
                    sheet={state.sheet} now={world.now} tell={tell.clone()} />
                <PaneSwitch pane={state.pane} {has_lesson} tell={tell.clone()} />
                <Notices notices={state.notices.clone()} tell={tell} />
                <Narration news={Rc::clone(&world.news)} />
            </div>
        </ContextProvider<Lang>>
    }
}
