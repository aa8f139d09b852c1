//! A deck with very many Pods: one path for each colour and shape, so that drawing costs kinds of Pods, not Pods.

use std::collections::BTreeMap;

use kobune::object::Key;
use kobune::view::chart::{BoatPlace, PodSize};
use kobune::view::picture::{Look, Plight};
use web_sys::Element;
use yew::prelude::*;

use super::container::{health_class, label};
use crate::app::browser::point_in;
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) place: BoatPlace,
    pub(crate) size: PodSize,
    /// The index of the selected Pod, if it stands here.
    pub(crate) chosen: Option<usize>,
    pub(crate) on_select: Callback<Option<Key>>,
}

/// A deck.
#[component]
pub(crate) fn CrowdMark(props: &Props) -> Html {
    let lang = use_lang();
    let (place, size) = (&props.place, props.size);
    let paths = use_memo((place.clone(), size), |(place, size)| paths(place, *size));
    let on_click = {
        let (place, on_select) = (place.clone(), props.on_select.clone());
        Callback::from(move |event: MouseEvent| {
            let svg =
                event.target_dyn_into::<Element>().and_then(|at| at.closest("svg").ok().flatten());
            let Some((x, y)) = svg.map(|svg| point_in(&event, &svg)) else { return };
            let pod = place.index_at(x, y, size).and_then(|index| place.boat.pods.get(index));
            if let Some(pod) = pod {
                on_select.emit(Some(pod.key.clone()));
            }
        })
    };
    let chosen =
        props.chosen.and_then(|index| Some((place.boat.pods.get(index)?, place.slot(index, size))));
    let dark = place.boat.plight == Plight::Dark;
    let transform = dark.then(|| {
        let (x, y) = place.hull.middle();
        format!("translate(0 9) rotate(-3 {x} {y})")
    });
    html! {
        <g class={classes!("crowd", dark.then_some("faded"))} {transform} onclick={on_click}>
            { for paths.iter().map(|(class, path)| html! { <path key={class.clone()} class={class.clone()} d={path.clone()} /> }) }
            if let Some((pod, slot)) = chosen {
                <rect id={super::harbour::mark_id(&pod.key)} class="crowd-chosen" role="option" aria-selected="true"
                    aria-label={label(pod, lang)} x={(slot.x - 2).to_string()} y={(slot.y - 2).to_string()}
                    width={(slot.width + 4).to_string()} height={(slot.height + 4).to_string()} rx="2" />
            }
        </g>
    }
}

/// A path of squares by class. Those of a version with a mark have a hole.
fn paths(place: &BoatPlace, size: PodSize) -> Vec<(String, String)> {
    let mut paths: BTreeMap<(Look, &'static str), String> = BTreeMap::new();
    let (width, height) = size.pitch();
    let (width, height) = (width - size.gap(), height - size.gap());
    let square = format!("h{width}v{height}h-{width}z");
    let (edge, hole) = (width / 3, width - 2 * (width / 3));
    let hole = format!("m{edge} {edge}h{hole}v{hole}h-{hole}z");
    // Two small ones, in corners that face each other.
    let corner = width / 3;
    let small = format!("h{corner}v{corner}h-{corner}z");
    let far = width - corner;
    let slot_hole = format!("{small}m{far} {far}{small}");
    for (index, pod) in place.boat.pods.iter().enumerate() {
        let slot = place.slot(index, size);
        let path = paths.entry((pod.look, health_class(pod.health))).or_default();
        for part in ["M", &slot.x.to_string(), " ", &slot.y.to_string(), square.as_str()] {
            path.push_str(part);
        }
        match pod.look.mark {
            0 => {}
            1 => path.push_str(&hole),
            _ => path.push_str(&slot_hole),
        }
    }
    paths
        .into_iter()
        .map(|((look, health), path)| {
            (
                format!(
                    "pods tint-{} {health}{}",
                    look.tint,
                    if look.mark > 0 { " marked" } else { "" }
                ),
                path,
            )
        })
        .collect()
}
