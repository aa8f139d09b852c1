//! The editor: tabs over the sandbox's files, the text, its problems, and Apply.

use std::rc::Rc;

use kobune::view::desk::{Desk, base_name};
use kobune::view::diagnostics::{Diagnostic, to_json};
use kobune::view::{Lang, Text};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::file_tab::FileTab;
use super::problems::Problems;
use crate::app::browser::{self, EditorElement, Listener};
use crate::app::clerk::Clerk;
use crate::app::state::Theme;
use crate::app::widget::{Icon, Shape, use_lang, use_words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) desk: Desk,
    /// The files that commands wait for.
    pub(crate) waiting: Rc<Vec<String>>,
    pub(crate) diagnostics: Rc<Vec<Diagnostic>>,
    pub(crate) theme: Theme,
    /// The revision of the files, so that what commands wrote is shown.
    pub(crate) files: u64,
    pub(crate) clerk: Clerk,
}

/// The editor.
#[component]
pub(crate) fn Editor(props: &Props) -> Html {
    let (words, lang) = (use_words(), use_lang());
    let node = use_node_ref();
    let over = use_state(|| false);
    let defined = use_state(|| false);
    use_effect_with((), {
        let defined = defined.setter();
        move |()| browser::when_defined("kobune-editor", move || defined.set(true))
    });
    use_events(&node, &props.clerk);
    use_effect_with((props.desk.active.clone(), props.files, *defined), {
        let (node, clerk) = (node.clone(), props.clerk.clone());
        move |(active, ..): &(Option<String>, u64, bool)| {
            if clerk.is_behind() {
                return;
            }
            let text = active.as_ref().and_then(|path| Some((path, clerk.read(path)?)));
            if let (Some((path, text)), Some(element)) = (text, editor_element(&node)) {
                element.open(path, &text);
            }
        }
    });
    use_effect_with((Rc::clone(&props.diagnostics), lang, *defined), {
        let node = node.clone();
        move |(diagnostics, lang, _): &(Rc<Vec<Diagnostic>>, Lang, bool)| {
            if let Some(element) = editor_element(&node) {
                element.set_diagnostics(&to_json(diagnostics, *lang));
            }
        }
    });
    let drop_on = {
        let (clerk, over) = (props.clerk.clone(), over.setter());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            let clerk = clerk.clone();
            browser::dropped_files(&event, Rc::new(move |picked| clerk.take(picked)));
        })
    };
    let drag = |state: bool| {
        let over = over.setter();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(state);
        })
    };
    html! {
        <section class={classes!("pane", "editor", over.then_some("over"))} aria-label={words(Text::Editor)}
            ondrop={drop_on} ondragover={drag(true)} ondragleave={drag(false)}>
            <Bar desk={props.desk.clone()} waits={is_waiting(props)} clerk={props.clerk.clone()} />
            <div class={classes!("editor-body", props.desk.active.is_none().then_some("closed"))}>
                <kobune-editor ref={node.clone()} theme={if props.theme == Theme::Dark { "dark" } else { "light" }}
                    lang={lang.tag()} label={words(Text::Editor)} />
                if !*defined {
                    <p class="hint">{ words(Text::EditorLoading) }</p>
                }
                if props.desk.active.is_none() {
                    <p class="hint">{ words(Text::NoOpenFile) }{ " " }{ words(Text::DropHere) }</p>
                }
            </div>
            <Problems diagnostics={Rc::clone(&props.diagnostics)} on_reveal={on_element(&node, EditorElement::reveal)}
                on_repair={on_element(&node, EditorElement::repair)} />
        </section>
    }
}

/// Whether a command waits for the file on top.
fn is_waiting(props: &Props) -> bool {
    props.desk.active.as_ref().is_some_and(|path| props.waiting.contains(path))
}

/// The element, if its definition is loaded.
fn editor_element(node: &NodeRef) -> Option<EditorElement> {
    let element = node.cast::<HtmlElement>()?;
    browser::has_method(&element, "open").then(|| element.unchecked_into())
}

/// What the element does with two numbers.
fn on_element(node: &NodeRef, act: fn(&EditorElement, u32, u32)) -> Callback<(usize, usize)> {
    let node = node.clone();
    Callback::from(move |(one, other): (usize, usize)| {
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        if let Some(element) = editor_element(&node) {
            act(&element, small(one), small(other));
        }
    })
}

/// Listens to the element: to changes, and to its own Apply.
#[hook]
fn use_events(node: &NodeRef, clerk: &Clerk) {
    use_effect_with((), {
        let (node, clerk) = (node.clone(), clerk.clone());
        move |()| {
            let listeners = node.cast::<HtmlElement>().map(|element| {
                let pull = node.clone();
                clerk.attach(Rc::new(move || editor_element(&pull).map(|element| element.text())));
                let changed = {
                    let clerk = clerk.clone();
                    move || clerk.typed()
                };
                let apply = {
                    let clerk = clerk.clone();
                    move || clerk.apply()
                };
                [
                    Listener::new(&element, "editor-change", changed),
                    Listener::new(&element, "editor-apply", apply),
                ]
            });
            move || drop(listeners)
        }
    });
}

#[derive(Properties, PartialEq)]
struct BarProps {
    desk: Desk,
    /// Whether a command waits for the file on top.
    waits: bool,
    clerk: Clerk,
}

/// The tabs, and what can be done with files.
#[component]
fn Bar(props: &BarProps) -> Html {
    let words = use_words();
    let picker = use_node_ref();
    let act = |act: fn(&Clerk)| {
        let clerk = props.clerk.clone();
        Callback::from(move |_: MouseEvent| act(&clerk))
    };
    let on_open = {
        let picker = picker.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = picker.cast::<HtmlElement>() {
                input.click();
            }
        })
    };
    let on_picked = {
        let (clerk, picker) = (props.clerk.clone(), picker.clone());
        Callback::from(move |_: Event| {
            let clerk = clerk.clone();
            if let Some(input) = picker.cast::<HtmlInputElement>() {
                browser::picked_files(&input, Rc::new(move |picked| clerk.take(picked)));
            }
        })
    };
    let tab = |path: &String| {
        let on = props.desk.active.as_ref() == Some(path);
        html! { <FileTab key={path.clone()} path={path.clone()} name={base_name(path).to_owned()} {on}
        clerk={props.clerk.clone()} /> }
    };
    html! {
        <div class="pane-head">
            <div class="file-tabs" role="tablist" aria-label={words(Text::OpenFiles)}>
                { for props.desk.open.iter().map(tab) }
            </div>
            <button type="button" class="button quiet square" aria-label={words(Text::NewFile)}
                title={words(Text::NewFile)} onclick={act(Clerk::new_file)}>
                <Icon shape={Shape::Plus} />
            </button>
            <button type="button" class="button quiet square" aria-label={words(Text::OpenFile)}
                title={words(Text::OpenFile)} onclick={on_open}>
                <Icon shape={Shape::Folder} />
            </button>
            <button type="button" class="button quiet square" aria-label={words(Text::DownloadFile)}
                title={words(Text::DownloadFile)} disabled={props.desk.active.is_none()} onclick={act(Clerk::download)}>
                <Icon shape={Shape::Download} />
            </button>
            <input ref={picker} class="visually-hidden" type="file" multiple={true} tabindex="-1" aria-hidden="true"
                accept=".yaml,.yml,.json,.txt,.sh,.md,.zip,.kobune" onchange={on_picked} />
            <div class="spring" />
            if props.waits {
                <button type="button" class="button quiet" title={words(Text::DropEditHint)}
                    onclick={act(Clerk::drop_edit)}>{ words(Text::DropEdit) }</button>
                <button type="button" class="button primary apply" title={words(Text::KeepEditHint)}
                    onclick={act(Clerk::apply)}>{ words(Text::KeepEdit) }</button>
            } else {
                <button type="button" class="button primary apply" title={words(Text::ApplyHint)}
                    disabled={props.desk.active.is_none()} onclick={act(Clerk::apply)}>{ words(Text::Apply) }</button>
            }
        </div>
    }
}
