//! A Deployment's plate: name, versions, and a bar that fills from the old version to the new one.

use kobune::object::Key;
use kobune::view::chart::{GaugePlace, fit};
use kobune::view::picture::{Tide, Workload};
use kobune::view::{Lang, Text};
use yew::prelude::*;

use super::container::mark_class;
use super::harbour::mark_id;
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) place: GaugePlace,
    pub(crate) selected: bool,
    pub(crate) on_select: Callback<Option<Key>>,
}

/// A plate.
#[component]
pub(crate) fn GaugeMark(props: &Props) -> Html {
    let lang = use_lang();
    let GaugePlace { workload, rect } = &props.place;
    let on_click = {
        let key = workload.key.clone();
        props.on_select.reform(move |_: MouseEvent| Some(key.clone()))
    };
    let label = label(workload, lang);
    let class = classes!(
        "gauge",
        workload.stalled.then_some("stalled"),
        props.selected.then_some("selected")
    );
    let count = format!("{}/{}", workload.ready, workload.wanted);
    let all = i32::try_from(count.len()).unwrap_or(0) * 7;
    let name = fit(&workload.key.name, rect.width / 2 - 24, 8);
    let taken = i32::try_from(name.chars().count()).unwrap_or(0) * 8;
    let note = note(workload, rect.width - 24 - all - taken - 14, lang);
    html! {
        <g id={mark_id(&workload.key)} {class} role="option" aria-selected={props.selected.to_string()}
            aria-label={label.clone()} onclick={on_click} transform={format!("translate({} {})", rect.x, rect.y)}>
            <title>{ label }</title>
            <rect class="plate" width={rect.width.to_string()} height={rect.height.to_string()} rx="11" />
            <g aria-hidden="true">
                <text class="gauge-name" x="12" y="18">{ name }</text>
                <text class={classes!("gauge-count", "end", (workload.ready < workload.wanted).then_some("short"))}
                    x={(rect.width - 12).to_string()} y="18">{ count }</text>
                <text class={classes!("gauge-note", "end")} x={(rect.width - 18 - all).to_string()} y="18">
                    { note }
                </text>
                { bar(&props.place) }
            </g>
        </g>
    }
}

/// The bar: a version's Pods side by side, those not ready paler; a marked version has a line through it.
fn bar(place: &GaugePlace) -> Html {
    let room = place.rect.width - 24;
    let segment = |(tide, at): (&Tide, kobune::view::chart::Segment)| {
        let line = (tide.look.mark > 0 && at.width > 8).then(|| {
            html! { <path class={mark_class(tide.look)} d={format!("M{} 31h{}", at.x + 4, at.width - 8)} /> }
        });
        html! {
            <g key={&*tide.set} class={format!("tint-{}", tide.look.tint)}>
                <rect class="tide" x={at.x.to_string()} y="26" width={at.width.to_string()} height="10" />
                <rect class="tide full" x={at.x.to_string()} y="26" width={at.ready.to_string()} height="10" />
                { line }
            </g>
        }
    };
    html! {
        <>
            <rect class="trough" x="12" y="26" width={room.to_string()} height="10" rx="2" />
            { for place.segments().into_iter().map(segment) }
        </>
    }
}

/// `1.27 ×2 → 1.28 ×1`, or what holds the rollout.
fn note(workload: &Workload, room: i32, lang: Lang) -> String {
    if workload.stalled {
        return Text::RolloutStalled.tell(lang).to_owned();
    }
    if workload.paused {
        return Text::RolloutPaused.tell(lang).to_owned();
    }
    if !workload.rolling() {
        return workload.tides.last().map(|tide| fit(&tide.version, room, 7)).unwrap_or_default();
    }
    let part = |tide: &Tide| format!("{} ×{}", tide.version, tide.pods);
    let parts: Vec<String> = workload.tides.iter().map(part).collect();
    let whole = parts.join(" → ");
    if i32::try_from(whole.chars().count()).unwrap_or(i32::MAX) <= room / 7 {
        return whole;
    }
    let versions: Vec<&str> = workload.tides.iter().map(|tide| tide.version.as_str()).collect();
    fit(&versions.join(" → "), room, 7)
}

/// What a Deployment is called and how it does.
pub(super) fn label(workload: &Workload, lang: Lang) -> String {
    let tide = |tide: &Tide| Text::GaugeTide.fill(lang, &[&tide.version, &tide.pods.to_string()]);
    let mut parts: Vec<String> = workload.tides.iter().map(tide).collect();
    if workload.stalled {
        parts.push(Text::RolloutStalled.tell(lang).to_owned());
    }
    if workload.paused {
        parts.push(Text::RolloutPaused.tell(lang).to_owned());
    }
    let (ready, wanted) = (workload.ready.to_string(), workload.wanted.to_string());
    Text::GaugeLabel.fill(lang, &[&workload.key.name, &ready, &wanted, &parts.join(", ")])
}
