//! A Service's card at the shore, and the lines to the boats that answer for it.

use kobune::object::Key;
use kobune::view::chart::{ServicePlace, Wire, fit};
use kobune::view::picture::{LoadView, ServiceView};
use kobune::view::{Lang, Text};
use yew::prelude::*;

use super::harbour::mark_id;
use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) place: ServicePlace,
    pub(crate) selected: bool,
    pub(crate) on_select: Callback<Option<Key>>,
}

/// A card.
#[component]
pub(crate) fn ServiceMark(props: &Props) -> Html {
    let lang = use_lang();
    let ServicePlace { service, rect, .. } = &props.place;
    let on_click = {
        let key = service.key.clone();
        props.on_select.reform(move |_: MouseEvent| Some(key.clone()))
    };
    let endpoints = endpoints(service, lang);
    let label = label(service, lang);
    let (x, room) = (rect.x + 14, rect.width - 28);
    let name = fit(&service.key.name, room / 2, 8);
    let idle = service.ready_count() == 0;
    html! {
        <g id={mark_id(&service.key)} role="option" aria-selected={props.selected.to_string()}
            class={classes!("service", idle.then_some("idle"), props.selected.then_some("selected"))}
            aria-label={label.clone()} onclick={on_click}>
            <title>{ label }</title>
            <rect class="card" x={rect.x.to_string()} y={rect.y.to_string()} width={rect.width.to_string()}
                height={rect.height.to_string()} rx="11" />
            <text aria-hidden="true" class="service-name" x={x.to_string()} y={(rect.y + 23).to_string()}>
                { name }
                <tspan class="service-address" dx="8">{ service.address.clone() }</tspan>
            </text>
            <circle class={classes!("light", idle.then_some("off"))} cx={(x + 4).to_string()}
                cy={(rect.y + 40).to_string()} r="4" />
            <text aria-hidden="true" class="service-state" x={(x + 15).to_string()} y={(rect.y + 44).to_string()}>
                { fit(&format!("{endpoints}{}", outside(service, lang)), room - 14, 7) }
            </text>
            if let Some(load) = &service.load {
                { numbers(load, x, rect.y + 65, lang) }
            }
        </g>
    }
}

/// What a Service is called and how it does.
pub(super) fn label(service: &ServiceView, lang: Lang) -> String {
    let endpoints = endpoints(service, lang);
    let text = format!("Service {}: {}, {endpoints}", service.key.name, service.address);
    match &service.load {
        None => text,
        Some(load) => {
            let (rate, failed) = (load.per_second.to_string(), load.failed.to_string());
            let load = Text::LoadLabel.fill(lang, &[&rate, &percent(load), &failed]);
            format!("{text}. {load}")
        }
    }
}

/// Successes of the last seconds, in percent.
fn percent(load: &LoadView) -> String {
    match load.permille {
        None => "–".to_owned(),
        Some(permille) if permille % 10 == 0 => (permille / 10).to_string(),
        Some(permille) => format!("{}.{}", permille / 10, permille % 10),
    }
}

/// How fast it is asked, how much of that succeeds, how long an answer takes.
fn numbers(load: &LoadView, x: i32, y: i32, lang: Lang) -> Html {
    let well = load.permille.is_none_or(|permille| permille == 1000);
    let rate = Text::LoadRate.fill(lang, &[&load.per_second.to_string()]);
    let success = Text::LoadSuccess.fill(lang, &[&percent(load)]);
    let latency = format!("{}.{}", load.latency / 10, load.latency % 10);
    let latency = Text::LoadLatency.fill(lang, &[&latency]);
    let sign = if well { "" } else { "✕ " };
    html! {
        <text aria-hidden="true" class="service-load" x={x.to_string()} y={y.to_string()}>
            { rate }
            <tspan class={classes!("success", (!well).then_some("bad"))} dx="10">{ sign }{ success }</tspan>
            <tspan dx="10">{ latency }</tspan>
        </text>
    }
}

fn endpoints(service: &ServiceView, lang: Lang) -> String {
    if service.endpoints == 0 {
        return Text::ServiceNobody.tell(lang).to_owned();
    }
    let (ready, all) = (service.ready_count().to_string(), service.endpoints.to_string());
    Text::ServiceReady.fill(lang, &[&ready, &all])
}

/// How it is reached from outside.
fn outside(service: &ServiceView, lang: Lang) -> String {
    let text = if service.address_pending() {
        Text::AddressPending.tell(lang).to_owned()
    } else if let Some(address) = service.external.first() {
        address.clone()
    } else if let Some(port) = service.node_port {
        Text::NodePortShort.fill(lang, &[&port.to_string()])
    } else {
        return String::new();
    };
    format!(" · {text}")
}

/// The lines of a card, drawn below everything that stands on the sea.
pub(super) fn wires(place: &ServicePlace) -> Html {
    let wire = |wire: &Wire| {
        let (x, y) = wire.to;
        html! {
            <g key={&*wire.node}>
                <path class="wire" d={wire.path()} />
                <circle class="wire-end" cx={x.to_string()} cy={y.to_string()} r="3" />
            </g>
        }
    };
    html! { <g key={place.service.key.to_string()}>{ for place.wires.iter().map(wire) }</g> }
}
