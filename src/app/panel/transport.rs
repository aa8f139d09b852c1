//! The transport bar: whether time runs, how fast, and where it is.

use std::rc::Rc;

use kobune::time::Time;
use kobune::view::Text;
use kobune::view::timeline::Timeline;
use kobune::view::transport::{Goal, Mode, SPEEDS, clock_text};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::timeline::Track;
use crate::app::drive::Driver;
use crate::app::widget::{Icon, Shape, use_words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) now: Time,
    pub(crate) mode: Mode,
    pub(crate) speed: u32,
    pub(crate) timeline: Rc<Timeline>,
    pub(crate) driver: Driver,
}

/// The bar.
#[component]
pub(crate) fn TransportBar(props: &Props) -> Html {
    let words = use_words();
    let runs = props.mode != Mode::Paused;
    let seeking = matches!(props.mode, Mode::Seeking { .. });
    let act = |act: fn(&Driver)| {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| act(&driver))
    };
    let on_play = if runs {
        act(|driver| driver.set_playing(false))
    } else {
        act(|driver| driver.set_playing(true))
    };
    let play = words(if runs { Text::Pause } else { Text::Play });
    let on_speed = {
        let driver = props.driver.clone();
        Callback::from(move |event: Event| {
            let select =
                event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            if let Some(speed) = select.and_then(|select| select.value().parse().ok()) {
                driver.set_speed(speed);
            }
        })
    };
    let option = |speed: &u32| {
        html! {
            <option value={speed.to_string()} selected={*speed == props.speed}>{ format!("{speed}×") }</option>
        }
    };
    let clock = clock_text(props.now);
    html! {
        <section class="transport" aria-label={words(Text::Transport)}>
            <button type="button" class="button square play" aria-label={play} title={play} onclick={on_play}>
                <Icon shape={if runs { Shape::Pause } else { Shape::Play }} />
            </button>
            <button type="button" class="button quiet" title={words(Text::NextEvent)}
                aria-label={words(Text::NextEvent)} onclick={act(|driver| driver.seek(Goal::Event))}>
                <Icon shape={Shape::Next} /><span class="wide">{ words(Text::NextEvent) }</span>
            </button>
            <button type="button" class="button quiet" title={words(Text::SkipAhead)}
                aria-label={words(Text::SkipAhead)} onclick={act(|driver| driver.seek(Goal::Happening))}>
                <Icon shape={Shape::Skip} /><span class="wide">{ words(Text::SkipShort) }</span>
            </button>
            <select class="button speed" aria-label={words(Text::Speed)} title={words(Text::Speed)}
                onchange={on_speed}>
                { for SPEEDS.iter().map(option) }
            </select>
            <Track timeline={Rc::clone(&props.timeline)} now={props.now} />
            <span class={classes!("clock", (!runs).then_some("stands"))} role="timer"
                title={words(Text::Clock)} aria-label={format!("{}: {clock}", words(Text::Clock))}>
                { if seeking { words(Text::Seeking).to_owned() } else { clock.clone() } }
            </span>
        </section>
    }
}
