//! What there is to tell of the file on top: a plain sentence, the server's words, and what would mend it.

use std::rc::Rc;

use kobune::view::Text;
use kobune::view::diagnostics::Diagnostic;
use yew::prelude::*;

use crate::app::widget::{use_lang, use_words};

/// How many are listed; all are marked in the text.
const LISTED: usize = 30;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) diagnostics: Rc<Vec<Diagnostic>>,
    /// Leads to a line and column.
    pub(crate) on_reveal: Callback<(usize, usize)>,
    /// Does a repair: the number of the diagnostic, and of its repair.
    pub(crate) on_repair: Callback<(usize, usize)>,
}

/// The list; the weightiest first. Each leads to its place.
#[component]
pub(crate) fn Problems(props: &Props) -> Html {
    let (words, lang) = (use_words(), use_lang());
    if props.diagnostics.is_empty() {
        return html! { <div class="problems none" role="status" /> };
    }
    let mut order: Vec<usize> = (0..props.diagnostics.len()).collect();
    kobune::order::sort_by_key(&mut order, |index| {
        props.diagnostics.get(*index).map(|found| found.severity)
    });
    let row = |index: usize| {
        let found = props.diagnostics.get(index)?;
        let on_reveal = props.on_reveal.reform({
            let place = (found.place.line, found.place.column);
            move |_: MouseEvent| place
        });
        let line = Text::AtLineShort.fill(lang, &[&found.place.line.to_string()]);
        let advice = found.tell(lang);
        let button = |(number, repair): (usize, &_)| {
            let repair: &kobune::view::diagnostics::Repair = repair;
            let on_repair = props.on_repair.reform(move |_: MouseEvent| (index, number));
            html! {
                <button type="button" class="button small repair" title={words(Text::RepairHint)}
                    onclick={on_repair}>{ repair.tell(lang) }</button>
            }
        };
        Some(html! {
            <li key={index} class={classes!("problem", found.severity.name())}>
                <button type="button" class="problem-text" onclick={on_reveal}>
                    <b>{ line }</b>
                    if !advice.is_empty() {
                        <span class="advice">{ advice }</span>
                    }
                    if !found.message.is_empty() {
                        <span class="says" lang="en">{ &found.message }</span>
                    }
                </button>
                if !found.repairs.is_empty() {
                    <div class="repairs">{ for found.repairs.iter().enumerate().map(button) }</div>
                }
            </li>
        })
    };
    html! {
        <div class="problems" role="status" aria-label={words(Text::Problems)}>
            <ul>{ for order.into_iter().take(LISTED).filter_map(row) }</ul>
        </div>
    }
}
