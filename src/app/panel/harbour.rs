//! The picture: control plane, Deployments, boats, Services. One tab stop; the arrow keys walk through it.

use std::rc::Rc;

use kobune::object::Key;
use kobune::time::Time;
use kobune::view::act::{Act, acts};
use kobune::view::chart::{BoatPlace, Chart, Step, chart, gangway, keys, place_of, walk};
use kobune::view::picture::{Picture, Scoring, TINTS};
use kobune::view::{Lang, Text};
use web_sys::Element;
use yew::prelude::*;

use super::boat::BoatMark;
use super::container::ContainerMark;
use super::control_plane::ControlPlane;
use super::crowd::CrowdMark;
use super::dots::Dots;
use super::gauge::GaugeMark;
use super::menu::Menu;
use super::outline::Outline;
use super::picked::Picked;
use super::service::{ServiceMark, wires};
use crate::app::browser::{SizeWatch, focus_id, point_in};
use crate::app::drive::Driver;
use crate::app::state::{Action, Pane};
use crate::app::widget::{use_lang, use_words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) picture: Rc<Picture>,
    /// The time in whole seconds, where something is counted down.
    pub(crate) now: Time,
    pub(crate) selected: Option<Key>,
    pub(crate) tell: Callback<Action>,
    pub(crate) driver: Driver,
}

/// So many Pods may glide.
const GLIDERS_MAX: usize = 60;

/// The id of the picture.
const PICTURE_ID: &str = "picture";

/// An open menu: of what, and where.
#[derive(Clone, PartialEq)]
struct Open {
    key: Key,
    at: (i32, i32),
}

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
    let menu = use_state(|| None::<Open>);
    let said = use_state(|| (0_u32, AttrValue::default()));
    let on_select = props.tell.reform(Action::Select);
    let open_selected = {
        let (menu, chart, host, selected) =
            (menu.setter(), Rc::clone(&chart), host.clone(), props.selected.clone());
        Callback::from(move |()| {
            let Some(key) = selected.clone() else { return };
            let corner = corner(&chart, &key, host.cast::<Element>().as_ref());
            menu.set(Some(Open { key, at: corner }));
        })
    };
    let on_keydown = {
        let (chart, on_select) = (Rc::clone(&chart), on_select.clone());
        let (selected, open_selected) = (props.selected.clone(), open_selected.clone());
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowLeft" => Step::Left,
                "ArrowRight" => Step::Right,
                "ArrowUp" => Step::Up,
                "ArrowDown" => Step::Down,
                "Home" => Step::Home,
                "End" => Step::End,
                "Escape" => return on_select.emit(None),
                "Enter" | " " | "ContextMenu" => {
                    event.prevent_default();
                    return open_selected.emit(());
                }
                "F10" if event.shift_key() => {
                    event.prevent_default();
                    return open_selected.emit(());
                }
                _ => return,
            };
            event.prevent_default();
            if let Some(key) = walk(&chart, selected.as_ref(), step) {
                on_select.emit(Some(key));
            }
        })
    };
    let on_context = {
        let (menu, chart, host, on_select) =
            (menu.setter(), Rc::clone(&chart), host.clone(), on_select.clone());
        Callback::from(move |event: MouseEvent| {
            let Some(host) = host.cast::<Element>() else { return };
            let Some(key) = hit(&chart, &event, &host) else { return };
            event.prevent_default();
            on_select.emit(Some(key.clone()));
            menu.set(Some(Open { key, at: point_in(&event, &host) }));
        })
    };
    let on_close = {
        let menu = menu.setter();
        Callback::from(move |back: bool| {
            menu.set(None);
            if back {
                focus_id(PICTURE_ID);
            }
        })
    };
    let on_act = {
        let (driver, tell, said) = (props.driver.clone(), props.tell.clone(), said.clone());
        Callback::from(move |act: Act| {
            said.set((said.0 + 1, act.line.clone().into()));
            driver.run(&act.line);
            if act.looks() {
                tell.emit(Action::Pane(Pane::Terminal));
            }
        })
    };
    let able = |key: &Key| acts(&props.picture, key);
    let open =
        menu.as_ref().map(|open| (open, able(&open.key))).filter(|(_, acts)| !acts.is_empty());
    html! {
        <section class="harbour" aria-label={words(Text::Harbour)}>
            <div ref={host} id={PICTURE_ID} class="harbour-view" tabindex="0" role="listbox"
                aria-label={words(Text::PictureHelp)} oncontextmenu={on_context}
                aria-activedescendant={props.selected.as_ref().map(mark_id)} onkeydown={on_keydown}>
                if width > 0 {
                    { picture(props, &chart, *drawn, lang, &on_select) }
                }
            </div>
            <Outline picture={Rc::clone(&props.picture)} now={props.now} />
            <Picked selected={props.selected.clone()} said={(*said).clone()} on_menu={open_selected}
                able={props.selected.as_ref().is_some_and(|key| !able(key).is_empty())} tell={props.tell.clone()} />
            if let Some((open, acts)) = open {
                <Menu key={open.key.to_string()} title={open.key.name.to_string()} {acts} at={open.at} {on_act} {on_close} />
            }
        </section>
    }
}

/// Where the menu of a thing opens: below it, in the part of the picture that is seen.
fn corner(chart: &Chart, key: &Key, host: Option<&Element>) -> (i32, i32) {
    let rect = place_of(chart, key).unwrap_or_default();
    let scrolled = host.map_or(0, Element::scroll_top);
    (rect.x + 8, rect.y + rect.height + 4 - scrolled)
}

/// The thing at which a mouse event happened.
fn hit(chart: &Chart, event: &MouseEvent, host: &Element) -> Option<Key> {
    let target = event.target_dyn_into::<Element>()?;
    if let Some(mark) = target.closest("[role=option]").ok().flatten() {
        let id = mark.id();
        return keys(chart).into_iter().flatten().find(|key| mark_id(key) == id).cloned();
    }
    let (x, y) = point_in(event, host);
    let y = y + host.scroll_top();
    chart.boats.iter().filter(|_| chart.size.is_crowd()).find_map(|place| {
        let index = place.index_at(x, y, chart.size)?;
        place.boat.pods.get(index).map(|pod| pod.key.clone())
    })
}

fn picture(
    props: &Props,
    chart: &Rc<Chart>,
    drawn: bool,
    lang: Lang,
    on_select: &Callback<Option<Key>>,
) -> Html {
    let (width, height) = (chart.width.to_string(), chart.height.to_string());
    let is_selected = |key: &Key| props.selected.as_ref() == Some(key);
    let from = gangway(chart);
    let boats = chart.boats.iter().map(|place| {
        let key = &place.boat.key;
        html! {
            <BoatMark key={key.to_string()} place={place.clone()} selected={is_selected(key)}
                now={if place.boat.soon.is_some() { props.now } else { Time::START }} fresh={drawn}
                on_select={on_select.clone()} />
        }
    });
    let crowds = chart.boats.iter().filter(|_| chart.size.is_crowd()).map(|place| {
        let chosen = place.boat.pods.iter().position(|pod| is_selected(&pod.key));
        html! {
            <CrowdMark key={place.boat.key.to_string()} place={place.clone()} size={chart.size} {chosen}
                on_select={on_select.clone()} />
        }
    });
    // Very many that move at once are no sight, and too much work.
    let glides = chart.pods.len() <= GLIDERS_MAX;
    let pods = chart.pods.iter().map(|place| {
        html! {
            <ContainerMark key={&*place.pod.uid} place={place.clone()} size={chart.size} {from} {glides}
                now={if place.pod.soon.is_some() { props.now } else { Time::START }}
                selected={is_selected(&place.pod.key)} on_select={on_select.clone()} />
        }
    });
    let gauges = chart.gauges.iter().map(|place| {
        let key = &place.workload.key;
        html! {
            <GaugeMark key={key.to_string()} place={place.clone()} selected={is_selected(key)}
                on_select={on_select.clone()} />
        }
    });
    let services = chart.services.iter().map(|place| {
        let key = &place.service.key;
        html! {
            <ServiceMark key={key.to_string()} place={place.clone()} selected={is_selected(key)}
                on_select={on_select.clone()} />
        }
    });
    let sea = chart.height - chart.horizon;
    html! {
        <svg class="picture" width={width.clone()} {height} role="presentation">
            <defs>{ for (0..TINTS).map(|tint| stripes(format!("stripes-{tint}"), tint)) }</defs>
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
            <Dots chart={Rc::clone(chart)} dots={Rc::clone(&props.picture.dots)} />
            { for props.picture.scoring.iter().map(|scoring| scores(chart, scoring)) }
        </svg>
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
pub(super) fn stripes(id: String, tint: u8) -> Html {
    html! {
        <pattern {id} class={format!("tint-{tint}")} width="8" height="8"
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
