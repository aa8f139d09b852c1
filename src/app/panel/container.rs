//! A Pod drawn by itself: on a deck or in the queue. When its place changes it glides there, unless there are very many.
//!
//! Colour and mark are its version, shape is its health; it leans and fades with a boat that lost its power.

use kobune::object::Key;
use kobune::time::Time;
use kobune::view::chart::{PodPlace, PodSize, fit, fit_name};
use kobune::view::picture::{Health, Look, Plight, PodView, Steps};
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
    /// Whether it moves by gliding.
    pub(crate) glides: bool,
    /// The time, where something is counted down.
    pub(crate) now: Time,
    pub(crate) selected: bool,
    pub(crate) on_select: Callback<Option<Key>>,
}

/// A Pod.
#[component]
pub(crate) fn ContainerMark(props: &Props) -> Html {
    let lang = use_lang();
    let PodPlace { pod, rect, queued, plight, lean } = &props.place;
    let node = use_node_ref();
    let before = use_mut_ref(|| None::<(i32, i32)>);
    use_effect_with((rect.x, rect.y), {
        let (node, before, from) = (node.clone(), before.clone(), props.from);
        // A Pod that is just being made was bound within the same frame; it still comes out of the queue.
        let fresh = pod.health == Health::Starting;
        let (queued, glides) = (*queued, props.glides);
        move |&(x, y): &(i32, i32)| {
            let was = before.replace(Some((x, y)));
            let start = was.or((fresh && !queued).then_some(from));
            let start = start.filter(|start| glides && *start != (x, y));
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
        format!("tint-{}", pod.look.tint),
        (*plight == Plight::Dark).then_some("faded"),
        queued.then_some("queued"),
        props.selected.then_some("selected")
    );
    html! {
        <g ref={node} id={mark_id(&pod.key)} {class} transform={format!("translate({} {})", rect.x, rect.y)}
            role="option" aria-selected={props.selected.to_string()} aria-label={label.clone()} onclick={on_click}>
            <title>{ label }</title>
            <g transform={lean.map(|(x, y)| format!("translate(0 9) rotate(-3 {x} {y})"))}>
                { body(pod, rect.width, rect.height) }
                if *queued {
                    <text class="pod-text" aria-hidden="true" x="7" y="13.5">{ fit_name(&pod.key.name, rect.width - 12, 6) }</text>
                } else if props.size == PodSize::Labelled {
                    { words(pod, rect.width, props.now) }
                }
            </g>
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
    let fill = (pod.health == Health::Starting).then(|| format!("url(#stripes-{})", pod.look.tint));
    let ring = pod.health == Health::Ready;
    html! {
        <>
            <rect class="pod-body" width={width.to_string()} height={height.to_string()} rx={radius} {fill} />
            if ring {
                <rect class="pod-ring" x="2" y="2" width={(width - 4).to_string()}
                    height={(height - 4).to_string()} rx={if width > 24 { "4.5" } else { "2" }} />
            }
            if pod.look.mark > 0 && pod.health != Health::Queued && pod.steps.is_none() {
                { mark(pod.look, width, height) }
            }
        </>
    }
}

/// The class of a version's mark.
pub(super) fn mark_class(look: Look) -> Classes {
    classes!("mark", (look.mark > 1).then_some("broken"))
}

/// The mark of a version: a bar below the words, or across a Pod without words.
fn mark(look: Look, width: i32, height: i32) -> Html {
    let (x, y) = if width > 24 { (7, height - 6) } else { (5, height / 2) };
    html! { <path class={classes!("pod-mark", mark_class(look))} d={format!("M{x} {y}h{}", width - 2 * x)} /> }
}

fn words(pod: &PodView, width: i32, now: Time) -> Html {
    let room = width - 12;
    let below = match pod.health {
        Health::Crashing => match pod.soon.as_ref().and_then(|soon| soon.at) {
            Some(at) => format!("×{} {}", pod.restarts, short_span(at, now)),
            None => format!("×{}", pod.restarts),
        },
        Health::Stuck | Health::Failed => "!".to_owned(),
        Health::Starting | Health::Unready if pod.steps.is_some() => String::new(),
        Health::Queued
        | Health::Starting
        | Health::Unready
        | Health::Ready
        | Health::Terminating
        | Health::Done => pod.version.clone(),
    };
    let steps =
        pod.steps.filter(|_| pod.health == Health::Starting || pod.health == Health::Unready);
    html! {
        <>
            <text class="pod-text" aria-hidden="true" x="6.5" y="13.5">{ fit(&pod.app, room, 6) }</text>
            <text class="pod-text" aria-hidden="true" x="6.5" y="24.5">{ fit(&below, room, 6) }</text>
            { for steps.map(pips) }
        </>
    }
}

/// The init containers: a dot each, filled when it has finished.
fn pips(steps: Steps) -> Html {
    let pip = |index: usize| {
        let x = i32::try_from(index).unwrap_or(0) * 9 + 10;
        let class = classes!("pip", (index < steps.done).then_some("done"));
        html! { <circle {class} cx={x.to_string()} cy="22.5" r="2.75" /> }
    };
    html! { <g aria-hidden="true">{ for (0..steps.all.min(4)).map(pip) }</g> }
}

/// `18s`, `4m`: what is left, in the width of a container.
fn short_span(at: Time, now: Time) -> String {
    let secs = at.since(now).as_secs();
    if secs < 100 { format!("{secs}s") } else { format!("{}m", secs / 60) }
}
