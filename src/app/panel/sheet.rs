//! The content of the inspector's sheets.

use std::rc::Rc;

use kobune::time::Time;
use kobune::view::Text;
use kobune::view::inspector::{EventRow, Inspection, Page, Row, age};
use yew::prelude::*;

use crate::app::browser::copy_text;
use crate::app::widget::{Icon, Shape, use_words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) inspection: Rc<Inspection>,
    pub(crate) now: Time,
}

/// The sheet that is shown.
#[component]
pub(crate) fn SheetPage(props: &Props) -> Html {
    let words = use_words();
    match &props.inspection.page {
        Page::Summary(rows) => html! {
            <dl class="facts">
                { for rows.iter().map(|row| fact(row, words(row.name))) }
            </dl>
        },
        Page::Yaml(text) => html! { <YamlPage text={AttrValue::from(text.clone())} /> },
        Page::Events(events) if events.is_empty() => {
            html! { <p class="hint">{ words(Text::NoEvents) }</p> }
        }
        Page::Events(events) => html! {
            <ol class="events">{ for events.iter().rev().map(|row| event(row, props.now)) }</ol>
        },
        Page::Logs(logs) if logs.is_empty() => {
            html! { <p class="hint">{ words(Text::NoContainers) }</p> }
        }
        Page::Logs(logs) => html! {
            { for logs.iter().map(|(container, text)| html! {
                <section key={container.clone()} class="log">
                    <h3>{ container }</h3>
                    if text.is_empty() {
                        <p class="hint">{ words(Text::NoLogs) }</p>
                    } else {
                        <pre class="code">{ text }</pre>
                    }
                </section>
            }) }
        },
    }
}

fn fact(row: &Row, name: &'static str) -> Html {
    html! {
        <>
            <dt>{ name }</dt>
            <dd>{ for row.values.iter().map(|value| html! { <span class="fact-value">{ value }</span> }) }</dd>
        </>
    }
}

fn event(row: &EventRow, now: Time) -> Html {
    let times = (row.count > 1).then(|| format!(" ×{}", row.count));
    html! {
        <li class={classes!("event", row.warning.then_some("warning"))}>
            <span class="event-head"><b>{ &row.reason }</b>{ times }
                <span class="event-age">{ age(row.last, now) }</span></span>
            <span class="event-message">{ &row.message }</span>
            <span class="event-source">{ &row.source }</span>
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct YamlProps {
    text: AttrValue,
}

/// The object as text, and a button that copies it.
#[component]
fn YamlPage(props: &YamlProps) -> Html {
    let words = use_words();
    let done = use_state(|| None::<bool>);
    use_effect_with(props.text.clone(), {
        let done = done.setter();
        move |_| done.set(None)
    });
    let on_copy = {
        let (text, done) = (props.text.clone(), done.setter());
        Callback::from(move |_: MouseEvent| {
            let done = done.clone();
            copy_text(&text, Rc::new(move |worked| done.set(Some(worked))));
        })
    };
    let label = match *done {
        None => Text::CopyYaml,
        Some(true) => Text::Copied,
        Some(false) => Text::CopyFailed,
    };
    html! {
        <div class="yaml">
            <button type="button" class="button small copy" onclick={on_copy}>
                <Icon shape={Shape::Copy} /><span role="status">{ words(label) }</span>
            </button>
            <pre class="code">{ props.text.clone() }</pre>
        </div>
    }
}
