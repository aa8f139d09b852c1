//! The picture: control plane, Deployments, boats, Services. One tab stop; the arrow keys walk through it.

use std::rc::Rc;

use kobune::object::Key;
use kobune::time::Time;
use kobune::view::chart::{BoatPlace, Chart, GaugePlace, Step, chart, gangway, walk};
use kobune::view::picture::{Picture, Scoring, TINTS};
use kobune::view::{Lang, Text};
use web_sys::Element;
use yew::prelude::*;

use super::boat::BoatMark;
use super::container::ContainerMark;
use super::control_plane::ControlPlane;
use super::crowd::CrowdMark;
use super::gauge::GaugeMark;
use super::outline::Outline;
use super::service::{ServiceMark, wires};
use crate::app::browser::SizeWatch;
use crate::app::widget::{use_lang, use_words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) picture: Rc<Picture>,
    /// The time in whole seconds, where something is counted down.
    pub(crate) now: Time,
    pub(crate) selected: Option<Key>,
    pub(crate) on_select: Callback<Option<Key>>,
}

/// So many Pods may glide.
const GLIDERS_MAX: usize = 60;

/// The id of a thing's mark, for `aria-activedescendant`.
pub(super) fn mark_id(key: &Key) -> String {
    format!("mark-{key}")
}

/// The picture.
#[component]
pub(crate) fn Harbour(props: &Props) -> Html {
    let (words, lang) = (use_words(), use_lang());
    let room = use_state(|| (0, 0));
    let host = use_node_ref();
    use_effect_with((), {
        let (host, room) = (host.clone(), room.setter());
        move |()| {
            let watch = host.cast::<Element>().and_then(|element| {
                SizeWatch::new(&element, move |width, height| room.set((width, height)))
            });
            move || drop(watch)
        }
    });
    let (width, height) = *room;
    // Boats that were there at the first look are at their moorings; later ones sail in.
    let drawn = use_state(|| false);
    use_effect_with(width > 0, {
        let drawn = drawn.setter();
        move |there| {
            if *there {
                drawn.set(true);
            }
        }
    });
    let chart = use_memo((Rc::clone(&props.picture), width, height), |(picture, width, height)| {
        chart(picture, *width, *height)
    });
    let on_keydown = {
        let (chart, on_select) = (Rc::clone(&chart), props.on_select.clone());
        let selected = props.selected.clone();
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowLeft" => Step::Left,
                "ArrowRight" => Step::Right,
                "ArrowUp" => Step::Up,
                "ArrowDown" => Step::Down,
                "Home" => Step::Home,
                "End" => Step::End,
                "Escape" => return on_select.emit(None),
                _ => return,
            };
            event.prevent_default();
            if let Some(key) = walk(&chart, selected.as_ref(), step) {
                on_select.emit(Some(key));
            }
        })
    };
    html! {
        <section class="harbour" aria-label={words(Text::Harbour)}>
            <div ref={host} class="harbour-view" tabindex="0" role="listbox" aria-label={words(Text::PictureHelp)}
                aria-activedescendant={props.selected.as_ref().map(mark_id)} onkeydown={on_keydown}>
                if width > 0 {
                    { picture(props, &chart, *drawn, lang) }
                }
            </div>
            <Outline picture={Rc::clone(&props.picture)} now={props.now} />
        </section>
    }
}

fn picture(props: &Props, chart: &Rc<Chart>, drawn: bool, lang: Lang) -> Html {
    let (width, height) = (chart.width.to_string(), chart.height.to_string());
    let is_selected = |key: &Key| props.selected.as_ref() == Some(key);
    let from = gangway(chart);
    let boats = chart.boats.iter().map(|place| {
        let key = &place.boat.key;
        html! {
            <BoatMark key={&*place.boat.uid} place={place.clone()} selected={is_selected(key)}
                now={props.now} fresh={drawn} on_select={props.on_select.clone()} />
        }
    });
    let crowds = chart.boats.iter().filter(|_| chart.size.is_crowd()).map(|place| {
        let chosen = place.boat.pods.iter().position(|pod| is_selected(&pod.key));
        html! {
            <CrowdMark key={&*place.boat.uid} place={place.clone()} size={chart.size} {chosen}
                on_select={props.on_select.clone()} />
        }
    });
    // Very many that move at once are no sight, and too much work.
    let glides = chart.pods.len() <= GLIDERS_MAX;
    let pods = chart.pods.iter().map(|place| {
        html! {
            <ContainerMark key={&*place.pod.uid} place={place.clone()} size={chart.size} {from} {glides}
                now={if place.pod.soon.is_some() { props.now } else { Time::START }}
                selected={is_selected(&place.pod.key)} on_select={props.on_select.clone()} />
        }
    });
    let gauges = chart.gauges.iter().map(|place| gauge(props, place));
    let services = chart.services.iter().map(|place| {
        let key = &place.service.key;
        html! {
            <ServiceMark key={key.to_string()} place={place.clone()} selected={is_selected(key)}
                on_select={props.on_select.clone()} />
        }
    });
    let sea = chart.height - chart.horizon;
    html! {
        <svg class="picture" width={width.clone()} {height} role="presentation">
            <defs>{ for (0..TINTS).map(stripes) }</defs>
            <rect class="sea" x="0" y={chart.horizon.to_string()} {width} height={sea.to_string()} />
            <path class="waves" d={waves(chart)} />
            { for chart.services.iter().map(wires) }
            <ControlPlane chart={Rc::clone(chart)} picture={Rc::clone(&props.picture)} />
            <g>{ for gauges }</g>
            { more_workloads(chart, lang) }
            <g>{ for boats }</g>
            <g>{ for crowds }</g>
            <g>{ for pods }</g>
            <g>{ for services }</g>
            { for props.picture.scoring.iter().map(|scoring| scores(chart, scoring)) }
        </svg>
    }
}

fn gauge(props: &Props, place: &GaugePlace) -> Html {
    let key = &place.workload.key;
    html! {
        <GaugeMark key={key.to_string()} place={place.clone()} selected={props.selected.as_ref() == Some(key)}
            on_select={props.on_select.clone()} />
    }
}

/// How many Deployments have no plate.
fn more_workloads(chart: &Chart, lang: Lang) -> Html {
    let Some(last) = chart.gauges.last().filter(|_| chart.gauges_hidden > 0) else {
        return Html::default();
    };
    let text = Text::MoreWorkloads.fill(lang, &[&chart.gauges_hidden.to_string()]);
    let (x, y) = (last.rect.x, last.rect.y + last.rect.height + 13);
    html! { <text class="part-note" x={x.to_string()} y={y.to_string()}>{ text }</text> }
}

/// The last decision, a badge below each boat that was looked at; a new one begins to fade anew.
fn scores(chart: &Chart, scoring: &Scoring) -> Html {
    let badge = |place: &BoatPlace| {
        let name = &place.boat.key.name;
        let (_, total) = scoring.nodes.iter().find(|(node, _)| node == name)?;
        let (x, y) = (place.hull.middle().0, place.hull.y + place.hull.height + 2);
        let class = match total {
            _ if scoring.chosen.as_ref() == Some(name) => "score-badge chosen",
            Some(_) => "score-badge",
            None => "score-badge refused",
        };
        let text = total.map_or_else(|| "✕".to_owned(), |total| total.to_string());
        Some(html! {
            <g key={&**name} {class}>
                <rect x={(x - 21).to_string()} y={y.to_string()} width="42" height="19" rx="9.5" />
                <text x={x.to_string()} y={(y + 13).to_string()}>{ text }</text>
            </g>
        })
    };
    html! {
        <g key={format!("{}-{}", scoring.pod, scoring.micros)} class="scores" aria-hidden="true">
            { for chart.boats.iter().filter_map(badge) }
        </g>
    }
}

/// The pattern of Pods that start, one a tint: a colour of a stylesheet cannot be put into a pattern otherwise.
fn stripes(tint: u8) -> Html {
    html! {
        <pattern id={format!("stripes-{tint}")} class={format!("tint-{tint}")} width="8" height="8"
            patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class="tinted" width="8" height="8" />
            <rect class="stripe" width="4" height="8" />
        </pattern>
    }
}

/// A few long waves, so that the sea is one.
fn waves(chart: &Chart) -> String {
    let mut waves = Vec::new();
    let mut y = chart.horizon + 34;
    let mut shift = 0;
    while y < chart.height - 10 {
        let mut x = -120 + shift;
        while x < chart.width {
            waves.push(format!("M{x} {y}q14 -5 28 0t28 0"));
            x += 240;
        }
        shift = (shift + 85) % 240;
        y += 46;
    }
    waves.concat()
}
