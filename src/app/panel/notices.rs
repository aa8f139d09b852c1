//! Messages that stay until they are dismissed.

use kobune::view::Text;
use yew::prelude::*;

use crate::app::state::{Action, Notice};
use crate::app::widget::{Icon, Shape, use_lang};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) notices: Vec<Notice>,
    pub(crate) tell: Callback<Action>,
}

/// The messages.
#[component]
pub(crate) fn Notices(props: &Props) -> Html {
    let lang = use_lang();
    let notice = |(index, notice): (usize, &Notice)| {
        let values: Vec<&str> = notice.values.iter().map(String::as_str).collect();
        let on_dismiss = props.tell.reform(move |_: MouseEvent| Action::Dismiss(index));
        html! {
            <div class="notice" key={index}>
                <p>{ notice.text.fill(lang, &values) }</p>
                <button type="button" class="button quiet square" aria-label={Text::Dismiss.tell(lang)}
                    title={Text::Dismiss.tell(lang)} onclick={on_dismiss}>
                    <Icon shape={Shape::Close} />
                </button>
            </div>
        }
    };
    html! {
        <div class="notices" role="status">
            { for props.notices.iter().enumerate().map(notice) }
        </div>
    }
}
