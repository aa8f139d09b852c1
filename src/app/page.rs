//! The page as a whole: makes the driver and the state, and lays the panels out.

use std::rc::Rc;

use kobune::cluster::{Cluster, Settings};
use kobune::object::Key;
use kobune::view::inspector::Sheet;
use kobune::view::{Lang, Text};
use yew::prelude::*;

use super::browser;
use super::clerk::Clerk;
use super::drive::Driver;
use super::panel::{
    Editor, Harbour, Header, Inspector, Narration, Notices, PaneSwitch, Terminal, TransportBar,
};
use super::state::{Action, Notice, Pane, State, Theme};

/// What the page starts with.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The language.
    pub(crate) lang: Lang,
}

/// The whole page.
#[component]
pub(crate) fn App(props: &Props) -> Html {
    let lang = props.lang;
    let tell = use_mut_ref(|| None::<UseReducerDispatcher<State>>);
    let driver = use_memo((), |()| {
        let tell = Rc::clone(&tell);
        let tell = Callback::from(move |action| {
            if let Some(dispatcher) = &*tell.borrow() {
                dispatcher.dispatch(action);
            }
        });
        Driver::new(Cluster::new(Settings::default()), tell)
    });
    let clerk = use_memo((), |()| Clerk::new(&driver, lang, driver.tell()));
    let state = use_reducer(|| first_state(lang, &driver, &clerk));
    tell.replace(Some(state.dispatcher()));
    use_effect_with((), {
        let (driver, state) = (Rc::clone(&driver), state.clone());
        move |()| {
            let read_link = move || {
                if let Some(link) = browser::hash() {
                    let link = link.chars().take(60).collect();
                    let notice = Notice { text: Text::UnknownLink, values: vec![link] };
                    state.dispatch(Action::Notice(notice));
                }
            };
            read_link();
            let listener = browser::on_hash_change(read_link);
            driver.wake();
            move || drop(listener)
        }
    });
    use_effect_with((state.selected.clone(), state.sheet), {
        let driver = Rc::clone(&driver);
        move |(selected, sheet): &(Option<Key>, Sheet)| {
            driver.focus(selected.clone().map(|key| (key, *sheet)));
        }
    });
    use_effect_with((state.lang, state.theme), |(lang, theme)| {
        browser::set_language(lang.tag());
        browser::set_theme(theme.name());
        browser::save("lang", lang.tag());
        browser::save("theme", theme.name().unwrap_or("system"));
    });
    layout(&state, &driver, &clerk)
}

fn first_state(lang: Lang, driver: &Driver, clerk: &Clerk) -> State {
    State {
        lang,
        theme: browser::load("theme").map_or(Theme::System, |name| Theme::named(&name)),
        pane: Pane::default(),
        selected: None,
        sheet: Sheet::default(),
        world: driver.world(),
        scrollback: Rc::default(),
        running: None,
        prompt: driver.prompt().into(),
        desk: clerk.desk(),
        diagnostics: Rc::default(),
        notices: Vec::new(),
    }
}

fn layout(state: &UseReducerHandle<State>, driver: &Driver, clerk: &Clerk) -> Html {
    let tell = {
        let dispatcher = state.dispatcher();
        Callback::from(move |action: Action| dispatcher.dispatch(action))
    };
    let on_select = tell.reform(Action::Select);
    let pane = match state.pane {
        Pane::Harbour => "show-harbour",
        Pane::Editor => "show-editor",
        Pane::Terminal => "show-terminal",
        Pane::Inspector => "show-inspector",
    };
    let world = &state.world;
    html! {
        <ContextProvider<Lang> context={state.lang}>
            <div class={classes!("page", pane)}>
                <Header lang={state.lang} theme={state.theme} tell={tell.clone()} />
                <main class="main">
                    <Harbour picture={Rc::clone(&world.picture)} now={world.picture.clock(world.now)}
                        selected={state.selected.clone()}
                        on_select={on_select.clone()} />
                    <TransportBar now={world.now} mode={world.mode} speed={world.speed}
                        timeline={Rc::clone(&world.timeline)} driver={driver.clone()} />
                    <div class="desk">
                        <Editor desk={state.desk.clone()} diagnostics={Rc::clone(&state.diagnostics)}
                            theme={state.theme} files={world.files} clerk={clerk.clone()} />
                        <Terminal scrollback={Rc::clone(&state.scrollback)} running={state.running}
                            prompt={Rc::clone(&state.prompt)} mode={world.mode} driver={driver.clone()} />
                    </div>
                </main>
                <Inspector inspection={world.inspection.clone()} selected={state.selected.clone()}
                    sheet={state.sheet} now={world.now} tell={tell.clone()} />
                <PaneSwitch pane={state.pane} tell={tell.clone()} />
                <Notices notices={state.notices.clone()} tell={tell} />
                <Narration news={Rc::clone(&world.news)} />
            </div>
        </ContextProvider<Lang>>
    }
}
