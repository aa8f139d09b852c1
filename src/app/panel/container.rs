//! A Pod drawn by itself: on a deck or in the queue. When its place changes it glides there.

use kobune::object::Key;
use kobune::view::chart::{PodPlace, PodSize, fit, fit_name};
use kobune::view::picture::{Health, PodView};
use kobune::view::{Lang, Text};
use web_sys::Element;
use yew::prelude::*;

use super::harbour::mark_id;
use crate::app::browser::glide;
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) place: PodPlace,
    pub(crate) size: PodSize,
    /// Where it comes from when it is seen on a deck for the first time.
    pub(crate) from: (i32, i32),
    pub(crate) selected: bool,
    pub(crate) on_select: Callback<Option<Key>>,
}

/// A Pod.
#[component]
pub(crate) fn ContainerMark(props: &Props) -> Html {
    let lang = use_lang();
    let PodPlace { pod, rect, queued } = &props.place;
    let node = use_node_ref();
    let before = use_mut_ref(|| None::<(i32, i32)>);
    use_effect_with((rect.x, rect.y), {
        let (node, before, from) = (node.clone(), before.clone(), props.from);
        // A Pod that is just being made was bound within the same frame; it still comes out of the queue.
        let fresh = pod.health == Health::Starting;
        let queued = *queued;
        move |&(x, y): &(i32, i32)| {
            let was = before.replace(Some((x, y)));
            let start = was.or((fresh && !queued).then_some(from));
            let start = start.filter(|start| *start != (x, y));
            if let (Some(start), Some(element)) = (start, node.cast::<Element>()) {
                glide(&element, start, (x, y), if was.is_none() { 220 } else { 0 });
            }
        }
    });
    let on_click = {
        let key = pod.key.clone();
        props.on_select.reform(move |event: MouseEvent| {
            event.stop_propagation();
            Some(key.clone())
        })
    };
    let label = label(pod, lang);
    let class = classes!(
        "pod",
        health_class(pod.health),
        format!("tint-{}", pod.tint),
        queued.then_some("queued"),
        props.selected.then_some("selected")
    );
    html! {
        <g ref={node} id={mark_id(&pod.key)} {class} transform={format!("translate({} {})", rect.x, rect.y)}
            role="option" aria-selected={props.selected.to_string()} aria-label={label.clone()} onclick={on_click}>
            <title>{ label }</title>
            { body(pod, rect.width, rect.height) }
            if *queued {
                <text class="pod-text" aria-hidden="true" x="7" y="13.5">{ fit_name(&pod.key.name, rect.width - 12, 6) }</text>
            } else if props.size == PodSize::Labelled {
                { words(pod, rect.width) }
            }
        </g>
    }
}

/// The class of a Pod's shape.
pub(super) fn health_class(health: Health) -> &'static str {
    match health {
        Health::Queued => "is-queued",
        Health::Starting => "is-starting",
        Health::Unready => "is-unready",
        Health::Ready => "is-ready",
        Health::Crashing => "is-crashing",
        Health::Stuck => "is-stuck",
        Health::Terminating => "is-terminating",
        Health::Done => "is-done",
        Health::Failed => "is-failed",
    }
}

/// The words for a Pod's shape.
pub(super) fn health_text(health: Health) -> Text {
    match health {
        Health::Queued => Text::HealthQueued,
        Health::Starting => Text::HealthStarting,
        Health::Unready => Text::HealthUnready,
        Health::Ready => Text::HealthReady,
        Health::Crashing => Text::HealthCrashing,
        Health::Stuck => Text::HealthStuck,
        Health::Terminating => Text::HealthTerminating,
        Health::Done => Text::HealthDone,
        Health::Failed => Text::HealthFailed,
    }
}

/// What a Pod is called and how it does.
pub(super) fn label(pod: &PodView, lang: Lang) -> String {
    let health = health_text(pod.health);
    let mut text = format!("{}: {} ({})", pod.key.name, health.tell(lang), pod.status);
    if pod.restarts > 0 {
        text.push_str(", ");
        text.push_str(&Text::RestartCount.fill(lang, &[&pod.restarts.to_string()]));
    }
    text
}

fn body(pod: &PodView, width: i32, height: i32) -> Html {
    let radius = if width > 24 { "6" } else { "3" };
    let fill = (pod.health == Health::Starting).then(|| format!("url(#stripes-{})", pod.tint));
    let ring = pod.health == Health::Ready;
    html! {
        <>
            <rect class="pod-body" width={width.to_string()} height={height.to_string()} rx={radius} {fill} />
            if ring {
                <rect class="pod-ring" x="2" y="2" width={(width - 4).to_string()}
                    height={(height - 4).to_string()} rx={if width > 24 { "4.5" } else { "2" }} />
            }
        </>
    }
}

fn words(pod: &PodView, width: i32) -> Html {
    let room = width - 12;
    let below = match pod.health {
        Health::Crashing => format!("×{}", pod.restarts),
        Health::Stuck | Health::Failed => "!".to_owned(),
        Health::Queued
        | Health::Starting
        | Health::Unready
        | Health::Ready
        | Health::Terminating
        | Health::Done => pod.version.clone(),
    };
    html! {
        <>
            <text class="pod-text" aria-hidden="true" x="6.5" y="15">{ fit(&pod.app, room, 6) }</text>
            <text class="pod-text" aria-hidden="true" x="6.5" y="27.5">{ fit(&below, room, 6) }</text>
        </>
    }
}
