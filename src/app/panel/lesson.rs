//! The lesson pane: the step that is shown, its goals as they tick, hints, the solution played back.
//!
//! What ticks is told in a live region; going to another step moves the focus to its heading.

use std::rc::Rc;

use kobune::lesson::{GoalState, Guess, Play, Record, Step, StepText};
use kobune::view::lesson::{Mark, announcements, cover, marks, may_act, next, words};
use kobune::view::link::to_step;
use kobune::view::{Lang, Text};
use web_sys::Element;
use yew::prelude::*;

use super::lesson_goals::Goals;
use super::lesson_text::LessonText;
use super::prediction::PredictionBox;
use crate::app::browser;
use crate::app::drive::Driver;
use crate::app::widget::{Icon, Shape, use_lang};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) play: Rc<Play>,
    /// Whether the solution is being played back.
    pub(crate) showing: bool,
    pub(crate) driver: Driver,
}

/// The pane.
#[component]
pub(crate) fn LessonPane(props: &Props) -> Html {
    let lang = use_lang();
    let (play, shown) = (&props.play, props.play.shown());
    let body = use_node_ref();
    let first = use_mut_ref(|| true);
    use_effect_with(shown, {
        let body = body.clone();
        move |_| {
            if let Some(element) = body.cast::<Element>() {
                element.set_scroll_top(0);
            }
            if !first.replace(false) {
                browser::focus_id("lesson-step");
            }
        }
    });
    let told = use_mut_ref(|| (Rc::clone(play), Vec::<String>::new()));
    {
        let (before, sentences) = &mut *told.borrow_mut();
        if !Rc::ptr_eq(before, play) {
            let news = announcements(before, play, lang);
            if !news.is_empty() {
                *sentences = news;
            }
            *before = Rc::clone(play);
        }
    }
    let lesson = play.lesson();
    let (Some(step), Some(text)) = (lesson.steps.get(shown), words(lesson, shown, lang)) else {
        return Html::default();
    };
    let record = play.record(shown).cloned().unwrap_or_default();
    let leave = Text::LeaveLesson.tell(lang);
    html! {
        <section id="lesson-pane" class="pane lesson" aria-label={Text::Lesson.tell(lang)}>
            <div class="pane-head">
                <h2 class="pane-title">{ &cover(lesson, lang).title }</h2>
                <div class="spring" />
                <a class="button quiet square leave" href="#/" aria-label={leave} title={leave}><Icon shape={Shape::Close} /></a>
            </div>
            <div ref={body} class="lesson-body" tabindex="0">
                { row(play, lang) }
                <h3 id="lesson-step" tabindex="-1">{ &text.title }</h3>
                { content(props, step, text, &record, lang) }
            </div>
            <div class="visually-hidden lesson-news" role="status" aria-live="polite">
                { for told.borrow().1.iter().map(|sentence| html! { <p>{ sentence }</p> }) }
            </div>
        </section>
    }
}

/// The row of steps.
fn row(play: &Play, lang: Lang) -> Html {
    let (id, shown) = (&play.lesson().id, play.shown());
    let count = play.lesson().steps.len();
    let step = |(index, mark): (usize, &Mark)| {
        let (class, state) = match mark {
            Mark::Done => ("done", Text::StepIsDone),
            Mark::Current => ("current", Text::StepIsCurrent),
            Mark::Later => ("later", Text::StepIsLater),
        };
        let number = (index + 1).to_string();
        let title =
            words(play.lesson(), index, lang).map_or_else(String::new, |words| words.title.clone());
        let label = format!(
            "{}: {title} ({})",
            Text::StepOf.fill(lang, &[&number, &count.to_string()]),
            state.tell(lang)
        );
        let sign = if *mark == Mark::Done { "✓".to_owned() } else { number };
        html! {
            <li key={index}>
                if *mark == Mark::Later {
                    <span class={classes!("step-mark", class)} title={label.clone()} role="img" aria-label={label}>{ sign }</span>
                } else {
                    <a class={classes!("step-mark", class, (index == shown).then_some("shown"))} href={to_step(id, index)}
                        aria-current={(index == shown).then_some("step")} aria-label={label.clone()} title={label}>{ sign }</a>
                }
            </li>
        }
    };
    html! {
        <ol class="step-marks" aria-label={Text::StepsLabel.tell(lang)}>
            { for marks(play).iter().enumerate().map(step) }
        </ol>
    }
}

/// What a step says and asks.
fn content(props: &Props, step: &Step, text: &StepText, record: &Record, lang: Lang) -> Html {
    let play = &props.play;
    let run = {
        let driver = props.driver.clone();
        Callback::from(move |line: String| driver.run(&line))
    };
    let on_guess = {
        let driver = props.driver.clone();
        Callback::from(move |guess: Guess| driver.in_lesson(|play, world| play.guess(guess, world)))
    };
    let current = play.shown() == play.at();
    let may = current && may_act(play);
    html! {
        <>
            <div class="lesson-words"><LessonText blocks={text.body.clone()} /></div>
            if let Some(prediction) = &step.prediction {
                <PredictionBox key={step.id.clone()} prediction={prediction.clone()} text={text.clone()}
                    record={record.clone()} {on_guess} />
            }
            <section class="lesson-words act" aria-label={Text::TryIt.tell(lang)}>
                <h4>{ Text::TryIt.tell(lang) }</h4>
                if current && !may {
                    <p class="hint">{ Text::PredictFirst.tell(lang) }</p>
                }
                <LessonText blocks={text.act.clone()} values={play.values().to_vec()} on_run={may.then_some(run)} />
            </section>
            <Goals play={Rc::clone(play)} />
            { hints(text, record) }
            if record.done {
                <section class="why" aria-label={Text::WhyLabel.tell(lang)}>
                    <h4>{ if play.finished() { Text::LessonDone } else { Text::StepDone }.tell(lang) }</h4>
                    <LessonText blocks={text.why.clone()} />
                </section>
            }
            { foot(props, text, record, lang) }
        </>
    }
}

fn hints(text: &StepText, record: &Record) -> Html {
    if record.hints == 0 {
        return Html::default();
    }
    html! {
        <ul class="lesson-hints">
            { for text.hints.iter().take(record.hints).map(|hint| html! { <li><LessonText blocks={hint.clone()} /></li> }) }
        </ul>
    }
}

/// What can be done about a step.
fn foot(props: &Props, text: &StepText, record: &Record, lang: Lang) -> Html {
    let play = &props.play;
    let act = |act: fn(&Driver)| {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| act(&driver))
    };
    let current = play.shown() == play.at();
    let broken = record.goals.iter().any(|goal| matches!(goal, GoalState::Broken(_)));
    let left = text.hints.len().saturating_sub(record.hints);
    html! {
        <div class="lesson-foot">
            if let Some(next) = next(play) {
                <a class="button primary next" href={next}>{ Text::NextStep.tell(lang) }</a>
            }
            if current && !record.done {
                if left > 0 {
                    <button type="button" class="button small" onclick={act(|driver| driver.in_lesson(|play, _| play.hint()))}>
                        { Text::NextHint.fill(lang, &[&left.to_string()]) }
                    </button>
                }
                <button type="button" class="button small" disabled={props.showing} onclick={act(Driver::show_solution)}>
                    { if props.showing { Text::ShowingSolution } else { Text::ShowSolution }.tell(lang) }
                </button>
            }
            if current {
                <button type="button" class={classes!("button", "small", if broken { "primary" } else { "quiet" })}
                    onclick={act(Driver::restart_step)}>{ Text::RestartStep.tell(lang) }</button>
            }
            if play.finished() {
                <a class="button" href="#/lessons">{ Text::Lessons.tell(lang) }</a>
            }
        </div>
    }
}
