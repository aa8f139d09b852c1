//! What happens, spoken: a live region for screen readers. Never more than a few sentences at once.

use std::rc::Rc;

use kobune::view::Text;
use kobune::view::narration::Happening;
use yew::prelude::*;

use crate::app::widget::use_lang;

/// Sentences told at once.
const SENTENCES: usize = 4;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) news: Rc<Vec<Happening>>,
}

/// The live region. It keeps the last news while there are none.
#[component]
pub(crate) fn Narration(props: &Props) -> Html {
    let lang = use_lang();
    let kept = use_mut_ref(|| Rc::clone(&props.news));
    if !props.news.is_empty() {
        kept.replace(Rc::clone(&props.news));
    }
    let news = Rc::clone(&kept.borrow());
    let more = news.len().saturating_sub(SENTENCES);
    html! {
        <div class="visually-hidden narration" role="log" aria-live="polite">
            { for news.iter().take(SENTENCES).map(|happening| html! {
                <p>{ happening.tell(lang) }</p>
            }) }
            if more > 0 {
                <p>{ Text::AndMore.fill(lang, &[&more.to_string()]) }</p>
            }
        </div>
    }
}
