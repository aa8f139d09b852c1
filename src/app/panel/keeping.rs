//! Saves and files: whether this harbour is saved, what can be downloaded and opened, starting afresh, what was set aside.
//!
//! A native `<dialog>`, shown as a modal: the browser keeps the focus inside, closes it on Escape and gives the focus
//! back. What replaces the harbour asks first, in the same dialog.

use std::rc::Rc;

use kobune::journal::Save;
use kobune::view::Text;
use web_sys::{HtmlDialogElement, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::app::browser::{self, Aside, Whose};
use crate::app::clerk::Clerk;
use crate::app::drive::Driver;
use crate::app::state::{Action, Notice};
use crate::app::widget::{Icon, Shape, use_lang, use_words};

/// A save that might be opened: its name and text.
type Offer = (String, Rc<str>);

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) whose: Whose,
    pub(crate) offer: Option<Offer>,
    pub(crate) driver: Driver,
    pub(crate) clerk: Clerk,
    pub(crate) tell: Callback<Action>,
}

/// What the dialog shows.
#[derive(Clone, PartialEq)]
enum Face {
    All,
    AskReset,
    AskOpen(Offer),
}

/// The button in the header, and the dialog.
#[component]
pub(crate) fn Keeping(props: &Props) -> Html {
    let (words, lang) = (use_words(), use_lang());
    let (node, face, asides) =
        (use_node_ref(), use_state(|| Face::All), use_state(Vec::<Aside>::new));
    let list = {
        let asides = asides.setter();
        Callback::from(move |()| {
            let asides = asides.clone();
            browser::list_asides(move |all| asides.set(all));
        })
    };
    let show = {
        let (node, list) = (node.clone(), list.clone());
        Callback::from(move |()| {
            list.emit(());
            if let Some(dialog) = node.cast::<HtmlDialogElement>().filter(|dialog| !dialog.open()) {
                // It stands in the document and is not shown yet, so it can be.
                drop(dialog.show_modal());
            }
        })
    };
    use_effect_with(props.offer.clone(), {
        let (face, show, whose) = (face.setter(), show.clone(), props.whose);
        let tell = props.tell.clone();
        move |offer: &Option<Offer>| {
            let Some((name, text)) = offer.clone() else { return };
            match refused(&name, &text, whose) {
                None => {
                    face.set(Face::AskOpen((name, text)));
                    show.emit(());
                }
                Some(notice) => tell.emit(Action::Notice(notice)),
            }
            tell.emit(Action::Offer(None));
        }
    });
    let on_open = {
        let (face, show) = (face.setter(), show);
        Callback::from(move |_: MouseEvent| {
            face.set(Face::All);
            show.emit(());
        })
    };
    let close = {
        let node = node.clone();
        Callback::from(move |()| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        })
    };
    let turn = {
        let face = face.setter();
        Callback::from(move |to: Face| face.set(to))
    };
    let replace = {
        let (driver, own) = (props.driver.clone(), props.whose == Whose::Own);
        Callback::from(move |text: Rc<str>| {
            if own {
                browser::set_aside(&driver.save(), "replaced");
            }
            browser::restart(&text);
        })
    };
    let body = match &*face {
        Face::All => html! {
            <All whose={props.whose} asides={(*asides).clone()} driver={props.driver.clone()} clerk={props.clerk.clone()}
                {turn} {close} {list} tell={props.tell.clone()} />
        },
        Face::AskReset => {
            let text =
                if props.whose == Whose::Own { Text::AskResetText } else { Text::AskResetUnsaved };
            let reset = replace.reform(|()| "".into());
            html! { <Ask title={words(Text::AskReset)} text={words(text)} yes={words(Text::DoReset)} on_yes={reset} {turn} /> }
        }
        Face::AskOpen((name, text)) => {
            let text = Rc::clone(text);
            let open = replace.reform(move |()| Rc::clone(&text));
            let title = Text::AskOpen.fill(lang, &[name]);
            html! { <Ask {title} text={words(Text::AskOpenText)} yes={words(Text::DoOpen)} on_yes={open} {turn} /> }
        }
    };
    let unsaved = props.whose != Whose::Own;
    html! {
        <>
            <button type="button" class={classes!("button", "quiet", "square", unsaved.then_some("warn"))}
                aria-label={words(Text::Keeping)} title={words(Text::Keeping)} aria-haspopup="dialog" onclick={on_open}>
                <Icon shape={Shape::Chest} />
            </button>
            <dialog ref={node} class="dialog" aria-labelledby="dialog-title">{ body }</dialog>
        </>
    }
}

/// Why a save cannot be opened here, if it cannot.
fn refused(name: &str, text: &str, whose: Whose) -> Option<Notice> {
    if whose != Whose::Own {
        return Some(Notice { text: Text::OpenNotHere, values: Vec::new() });
    }
    let damage = Save::read(text).err()?;
    let values = vec![name.to_owned(), damage.to_string()];
    Some(Notice { text: Text::NoSave, values })
}

#[derive(Properties, PartialEq)]
struct AskProps {
    title: AttrValue,
    text: AttrValue,
    yes: AttrValue,
    on_yes: Callback<()>,
    turn: Callback<Face>,
}

/// A question before something is replaced.
#[component]
fn Ask(props: &AskProps) -> Html {
    let words = use_words();
    let on_no = props.turn.reform(|_: MouseEvent| Face::All);
    let cancel = use_node_ref();
    use_effect_with((), {
        let cancel = cancel.clone();
        move |()| {
            if let Some(button) = cancel.cast::<HtmlElement>() {
                // A button that was just drawn takes the focus.
                drop(button.focus());
            }
        }
    });
    html! {
        <>
            <h2 id="dialog-title">{ &props.title }</h2>
            <p>{ &props.text }</p>
            <div class="row end">
                <button ref={cancel} type="button" class="button" onclick={on_no}>{ words(Text::Cancel) }</button>
                <button type="button" class="button primary" onclick={props.on_yes.reform(|_: MouseEvent| ())}>
                    { &props.yes }
                </button>
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct AllProps {
    whose: Whose,
    asides: Vec<Aside>,
    driver: Driver,
    clerk: Clerk,
    turn: Callback<Face>,
    close: Callback<()>,
    list: Callback<()>,
    tell: Callback<Action>,
}

/// Everything that can be done.
#[component]
fn All(props: &AllProps) -> Html {
    let words = use_words();
    let picker = use_node_ref();
    let status = match props.whose {
        Whose::Own => Text::KeptHere,
        Whose::Elsewhere => Text::KeptElsewhere,
        Whose::Nobody => Text::KeptNowhere,
    };
    let on_save = {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| {
            driver.leave();
            browser::download("harbour.kobune", driver.save().as_bytes());
        })
    };
    let on_all = {
        let clerk = props.clerk.clone();
        Callback::from(move |_: MouseEvent| clerk.download_all())
    };
    let on_pick = {
        let picker = picker.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = picker.cast::<HtmlElement>() {
                input.click();
            }
        })
    };
    let on_picked = {
        let (clerk, picker, close) = (props.clerk.clone(), picker.clone(), props.close.clone());
        Callback::from(move |_: Event| {
            let clerk = clerk.clone();
            if let Some(input) = picker.cast::<HtmlInputElement>() {
                close.emit(());
                browser::picked_files(&input, Rc::new(move |picked| clerk.take(picked)));
            }
        })
    };
    let button = |text: Text, on_click: &Callback<MouseEvent>| {
        html! { <button type="button" class="button" onclick={on_click.clone()}>{ words(text) }</button> }
    };
    let row = |aside: &Aside| {
        html! { <AsideRow key={aside.when.clone()} aside={aside.clone()} turn={props.turn.clone()} list={props.list.clone()} /> }
    };
    let ask_reset = props.turn.reform(|_: MouseEvent| Face::AskReset);
    html! {
        <>
            <div class="row">
                <h2 id="dialog-title">{ words(Text::Keeping) }</h2>
                <div class="spring" />
                <button type="button" class="button quiet square" aria-label={words(Text::Dismiss)}
                    title={words(Text::Dismiss)} onclick={props.close.reform(|_: MouseEvent| ())}>
                    <Icon shape={Shape::Close} />
                </button>
            </div>
            <p class={classes!((props.whose != Whose::Own).then_some("warn"))}>{ words(status) }</p>
            <div class="row">
                { button(Text::DownloadSave, &on_save) }
                { button(Text::DownloadAll, &on_all) }
                if props.whose == Whose::Own {
                    { button(Text::OpenSave, &on_pick) }
                }
                { button(Text::UploadFiles, &on_pick) }
                { button(Text::StartAfresh, &ask_reset) }
            </div>
            <input ref={picker} class="visually-hidden" type="file" multiple={true} tabindex="-1" aria-hidden="true"
                accept=".yaml,.yml,.json,.txt,.sh,.md,.zip,.kobune" onchange={on_picked} />
            if !props.asides.is_empty() {
                <h3>{ words(Text::SetAside) }</h3>
                <ul class="asides">{ for props.asides.iter().map(row) }</ul>
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct AsideProps {
    aside: Aside,
    turn: Callback<Face>,
    list: Callback<()>,
}

/// One save that was set aside.
#[component]
fn AsideRow(props: &AsideProps) -> Html {
    let (words, lang) = (use_words(), use_lang());
    let aside = props.aside.clone();
    let reason = words(match aside.reason.as_str() {
        "unreadable" => Text::AsideUnreadable,
        "damaged" => Text::AsideDamaged,
        "strayed" => Text::AsideStrayed,
        "fault" => Text::AsideFault,
        "unfinished" => Text::AsideUnfinished,
        "given up" => Text::AsideGivenUp,
        _ => Text::AsideReplaced,
    });
    let kilobytes = aside.bytes.div_ceil(1000).to_string();
    let what = Text::AsideRow.fill(lang, &[&aside.when, &kilobytes, reason]);
    let with = |act: fn(&AsideProps)| {
        let props = AsideProps {
            aside: props.aside.clone(),
            turn: props.turn.clone(),
            list: props.list.clone(),
        };
        Callback::from(move |_: MouseEvent| act(&props))
    };
    let on_download = with(|props| {
        browser::read_aside(&props.aside, |text| {
            browser::download("harbour.kobune", text.as_bytes());
        });
    });
    let on_open = with(|props| {
        let (turn, name) = (props.turn.clone(), props.aside.when.clone());
        browser::read_aside(&props.aside, move |text| {
            turn.emit(Face::AskOpen((name, text.into())));
        });
    });
    let on_discard = with(|props| {
        let list = props.list.clone();
        browser::forget_aside(&props.aside, move || list.emit(()));
    });
    let button = |text: Text, on_click: Callback<MouseEvent>| {
        let label = format!("{}: {}", words(text), aside.when);
        html! { <button type="button" class="button small" aria-label={label} onclick={on_click}>{ words(text) }</button> }
    };
    html! {
        <li class="row">
            <span>{ what }</span>
            <div class="spring" />
            { button(Text::BringBack, on_open) }
            { button(Text::DownloadShort, on_download) }
            { button(Text::Discard, on_discard) }
        </li>
    }
}
