//! A Deployment's rollout: its versions side by side between the bounds of the update, what holds it up, and the
//! revisions to go back to.

use std::rc::Rc;

use kobune::view::act::{Act, undo_to};
use kobune::view::picture::{Tide, Workload};
use kobune::view::{Lang, Text};
use yew::prelude::*;

use super::container::mark_class;
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) workload: Rc<Workload>,
    /// What keeps its new Pods from being ready, and on how many.
    pub(crate) troubles: Vec<(String, usize)>,
    pub(crate) on_act: Callback<Act>,
}

/// The card.
#[component]
pub(crate) fn RolloutCard(props: &Props) -> Html {
    let lang = use_lang();
    let workload = &props.workload;
    let (pods, available) = (workload.pods().to_string(), workload.available.to_string());
    let bounds = match workload.bounds {
        Some((least, most)) => {
            Text::RolloutBounds.fill(lang, &[&least.to_string(), &most.to_string()])
        }
        None => Text::RolloutRecreate.tell(lang).to_owned(),
    };
    html! {
        <section class="rollout">
            <h3>{ Text::Rollout.tell(lang) }
                if workload.paused {
                    <span class="chip warn">{ Text::RolloutPaused.tell(lang) }</span>
                }
                if workload.stalled {
                    <span class="chip bad">{ Text::RolloutStalled.tell(lang) }</span>
                }
            </h3>
            { bar(workload) }
            <p class="rollout-now">{ Text::RolloutNow.fill(lang, &[&pods, &available]) }</p>
            <p class="hint">{ bounds }</p>
            { held_up(props, lang) }
            <h3>{ Text::RolloutHistory.tell(lang) }</h3>
            <ul class="revisions">
                { for workload.history.iter().rev().map(|tide| revision(props, tide, lang)) }
            </ul>
        </section>
    }
}

/// Every version's Pods in one bar, between the least that must be available and the most that there may be.
fn bar(workload: &Workload) -> Html {
    const LENGTH: i32 = 1000;
    let most = workload.bounds.map_or(workload.wanted, |(_, most)| most);
    let whole = most.max(workload.pods()).max(1);
    let at = |pods: i32| {
        i32::try_from(i64::from(LENGTH) * i64::from(pods) / i64::from(whole)).unwrap_or(LENGTH)
    };
    let mut before = 0;
    let segment = |tide: &Tide| {
        let (x, end) = (at(before), at(before + tide.pods));
        before += tide.pods;
        let ready = at(tide.ready).min(end - x);
        html! {
            <g key={&*tide.set} class={format!("tint-{}", tide.look.tint)}>
                <rect class="tide" x={x.to_string()} y="6" width={(end - x).to_string()} height="16" />
                <rect class="tide full" x={x.to_string()} y="6" width={ready.to_string()} height="16" />
                if tide.look.mark > 0 {
                    <path class={mark_class(tide.look)} d={format!("M{} 14h{}", x + 12, (end - x - 24).max(0))} />
                }
            </g>
        }
    };
    let segments: Vec<Html> = workload.tides.iter().map(segment).collect();
    let line = |pods: i32, class: &'static str| {
        html! { <path {class} d={format!("M{} 1v26", at(pods).clamp(3, LENGTH - 3))} /> }
    };
    html! {
        <svg class="rollout-bar" viewBox="0 0 1000 28" preserveAspectRatio="none" aria-hidden="true">
            <rect class="trough" x="0" y="6" width="1000" height="16" />
            { for segments }
            if let Some((least, most)) = workload.bounds {
                { line(least, "bound least") }
                { line(most, "bound") }
            }
        </svg>
    }
}

/// What the new Pods wait for, and what the Deployment says when that lasts too long.
fn held_up(props: &Props, lang: Lang) -> Html {
    let workload = &props.workload;
    if props.troubles.is_empty() || (!workload.rolling() && !workload.stalled) {
        return Html::default();
    }
    let part = |(state, count): &(String, usize)| format!("{state} ×{count}");
    let parts: Vec<String> = props.troubles.iter().map(part).collect();
    // What merely starts holds nothing up.
    let broken = |(state, _): &(String, usize)| state.contains("Err") || state.contains("BackOff");
    let (text, class) = match (workload.stalled, props.troubles.iter().any(broken)) {
        (true, _) => (Text::RolloutStuckOn, "bad"),
        (false, true) => (Text::RolloutStuckOn, "warn"),
        (false, false) => (Text::RolloutWaitsFor, ""),
    };
    let message = workload.message.as_ref().filter(|_| workload.stalled);
    html! {
        <div class={classes!("held-up", class)}>
            <p>{ text.fill(lang, &[&parts.join(", ")]) }</p>
            if let Some(message) = message {
                <p class="says">{ message }</p>
                <p>{ Text::RolloutStallHint.tell(lang) }</p>
            }
        </div>
    }
}

fn revision(props: &Props, tide: &Tide, lang: Lang) -> Html {
    let workload = &props.workload;
    let current = workload.history.last().is_some_and(|last| last.set == tide.set);
    let act = undo_to(workload, tide.revision);
    let (title, label) = (act.line.clone(), act.what.tell(lang));
    let number = Text::RevisionNumber.fill(lang, &[&tide.revision.to_string()]);
    let name = format!("{label}: {number}");
    let on_click = props.on_act.reform(move |_: MouseEvent| act.clone());
    let count = (tide.pods > 0).then(|| format!("{}/{}", tide.ready, tide.pods));
    html! {
        <li key={&*tide.set} class="revision">
            <svg class={format!("tint-{}", tide.look.tint)} width="20" height="16" aria-hidden="true">
                <rect class="tide full" x="1" y="1" width="18" height="14" rx="3" />
                if tide.look.mark > 0 {
                    <path class={mark_class(tide.look)} d="M5 8h10" />
                }
            </svg>
            <span class="revision-text">
                <b>{ &tide.version }</b>{ " " }<span class="dim">{ number }</span>
                { for count.map(|count| html! { <span class="revision-count">{ count }</span> }) }
                { for tide.cause.iter().map(|cause| html! { <span class="cause">{ cause }</span> }) }
            </span>
            if current {
                <span class="chip">{ Text::RevisionCurrent.tell(lang) }</span>
            } else if !workload.paused {
                <button type="button" class="button small" {title} aria-label={name} onclick={on_click}>{ label }</button>
            }
        </li>
    }
}
