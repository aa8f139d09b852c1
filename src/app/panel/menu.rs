//! What can be done to something, as a menu: by mouse, by arrow keys, and on a narrow page as a sheet at its foot.
//!
//! Every item shows the command line that it stands for; choosing it runs that line at the prompt.

use kobune::view::Text;
use kobune::view::act::Act;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::app::browser::{focus_id, place_within};
use crate::app::widget::use_words;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Of what, as the menu's name.
    pub(crate) title: AttrValue,
    pub(crate) acts: Vec<Act>,
    /// Where its corner is wanted, from the corner of what is around it; below the button before it if `None`.
    #[prop_or_default]
    pub(crate) at: Option<(i32, i32)>,
    pub(crate) on_act: Callback<Act>,
    /// It was closed; `true` if by the keyboard or by choosing, so that the focus goes back.
    pub(crate) on_close: Callback<bool>,
}

fn item_id(index: usize) -> String {
    format!("act-{index}")
}

/// The menu, open.
#[component]
pub(crate) fn Menu(props: &Props) -> Html {
    let words = use_words();
    let node = use_node_ref();
    use_effect_with(props.at, {
        let node = node.clone();
        move |at| {
            if let (Some(element), Some(at)) = (node.cast::<HtmlElement>(), at) {
                place_within(&element, *at);
            }
            focus_id(&item_id(0));
        }
    });
    let at = use_mut_ref(|| 0_usize);
    let on_keydown = {
        let (count, on_close) = (props.acts.len().max(1), props.on_close.clone());
        Callback::from(move |event: KeyboardEvent| {
            let now = *at.borrow();
            let next = match event.key().as_str() {
                "ArrowDown" => (now + 1) % count,
                "ArrowUp" => (now + count - 1) % count,
                "Home" => 0,
                "End" => count - 1,
                "Escape" | "Tab" => {
                    event.prevent_default();
                    event.stop_propagation();
                    return on_close.emit(true);
                }
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            at.replace(next);
            focus_id(&item_id(next));
        })
    };
    let on_away = props.on_close.reform(|event: MouseEvent| {
        event.prevent_default();
        false
    });
    let title = words(Text::ActionsOn).replace("{0}", &props.title);
    let item = |(index, act): (usize, &Act)| {
        let before = index.checked_sub(1).and_then(|before| props.acts.get(before));
        let parts = before.is_some_and(|before| before.group != act.group);
        let on_click = {
            let (act, on_act, on_close) =
                (act.clone(), props.on_act.clone(), props.on_close.clone());
            move |_: MouseEvent| {
                on_close.emit(true);
                on_act.emit(act.clone());
            }
        };
        html! {
            <>
                if parts {
                    <div class="menu-line" role="separator"></div>
                }
                <button type="button" id={item_id(index)} role="menuitem" tabindex="-1"
                    class={classes!("menu-item", act.grave.then_some("grave"))} onclick={on_click}>
                    <span>{ words(act.what) }</span>
                    <code>{ &act.line }</code>
                </button>
            </>
        }
    };
    html! {
        <>
            <div class="menu-shade" onclick={on_away.clone()} oncontextmenu={on_away}></div>
            <div ref={node} class="menu" role="menu" aria-label={title.clone()} onkeydown={on_keydown}>
                <div class="menu-title" aria-hidden="true">{ title }</div>
                { for props.acts.iter().enumerate().map(item) }
            </div>
        </>
    }
}
