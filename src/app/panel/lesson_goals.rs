//! The goals of a step with how they stand, and the mistakes that show.

use std::rc::Rc;

use kobune::lesson::{GoalState, Play};
use kobune::view::Text;
use kobune::view::lesson::{GoalLine, breach, goals, mistakes};
use yew::prelude::*;

use super::lesson_text::rich;
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) play: Rc<Play>,
}

/// The goals.
#[component]
pub(crate) fn Goals(props: &Props) -> Html {
    let lang = use_lang();
    let lines = goals(&props.play, lang);
    let line = |(index, line): (usize, &GoalLine<'_>)| {
        let (class, sign) = match line.state {
            GoalState::Open => ("open", "○"),
            GoalState::Met if line.standing != Text::GoalMet => ("holds", "◐"),
            GoalState::Met => ("met", "✓"),
            GoalState::Broken(_) => ("broken", "✕"),
        };
        html! {
            <li key={index} class={classes!("goal", class)}>
                <span class="goal-sign" aria-hidden="true">{ sign }</span>
                <div>
                    <p><span class="goal-when">{ line.when.tell(lang) }</span>{ rich(line.text) }</p>
                    <p class="goal-standing">{ line.standing.tell(lang) }</p>
                    if let Some(sentence) = breach(line.state, lang) {
                        <p class="goal-broken">{ rich(line.broken) }</p>
                        <p class="goal-standing">{ sentence }</p>
                    }
                </div>
            </li>
        }
    };
    html! {
        <section class="goals" aria-label={Text::GoalsLabel.tell(lang)}>
            if !lines.is_empty() {
                <h4>{ Text::GoalsLabel.tell(lang) }</h4>
                <ul>{ for lines.iter().enumerate().map(line) }</ul>
            }
            <div role="status">
                { for mistakes(&props.play, lang).into_iter().map(|words| html! { <p class="lesson-notice">{ rich(words) }</p> }) }
            </div>
        </section>
    }
}
