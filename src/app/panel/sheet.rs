//! The content of the inspector's sheets.

use std::rc::Rc;

use kobune::time::Time;
use kobune::view::Text;
use kobune::view::inspector::{Candidate, EventRow, Inspection, Page, Placement, Row, ago};
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
        Page::Summary(rows, seen) => html! {
            <>
                <dl class="facts">
                    { for rows.iter().map(|row| fact(row, words(row.name))) }
                </dl>
                { for seen.iter().map(|seen| placement(seen, words)) }
            </>
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

fn placement(seen: &Placement, words: impl Fn(Text) -> &'static str) -> Html {
    let node = |candidate: &Candidate| {
        let verdict = match candidate.total {
            Some(total) => html! { <span class="score">{ total }</span> },
            None => {
                html! { <span class="refused" aria-label={words(Text::Refused)}>{ "✕" }</span> }
            }
        };
        let because = candidate.because.iter().map(|(plugin, what)| {
            html! { <span class="plugin"><b>{ *plugin }</b>{ " " }{ what }</span> }
        });
        html! {
            <li class={classes!("candidate", candidate.chosen.then_some("chosen"))}>
                <span class="candidate-head"><b>{ &*candidate.node }</b>
                    if candidate.chosen {
                        <span class="chip good">{ words(Text::Chosen) }</span>
                    }
                    { verdict }</span>
                <span class="plugins">{ for because }</span>
            </li>
        }
    };
    html! {
        <section class="placement">
            <h3>{ words(Text::SchedulingTable) }</h3>
            <ul>{ for seen.nodes.iter().map(node) }</ul>
            if seen.more > 0 {
                <p class="hint">{ format!("+{}", seen.more) }</p>
            }
        </section>
    }
}

fn event(row: &EventRow, now: Time) -> Html {
    let times = (row.count > 1).then(|| format!(" ×{}", row.count));
    html! {
        <li class={classes!("event", row.warning.then_some("warning"))}>
            <span class="event-head"><b>{ &row.reason }</b>{ times }
                <span class="event-age">{ ago(row.last, now) }</span></span>
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
