//! A node: hull, waterline, name, what is requested of it.

use kobune::object::Key;
use kobune::view::Text;
use kobune::view::chart::{BoatPlace, Rect, fit};
use kobune::view::picture::{Boat, cores, memory};
use yew::prelude::*;

use super::harbour::mark_id;
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) place: BoatPlace,
    pub(crate) selected: bool,
    pub(crate) on_select: Callback<Option<Key>>,
}

/// A boat.
#[component]
pub(crate) fn BoatMark(props: &Props) -> Html {
    let lang = use_lang();
    let BoatPlace { boat, hull, .. } = &props.place;
    let on_click = {
        let key = boat.key.clone();
        props.on_select.reform(move |_: MouseEvent| Some(key.clone()))
    };
    let state = if boat.ready { Text::NodeReady } else { Text::NodeNotReady }.tell(lang);
    let state = if boat.ready && !boat.schedulable { Text::Cordoned.tell(lang) } else { state };
    let percent = boat.percent().to_string();
    let label = format!("{}: {state}. {}", boat.key.name, Text::Requested.fill(lang, &[&percent]));
    let class = classes!(
        "boat",
        (!boat.ready).then_some("down"),
        (!boat.schedulable).then_some("cordoned"),
        props.selected.then_some("selected")
    );
    let lean = (!boat.ready).then(|| {
        let (x, y) = hull.middle();
        format!("translate(0 8) rotate(-2 {x} {y})")
    });
    let clip = format!("hull-{}", boat.uid);
    let surface = hull.y + hull.height - props.place.water;
    html! {
        <g id={mark_id(&boat.key)} {class} role="option" aria-selected={props.selected.to_string()}
            aria-label={label.clone()} onclick={on_click}>
            <title>{ label }</title>
            <g transform={lean}>
                <clipPath id={clip.clone()}><path d={outline(hull)} /></clipPath>
                <path class="hull" d={outline(hull)} />
                <g clip-path={format!("url(#{clip})")}>
                    <rect class="water" x={hull.x.to_string()} y={surface.to_string()}
                        width={hull.width.to_string()} height={hull.height.to_string()} />
                    <rect class="waterline" x={hull.x.to_string()} y={surface.to_string()}
                        width={hull.width.to_string()} height="2" />
                </g>
                <path class="hull-edge" d={outline(hull)} />
                <path class="gunwale" d={format!("M{} {}h{}", hull.x - 3, hull.y, hull.width + 6)} />
                { words(&props.place, state, |text| text.tell(lang)) }
            </g>
        </g>
    }
}

/// The hull: flat above, round below.
fn outline(hull: &Rect) -> String {
    let Rect { x, y, width, height } = *hull;
    let (bow, keel) = (width / 7, height - 6);
    let bottom = y + height;
    format!(
        "M{x} {y}H{}C{} {} {} {bottom} {} {bottom}H{}C{} {bottom} {} {} {x} {y}Z",
        x + width,
        x + width,
        y + keel,
        x + width - bow / 2,
        x + width - bow - 14,
        x + bow + 14,
        x + bow / 2,
        x,
        y + keel,
    )
}

fn words(place: &BoatPlace, state: &str, tell: impl Fn(Text) -> &'static str) -> Html {
    let BoatPlace { boat, hull, slim, .. } = place;
    let (left, right) = (hull.x + hull.width / 11 + 6, hull.x + hull.width - hull.width / 11 - 6);
    let top = hull.y + if *slim { 24 } else { 26 };
    let (x, y) = (left.to_string(), top.to_string());
    if *slim {
        let text = format!("{}%", boat.percent());
        let name = fit(&boat.key.name, right - left - 34, 7);
        return html! {
            <g aria-hidden="true">
                <text class="boat-name" {x} y={y.clone()}>{ name }</text>
                <text class="boat-load end" x={right.to_string()} {y}>{ text }</text>
            </g>
        };
    }
    let width =
        i32::try_from(state.chars().map(|c| if c.is_ascii() { 7 } else { 12 }).sum::<usize>())
            .unwrap_or(60)
            + 14;
    let tag = classes!("tag-box", (!boat.ready).then_some("bad"));
    html! {
        <g aria-hidden="true">
            <text class="boat-name" {x} {y}>{ fit(&boat.key.name, right - left - width, 8) }</text>
            <rect class={tag} x={(right - width).to_string()} y={(top - 14).to_string()}
                width={width.to_string()} height="19" rx="9.5" />
            <text class={classes!("tag-text", (!boat.ready).then_some("bad"))}
                x={(right - width / 2).to_string()} y={top.to_string()}>{ state }</text>
            <text class="boat-load" x={left.to_string()} y={(top + 20).to_string()}>
                { fit(&load(boat, tell), right - left, 7) }
            </text>
        </g>
    }
}

fn load(boat: &Boat, tell: impl Fn(Text) -> &'static str) -> String {
    let (used, of) = (boat.requested, boat.allocatable);
    let memory_used =
        if used.memory_bytes == 0 { "0".to_owned() } else { memory(used.memory_bytes) };
    format!(
        "{} {}/{}   {} {memory_used}/{}",
        tell(Text::Cpu),
        cores(used.cpu_milli),
        cores(of.cpu_milli),
        tell(Text::Memory),
        memory(of.memory_bytes)
    )
}
