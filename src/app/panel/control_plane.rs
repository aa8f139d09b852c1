//! Above the sea: API server, controllers, scheduler, in the order of their work.

use std::rc::Rc;

use kobune::view::chart::{Chart, Rect, fit};
use kobune::view::picture::{Picture, waiting_text};
use kobune::view::{Lang, Text};
use yew::prelude::*;

use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) chart: Rc<Chart>,
    pub(crate) picture: Rc<Picture>,
}

/// The strip.
#[component]
pub(crate) fn ControlPlane(props: &Props) -> Html {
    let lang = use_lang();
    let (chart, picture) = (&*props.chart, &*props.picture);
    let revision = picture.revision.to_string();
    let queue = Text::QueueLength.fill(lang, &[&picture.queue.len().to_string()]);
    html! {
        <g class="control-plane">
            { part(&chart.api, Text::ApiServer.tell(lang), None) }
            { line(&chart.api, 0, "value", &Text::Revision.fill(lang, &[&revision])) }
            { line(&chart.api, 1, "value dim", &Text::PodCount.fill(lang, &[&picture.pods.to_string()])) }
            { arrow(&chart.api, &chart.controllers) }
            { part(&chart.controllers, Text::Controllers.tell(lang), None) }
            { controllers(chart, picture, lang) }
            { arrow(&chart.controllers, &chart.scheduler) }
            { part(&chart.scheduler, Text::Scheduler.tell(lang), Some(&queue)) }
            { waiting(chart, picture, lang) }
        </g>
    }
}

#[expect(clippy::similar_names, reason = "the names are those that html! gives its parts")]
fn part(rect: &Rect, title: &str, note: Option<&str>) -> Html {
    let Rect { x, y, width, height } = *rect;
    html! {
        <>
            <rect class="part" x={x.to_string()} y={y.to_string()} width={width.to_string()}
                height={height.to_string()} rx="11" />
            <text class="part-title" x={(x + 12).to_string()} y={(y + 19).to_string()}>
                { title }
                if let Some(note) = note {
                    <tspan class="part-note" dx="10">{ note }</tspan>
                }
            </text>
        </>
    }
}

fn line(rect: &Rect, row: i32, class: &'static str, text: &str) -> Html {
    let (x, y) = (rect.x + 12, rect.y + 42 + row * 19);
    if y > rect.y + rect.height - 6 {
        return Html::default();
    }
    html! {
        <text {class} x={x.to_string()} y={y.to_string()}>{ fit(text, rect.width - 24, 7) }</text>
    }
}

fn arrow(from: &Rect, to: &Rect) -> Html {
    if to.x < from.x + from.width + 24 {
        return Html::default();
    }
    let (x, y) = (i32::midpoint(from.x + from.width, to.x), from.y + from.height / 2);
    let path = format!("M{} {y}h18m-5 -5l5 5l-5 5", x - 9);
    html! { <path class="arrow" d={path} /> }
}

/// Who wrote since the last look. The key makes the highlight fade anew each time.
fn controllers(chart: &Chart, picture: &Picture, lang: Lang) -> Html {
    let at_work = picture.busy.iter().filter(|name| name.ends_with("-controller"));
    let names: Vec<String> = at_work.map(|name| controller_name(name)).collect();
    if names.is_empty() {
        return line(&chart.controllers, 0, "value dim", Text::AtRest.tell(lang));
    }
    let rows = names.iter().take(3).zip(0..).map(|(name, row)| {
        html! { <g key={name.clone()} class="at-work">{ line(&chart.controllers, row, "value", name) }</g> }
    });
    html! { <g key={picture.revision}>{ for rows }</g> }
}

/// `replicaset-controller` to `ReplicaSet`.
fn controller_name(name: &str) -> String {
    let stem = name.trim_end_matches("-controller").replace('-', "");
    kobune::object::KINDS
        .iter()
        .find(|info| info.singular == stem)
        .map_or(stem, |info| info.name.to_owned())
}

/// Beside each Pod of the queue, why it waits.
fn waiting(chart: &Chart, picture: &Picture, lang: Lang) -> Html {
    let rect = &chart.scheduler;
    if picture.queue.is_empty() {
        return line(rect, 0, "value dim", Text::QueueEmpty.tell(lang));
    }
    let rows = chart.pods.iter().filter(|place| place.queued).map(|place| {
        let x = place.rect.x + place.rect.width + 8;
        let (class, text) = match &place.pod.waiting {
            Some(message) => ("why", waiting_text(message, lang)),
            None => ("value dim", Text::Deciding.tell(lang).to_owned()),
        };
        let room = rect.x + rect.width - x - 8;
        html! {
            <text key={&*place.pod.uid} {class} x={x.to_string()} y={(place.rect.y + 14).to_string()}>
                <title>{ text.clone() }</title>
                { fit(&text, room, 7) }
            </text>
        }
    });
    let hidden = Text::MoreWaiting.fill(lang, &[&chart.queue_hidden.to_string()]);
    let (x, y) = (rect.x + rect.width - 12, rect.y + 19);
    html! {
        <>
            { for rows }
            if chart.queue_hidden > 0 {
                <text class="part-note end" x={x.to_string()} y={y.to_string()}>{ hidden }</text>
            }
        </>
    }
}
