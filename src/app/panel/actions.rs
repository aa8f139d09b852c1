//! What can be done to the selected object: a button for the first few acts, and one that opens the menu of all.

use kobune::view::Text;
use kobune::view::act::Act;
use yew::prelude::*;

use super::menu::Menu;
use crate::app::browser::focus_id;
use crate::app::widget::use_words;

/// Acts with a button of their own.
const BUTTONS: usize = 2;
/// The id of the button that opens the menu.
const MORE_ID: &str = "more-actions";

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) title: AttrValue,
    pub(crate) acts: Vec<Act>,
    pub(crate) on_act: Callback<Act>,
}

/// The buttons; none if nothing can be done.
#[component]
pub(crate) fn Actions(props: &Props) -> Html {
    let words = use_words();
    let open = use_state(|| false);
    if props.acts.is_empty() {
        return Html::default();
    }
    let button = |act: &Act| {
        let (act, on_act) = (act.clone(), props.on_act.clone());
        let (title, label) = (act.line.clone(), words(act.what));
        let on_click = move |_: MouseEvent| on_act.emit(act.clone());
        html! { <button type="button" class="button small" {title} onclick={on_click}>{ label }</button> }
    };
    let on_more = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let on_close = {
        let open = open.setter();
        Callback::from(move |back: bool| {
            open.set(false);
            if back {
                focus_id(MORE_ID);
            }
        })
    };
    html! {
        <div class="actions">
            { for props.acts.iter().take(BUTTONS).map(button) }
            if props.acts.len() > BUTTONS {
                <button type="button" id={MORE_ID} class="button small" aria-haspopup="menu"
                    aria-expanded={open.to_string()} onclick={on_more}>{ words(Text::Actions) }{ " ▾" }</button>
            }
            if *open {
                <Menu title={props.title.clone()} acts={props.acts.clone()} on_act={props.on_act.clone()} {on_close} />
            }
        </div>
    }
}
