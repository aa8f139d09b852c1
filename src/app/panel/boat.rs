//! A node: hull, waterline, name, what is requested of it, and what befell it.
//!
//! Without power it lists and darkens; with its network cut it stands upright under a crossed-out aerial, or, where it is
//! cut in one direction, a crossed-out arrow; cordoned, a barrier stands at its bow. It glides when its place changes, and
//! a new one sails in.

use kobune::network::Direction;
use kobune::object::Key;
use kobune::time::Time;
use kobune::view::chart::{BoatPlace, Rect, fit};
use kobune::view::picture::{Boat, Plight, cores, memory};
use kobune::view::{Lang, Text};
use web_sys::Element;
use yew::prelude::*;

use super::harbour::mark_id;
use crate::app::browser::glide;
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) place: BoatPlace,
    /// The time, where something is counted down.
    pub(crate) now: Time,
    /// Whether it came after the picture was first drawn.
    pub(crate) fresh: bool,
    pub(crate) selected: bool,
    pub(crate) on_select: Callback<Option<Key>>,
}

/// A boat.
#[component]
pub(crate) fn BoatMark(props: &Props) -> Html {
    let lang = use_lang();
    let BoatPlace { boat, hull, .. } = &props.place;
    let node = use_node_ref();
    let before = use_mut_ref(|| None::<(i32, i32)>);
    use_effect_with((hull.x, hull.y), {
        let (node, fresh, width) = (node.clone(), props.fresh, hull.width);
        move |&(x, y): &(i32, i32)| {
            let start = before.replace(Some((x, y))).or(fresh.then_some((x + width + 60, y)));
            let start = start.filter(|start| *start != (x, y));
            if let (Some(start), Some(element)) = (start, node.cast::<Element>()) {
                glide(&element, start, (x, y), 0);
            }
        }
    });
    let on_click = {
        let key = boat.key.clone();
        props.on_select.reform(move |_: MouseEvent| Some(key.clone()))
    };
    let label = label(boat, props.now, lang);
    let class = classes!("boat", states(boat), props.selected.then_some("selected"));
    html! {
        <g ref={node} id={mark_id(&boat.key)} {class} role="option" aria-selected={props.selected.to_string()}
            aria-label={label.clone()} onclick={on_click} transform={format!("translate({} {})", hull.x, hull.y)}>
            <title>{ label }</title>
            <g class="vessel" transform={(boat.plight == Plight::Dark).then(|| list(hull))}>
                { vessel(&props.place) }
                { words(&props.place, props.now, lang) }
            </g>
        </g>
    }
}

/// How a boat without power lies: a little deeper, and to one side.
pub(super) fn list(hull: &Rect) -> String {
    format!("translate(0 9) rotate(-3 {} {})", hull.width / 2, hull.height / 2)
}

/// The classes for a boat's state.
pub(super) fn states(boat: &Boat) -> Classes {
    classes!(
        (boat.plight == Plight::Dark).then_some("dark"),
        (boat.plight == Plight::Starting).then_some("starting"),
        (!boat.known).then_some("unknown"),
        (boat.plight == Plight::Cut).then_some("cut"),
        (!boat.ready).then_some("down"),
        (!boat.schedulable).then_some("cordoned")
    )
}

/// The node's STATUS, as `kubectl get nodes` prints it; where there is no Node, that.
fn status(boat: &Boat, lang: Lang) -> String {
    if !boat.known {
        return Text::NoNode.tell(lang).to_owned();
    }
    let ready = if boat.ready { "Ready" } else { "NotReady" };
    let disabled = if boat.schedulable { "" } else { ",SchedulingDisabled" };
    format!("{ready}{disabled}")
}

/// What a boat is called and how it does.
pub(super) fn label(boat: &Boat, now: Time, lang: Lang) -> String {
    let percent = boat.percent().to_string();
    let mut parts = vec![format!("{}: {}", boat.key.name, status(boat, lang))];
    parts.extend(trouble(boat, now, lang));
    parts.push(Text::Requested.fill(lang, &[&percent]));
    parts.join(". ")
}

/// What befell it, and what will happen.
fn trouble(boat: &Boat, now: Time, lang: Lang) -> Option<String> {
    let plight = match boat.plight {
        Plight::Dark => Some(Text::PowerOff.tell(lang).to_owned()),
        Plight::Starting => Some(Text::PowerStarting.tell(lang).to_owned()),
        Plight::Cut => Some(cut(boat).tell(lang).to_owned()),
        Plight::Afloat => None,
    };
    let soon = boat.soon.as_ref().map(|soon| soon.tell(lang, now));
    let parts: Vec<String> = plight.into_iter().chain(soon).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// What is lost of its packets.
fn cut(boat: &Boat) -> Text {
    match boat.lost {
        Some(Direction::In) => Text::NetworkCutIn,
        Some(Direction::Out) => Text::NetworkCutOut,
        Some(Direction::Both) | None => Text::NetworkCut,
    }
}

/// Whether what is told of a boat is bad news.
fn mood(boat: &Boat) -> &'static str {
    if boat.plight == Plight::Starting { "hope" } else { "trouble" }
}

fn vessel(place: &BoatPlace) -> Html {
    let BoatPlace { boat, hull, .. } = place;
    let clip = format!("hull-{}", boat.key.name);
    let path = outline(hull);
    let surface = (hull.height - place.water).to_string();
    let (width, height) = (hull.width.to_string(), hull.height.to_string());
    html! {
        <>
            <clipPath id={clip.clone()}><path d={path.clone()} /></clipPath>
            <path class="hull" d={path.clone()} />
            <g clip-path={format!("url(#{clip})")}>
                <rect class="water" x="0" y={surface.clone()} width={width.clone()} {height} />
                <rect class="waterline" x="0" y={surface} {width} height="2" />
            </g>
            <path class="hull-edge" d={path} />
            <path class="gunwale" d={format!("M-3 0h{}", hull.width + 6)} />
            if !boat.schedulable {
                <g class="barrier" transform="translate(3 0)">
                    <path class="post" d="M0 0v-12" />
                    <circle cx="0" cy="-18" r="7.5" />
                    <path class="bar" d="M-4 -18h8" />
                </g>
            }
            if boat.plight == Plight::Cut {
                <g class="aerial" transform={format!("translate({} 0)", hull.width - 4)}>
                    <path class="post" d="M0 0v-22" />
                    <path class="arcs" d={aerial(boat)} />
                    <path class="slash" d={slash(boat)} />
                </g>
            }
        </>
    }
}

/// Around the aerial: waves, or where one direction alone is cut, an arrow from the boat and one to it.
fn aerial(boat: &Boat) -> &'static str {
    match boat.lost {
        Some(Direction::In | Direction::Out) => "M-8 -14v-16m-4 5l4 -5l4 5M8 -30v16m-4 -5l4 5l4 -5",
        Some(Direction::Both) | None => {
            "M-4 -19a5.500 5.500 0 010 -8M-7.5 -16a10 10 0 010 -14M4 -19a5.500 5.500 0 000 -8M7.5 -16a10 10 0 000 -14"
        }
    }
}

/// What is crossed out around the aerial.
fn slash(boat: &Boat) -> &'static str {
    match boat.lost {
        Some(Direction::In) => "M3 -17L13 -27",
        Some(Direction::Out) => "M-13 -17L-3 -27",
        Some(Direction::Both) | None => "M-9 -13L9 -33",
    }
}

/// The hull: flat above, round below.
fn outline(hull: &Rect) -> String {
    let Rect { width, height, .. } = *hull;
    let (bow, keel) = (width / 7, height - 6);
    format!(
        "M0 0H{width}C{width} {keel} {} {height} {} {height}H{}C{} {height} 0 {keel} 0 0Z",
        width - bow / 2,
        width - bow - 14,
        bow + 14,
        bow / 2,
    )
}

fn words(place: &BoatPlace, now: Time, lang: Lang) -> Html {
    let BoatPlace { boat, hull, slim, .. } = place;
    let inset = hull.width / 11 + 6;
    let (left, right) = (inset, hull.width - inset);
    let trouble = trouble(boat, now, lang);
    let mood = trouble.is_some().then(|| mood(boat));
    if *slim {
        let text = if trouble.is_some() { "!".to_owned() } else { format!("{}%", boat.percent()) };
        let name = fit(&boat.key.name, right - left - 34, 7);
        return html! {
            <g aria-hidden="true">
                <text class="boat-name" x={left.to_string()} y="24">{ name }</text>
                <text class={classes!("boat-load", "end", mood)} x={right.to_string()} y="24">{ text }</text>
            </g>
        };
    }
    let room = right - left - width_of(&boat.key.name, 8) - 8;
    let whole = status(boat, lang);
    let fits = width_of(&whole, 7) + 14 <= room;
    let state = if fits { whole.as_str() } else { whole.split(',').next().unwrap_or_default() };
    let width = width_of(state, 7) + 14;
    let bad = (!boat.ready).then_some("bad");
    let below = trouble.map_or_else(
        || load(boat, lang),
        |whole| {
            let short = boat.soon.as_ref().filter(|_| width_of(&whole, 6) > right - left);
            short.map_or(whole, |soon| soon.tell(lang, now))
        },
    );
    html! {
        <g aria-hidden="true">
            <text class="boat-name" x={left.to_string()} y="26">{ fit(&boat.key.name, right - left - width, 8) }</text>
            <rect class={classes!("tag-box", bad)} x={(right - width).to_string()} y="12"
                width={width.to_string()} height="19" rx="9.5" />
            <text class={classes!("tag-text", bad)} x={(right - width / 2).to_string()} y="25.5">{ state }</text>
            <text class={classes!("boat-load", mood)} x={left.to_string()} y="46">
                { fit(&below, right - left + 8, 6) }
            </text>
        </g>
    }
}

/// About how wide a text is, given the width of a narrow letter.
fn width_of(text: &str, narrow: i32) -> i32 {
    text.chars().map(|c| if c.is_ascii() { narrow } else { narrow * 2 - 1 }).sum()
}

fn load(boat: &Boat, lang: Lang) -> String {
    let (used, of) = (boat.requested, boat.allocatable);
    let memory_used =
        if used.memory_bytes == 0 { "0".to_owned() } else { memory(used.memory_bytes) };
    format!(
        "{} {}/{}   {} {memory_used}/{}",
        Text::Cpu.tell(lang),
        cores(used.cpu_milli),
        cores(of.cpu_milli),
        Text::Memory.tell(lang),
        memory(of.memory_bytes)
    )
}
