//! The picture as text, for screen readers: nodes with their Pods, the queue, the Services.

use std::rc::Rc;

use kobune::time::Time;
use kobune::view::Text;
use kobune::view::picture::{Boat, CROWD, Picture, PodView, ServiceView, waiting_text};
use yew::prelude::*;

use super::boat::label as boat_label;
use super::container::label;
use super::gauge::label as workload_label;
use super::service::label as service_label;
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) picture: Rc<Picture>,
    pub(crate) now: Time,
}

/// The outline. With very many Pods it counts them; each is still reached with the arrow keys.
#[component]
pub(crate) fn Outline(props: &Props) -> Html {
    let lang = use_lang();
    let picture = &props.picture;
    let whole = picture.pods < CROWD;
    let pod = |pod: &Rc<PodView>| {
        let reason = pod.waiting.as_ref().map(|message| waiting_text(message, lang));
        html! { <li key={&*pod.uid}>{ label(pod, lang) }{ reason.map(|reason| format!(". {reason}")) }</li> }
    };
    let boat = |boat: &Rc<Boat>| {
        let count = Text::PodCount.fill(lang, &[&boat.pods.len().to_string()]);
        let text = format!("{}. {count}", boat_label(boat, props.now, lang));
        html! {
            <li key={boat.key.to_string()}>
                { text }
                if whole {
                    <ul>{ for boat.pods.iter().map(pod) }</ul>
                }
            </li>
        }
    };
    let service = |service: &Rc<ServiceView>| html! { <li>{ service_label(service, lang) }</li> };
    html! {
        <div class="visually-hidden outline" role="region" aria-label={Text::Outline.tell(lang)}>
            <h2>{ Text::Outline.tell(lang) }</h2>
            <h3>{ Text::Scheduler.tell(lang) }</h3>
            if picture.queue.is_empty() {
                <p>{ Text::QueueEmpty.tell(lang) }</p>
            } else {
                <p>{ Text::QueueLength.fill(lang, &[&picture.queue.len().to_string()]) }</p>
                <ul>{ for picture.queue.iter().take(20).map(pod) }</ul>
            }
            <ul>{ for picture.workloads.iter().map(|workload| html! {
                <li>{ workload_label(workload, lang) }</li>
            }) }</ul>
            <ul>{ for picture.boats.iter().map(boat) }</ul>
            <ul>{ for picture.services.iter().map(service) }</ul>
        </div>
    }
}
