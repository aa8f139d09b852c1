//! The list of lessons: each a link that opens a world of its own.

use std::rc::Rc;

use kobune::view::Text;
use kobune::view::lesson::Listed;
use yew::prelude::*;

use crate::app::lessons::Shelf;
use crate::app::widget::{Icon, Shape, use_lang};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) shelf: Rc<Shelf>,
}

/// The list.
#[component]
pub(crate) fn LessonList(props: &Props) -> Html {
    let lang = use_lang();
    let close = Text::CloseList.tell(lang);
    let lesson = |lesson: &Listed| {
        html! {
            <li key={lesson.id.clone()}>
                <a class="lesson-link" href={format!("#/lesson/{}", lesson.id)}>
                    <b>{ lesson.title(lang) }</b>
                    <span>{ Text::StepCount.fill(lang, &[&lesson.steps.to_string()]) }</span>
                </a>
            </li>
        }
    };
    let shelf = &*props.shelf;
    html! {
        <section id="lesson-pane" class="pane lesson" aria-label={Text::Lessons.tell(lang)}>
            <div class="pane-head">
                <h2 class="pane-title">{ Text::Lessons.tell(lang) }</h2>
                <div class="spring" />
                <a class="button quiet square" href="#/" aria-label={close} title={close}><Icon shape={Shape::Close} /></a>
            </div>
            <div class="lesson-body" tabindex="0">
                if let Some(unknown) = &shelf.unknown {
                    <p class="lesson-notice" role="alert">{ Text::NoSuchLesson.fill(lang, &[unknown]) }</p>
                }
                if let Some(error) = &shelf.error {
                    <p class="lesson-notice" role="alert">{ Text::LessonsFailed.fill(lang, &[error]) }</p>
                }
                if let Some(list) = &shelf.list {
                    <ol class="lesson-list">{ for list.iter().map(lesson) }</ol>
                } else if shelf.error.is_none() {
                    <p class="hint">{ Text::LessonsLoading.tell(lang) }</p>
                }
                <p class="hint">{ Text::LessonsHint.tell(lang) }</p>
            </div>
        </section>
    }
}
