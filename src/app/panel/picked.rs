//! On a narrow page: what is selected in the picture, with what can be done to it and the way to its details; and the
//! command line that was run last, since the terminal is out of sight.

use kobune::object::Key;
use kobune::view::Text;
use yew::prelude::*;

use crate::app::state::{Action, Pane};
use crate::app::widget::{Icon, Shape, use_words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) selected: Option<Key>,
    /// Whether anything can be done to it.
    pub(crate) able: bool,
    /// What was run last, and how many lines were run so far.
    pub(crate) said: (u32, AttrValue),
    pub(crate) on_menu: Callback<()>,
    pub(crate) tell: Callback<Action>,
}

/// The bar.
#[component]
pub(crate) fn Picked(props: &Props) -> Html {
    let words = use_words();
    let (count, line) = &props.said;
    let on_menu = props.on_menu.reform(|_: MouseEvent| ());
    let on_details = props.tell.reform(|_: MouseEvent| Action::Pane(Pane::Inspector));
    html! {
        <div class="picked">
            if *count > 0 {
                <p key={*count} class="ran" aria-hidden="true">{ "$ " }{ line.clone() }</p>
            }
            if let Some(key) = &props.selected {
                <div class="picked-bar">
                    <span class="picked-name"><span class="kind">{ key.kind.info().name }</span>{ " " }<b>{ &*key.name }</b></span>
                    <button type="button" class="button" onclick={on_menu} disabled={!props.able} aria-haspopup="menu">
                        { words(Text::Actions) }
                    </button>
                    <button type="button" class="button quiet" onclick={on_details}>
                        { words(Text::Details) }<Icon shape={Shape::Onward} />
                    </button>
                </div>
            }
        </div>
    }
}
