//! One file's tab: chosen by a click, renamed in place, closed by its cross.

use kobune::view::Text;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::clerk::Clerk;
use crate::app::widget::{Icon, Shape, use_lang};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) on: bool,
    pub(crate) clerk: Clerk,
}

/// The tab.
#[component]
pub(crate) fn FileTab(props: &Props) -> Html {
    let lang = use_lang();
    let renaming = use_state(|| false);
    let input = use_node_ref();
    use_effect_with(*renaming, {
        let input = input.clone();
        move |renaming: &bool| {
            if let (true, Some(input)) = (renaming, input.cast::<HtmlInputElement>()) {
                input.select();
            }
        }
    });
    if *renaming {
        return rename_box(props, &renaming, &input, Text::FileName.tell(lang));
    }
    let on_click = {
        let (clerk, path) = (props.clerk.clone(), props.path.clone());
        Callback::from(move |_: MouseEvent| clerk.show(&path))
    };
    let on_close = {
        let (clerk, path) = (props.clerk.clone(), props.path.clone());
        Callback::from(move |_: MouseEvent| clerk.close(&path))
    };
    let start = {
        let renaming = renaming.setter();
        Callback::from(move |()| renaming.set(true))
    };
    let on_keydown = {
        let (start, clerk, path) = (start.clone(), props.clerk.clone(), props.path.clone());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "F2" => start.emit(()),
                "Delete" => clerk.close(&path),
                "ArrowRight" => clerk.turn(true),
                "ArrowLeft" => clerk.turn(false),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let close = Text::CloseFile.fill(lang, &[&props.name]);
    let on = props.on;
    html! {
        <div class={classes!("tab", "file-tab", on.then_some("on"))} role="presentation">
            <button type="button" class="file-name" role="tab" aria-selected={on.to_string()}
                tabindex={if on { "0" } else { "-1" }} title={format!("{}\n{}", props.path, Text::RenameFile.tell(lang))}
                onclick={on_click} ondblclick={start.reform(|_: MouseEvent| ())} onkeydown={on_keydown}>
                { &props.name }
            </button>
            // For the mouse only: a tab list holds tabs, and Delete closes one by keyboard.
            <button type="button" class="close-file" title={close} tabindex="-1" aria-hidden="true"
                onclick={on_close}><Icon shape={Shape::Close} /></button>
        </div>
    }
}

fn rename_box(
    props: &Props,
    renaming: &UseStateHandle<bool>,
    input: &NodeRef,
    label: &'static str,
) -> Html {
    let finish = {
        let (clerk, path) = (props.clerk.clone(), props.path.clone());
        let (renaming, input) = (renaming.setter(), input.clone());
        Callback::from(move |keep: bool| {
            if let (true, Some(input)) = (keep, input.cast::<HtmlInputElement>()) {
                clerk.rename(&path, input.value().trim());
            }
            renaming.set(false);
        })
    };
    let on_keydown = {
        let finish = finish.clone();
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if !event.is_composing() => finish.emit(true),
            "Escape" => finish.emit(false),
            _ => {}
        })
    };
    html! {
        <input ref={input.clone()} class="rename" type="text" aria-label={label} value={props.name.clone()}
            spellcheck="false" onkeydown={on_keydown} onblur={finish.reform(|_: FocusEvent| true)} />
    }
}
