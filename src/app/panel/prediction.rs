//! The question before an act, and afterwards what the world answered.

use kobune::lesson::{Guess, Prediction, Question, Record, StepText, by_id};
use kobune::view::lesson::verdict;
use kobune::view::{Lang, Text};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::lesson_text::{LessonText, rich};
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) prediction: Prediction,
    pub(crate) text: StepText,
    pub(crate) record: Record,
    pub(crate) on_guess: Callback<Guess>,
}

/// The question.
#[component]
pub(crate) fn PredictionBox(props: &Props) -> Html {
    let lang = use_lang();
    let chosen = use_state(String::new);
    let open = !props.record.done && props.record.guess.is_none();
    html! {
        <section class="prediction" aria-label={Text::Prediction.tell(lang)}>
            <h4>{ Text::Prediction.tell(lang) }</h4>
            <LessonText blocks={props.text.question.clone()} />
            if open {
                { ask(props, &chosen, lang) }
                <div class="row">
                    <button type="button" class="button small primary" disabled={chosen.trim().is_empty()}
                        onclick={props.on_guess.reform({
                            let chosen = chosen.clone();
                            move |_: MouseEvent| Guess::Said(chosen.trim().to_owned())
                        })}>{ Text::Predict.tell(lang) }</button>
                    <button type="button" class="button small quiet"
                        onclick={props.on_guess.reform(|_: MouseEvent| Guess::Skipped)}>
                        { Text::SkipPrediction.tell(lang) }
                    </button>
                </div>
            } else {
                { answer(props, lang) }
            }
        </section>
    }
}

/// What there is to choose from.
fn ask(props: &Props, chosen: &UseStateHandle<String>, lang: Lang) -> Html {
    let on_change = {
        let chosen = chosen.clone();
        Callback::from(move |event: Event| set(&chosen, event.target()))
    };
    let on_input = {
        let chosen = chosen.clone();
        Callback::from(move |event: InputEvent| set(&chosen, event.target()))
    };
    let option = |id: &str, words: Html| {
        html! {
            <label class="option">
                <input type="radio" name="prediction" value={id.to_owned()} checked={**chosen == id}
                    onchange={on_change.clone()} />
                <span>{ words }</span>
            </label>
        }
    };
    match &props.prediction.question {
        Question::Choices(ids) => {
            let options =
                ids.iter().filter_map(|id| Some(option(id, rich(by_id(&props.text.options, id)?))));
            html! { <div class="options" role="radiogroup" aria-label={Text::Prediction.tell(lang)}>{ for options }</div> }
        }
        Question::Among(_) => {
            let options = props
                .record
                .options
                .iter()
                .map(|name| option(name, html! { <code>{ name }</code> }));
            html! { <div class="options" role="radiogroup" aria-label={Text::Prediction.tell(lang)}>{ for options }</div> }
        }
        Question::Number => html! {
            <input type="number" min="0" max="9999" inputmode="numeric" class="number" aria-label={Text::NumberLabel.tell(lang)}
                value={(**chosen).clone()} oninput={on_input} />
        },
    }
}

fn set(chosen: &UseStateHandle<String>, target: Option<web_sys::EventTarget>) {
    if let Some(input) = target.and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
        chosen.set(input.value());
    }
}

/// What was said, and what it was.
fn answer(props: &Props, lang: Lang) -> Html {
    let verdict = verdict(&props.prediction.question, &props.text, &props.record);
    let said = match (&verdict, &props.record.guess) {
        (Some(verdict), _) => verdict.said.clone(),
        (None, Some(Guess::Said(said))) => {
            Some(match props.text.options.iter().find(|(id, _)| id == said) {
                Some((_, words)) => kobune::view::lesson::plain(words),
                None => said.clone(),
            })
        }
        (None, Some(Guess::Skipped) | None) => None,
    };
    html! {
        <>
            <p class="said">{ said.map_or_else(|| Text::YouSkipped.tell(lang).to_owned(), |said| Text::YouSaid.fill(lang, &[&said])) }</p>
            if let Some(verdict) = verdict {
                <p class={classes!("verdict", if verdict.right { "good" } else { "new" })}>
                    { Text::InFact.fill(lang, &[&verdict.answer]) }
                    if verdict.said.is_some() {
                        { " " }<span class="verdict-word">{ if verdict.right { Text::GuessRight } else { Text::GuessWrong }.tell(lang) }</span>
                    }
                </p>
            }
        </>
    }
}
