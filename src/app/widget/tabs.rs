//! A row of tabs, by mouse and by arrow keys.

use yew::prelude::*;

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tab {
    pub(crate) label: AttrValue,
    /// The id of the panel it shows.
    pub(crate) panel: AttrValue,
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) label: AttrValue,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) active: usize,
    pub(crate) on_select: Callback<usize>,
}

/// A row of tabs.
#[component]
pub(crate) fn Tabs(props: &Props) -> Html {
    let (active, count) = (props.active, props.tabs.len());
    let on_keydown = {
        let on_select = props.on_select.clone();
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" => (active + 1) % count.max(1),
                "ArrowLeft" => (active + count.max(1) - 1) % count.max(1),
                "Home" => 0,
                "End" => count.saturating_sub(1),
                _ => return,
            };
            event.prevent_default();
            on_select.emit(next);
        })
    };
    let tab = |(index, tab): (usize, &Tab)| {
        let on_select = props.on_select.clone();
        let on_click = move |_| on_select.emit(index);
        let on = index == active;
        html! {
            <button key={index} type="button" role="tab" class={classes!("tab", on.then_some("on"))}
                aria-selected={on.to_string()} aria-controls={tab.panel.clone()}
                tabindex={if on { "0" } else { "-1" }} onclick={on_click}>
                { tab.label.clone() }
            </button>
        }
    };
    html! {
        <div class="tabs" role="tablist" aria-label={props.label.clone()} onkeydown={on_keydown}>
            { for props.tabs.iter().enumerate().map(tab) }
        </div>
    }
}
