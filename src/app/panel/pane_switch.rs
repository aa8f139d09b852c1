//! On narrow pages the panes are tabs; this is their bar.

use kobune::view::Text;
use yew::prelude::*;

use crate::app::state::{Action, Pane};
use crate::app::widget::use_words;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) pane: Pane,
    /// Whether there is a lesson to show.
    pub(crate) has_lesson: bool,
    pub(crate) tell: Callback<Action>,
}

/// The panes and their names.
const PANES: [(Pane, Text); 5] = [
    (Pane::Lesson, Text::Lesson),
    (Pane::Harbour, Text::Harbour),
    (Pane::Editor, Text::Editor),
    (Pane::Terminal, Text::Terminal),
    (Pane::Inspector, Text::Inspector),
];

/// The bar.
#[component]
pub(crate) fn PaneSwitch(props: &Props) -> Html {
    let words = use_words();
    let button = |&(pane, name): &(Pane, Text)| {
        let on = props.pane == pane;
        let on_click = props.tell.reform(move |_: MouseEvent| Action::Pane(pane));
        html! {
            <button type="button" class={classes!("pane-tab", on.then_some("on"))}
                aria-current={on.then_some("true")} onclick={on_click}>{ words(name) }</button>
        }
    };
    html! {
        <nav class="pane-switch" aria-label={words(Text::Panes)}>
            { for PANES.iter().filter(|(pane, _)| props.has_lesson || *pane != Pane::Lesson).map(button) }
        </nav>
    }
}
