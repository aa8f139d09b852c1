//! The track between start and now, with its ticks.

use std::rc::Rc;

use kobune::time::Time;
use kobune::view::Text;
use kobune::view::timeline::{Mark, Tick, TickLabel, Timeline, permille};
use kobune::view::transport::clock_text;
use yew::prelude::*;

use crate::app::widget::use_lang;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) timeline: Rc<Timeline>,
    pub(crate) now: Time,
}

/// The track.
#[component]
pub(crate) fn Track(props: &Props) -> Html {
    let lang = use_lang();
    let head = permille(props.now, props.now);
    let tick = |tick: &Tick| {
        let x = permille(tick.at, props.now);
        let (class, y, height) = match tick.mark {
            Mark::Act => ("tick act", 8, 18),
            Mark::Grave => ("tick grave", 8, 18),
            Mark::Change => ("tick", 12, 10),
        };
        let label = match &tick.label {
            TickLabel::Line(line) => line.clone(),
            TickLabel::News(news) => news.tell(lang),
        };
        html! {
            <rect {class} x={x.to_string()} y={y.to_string()} width="2" height={height.to_string()}>
                <title>{ format!("{}  {label}", clock_text(tick.at)) }</title>
            </rect>
        }
    };
    let acts = props.timeline.acts().to_string();
    let summary = Text::TimelineSummary.fill(lang, &[Text::Timeline.tell(lang), &acts]);
    html! {
        <svg class="track" role="img" aria-label={summary} viewBox="-6 0 1012 34" preserveAspectRatio="none">
            <rect class="rail" x="0" y="16" width="1000" height="3" />
            <rect class="rail past" x="0" y="16" width={head.to_string()} height="3" />
            { for props.timeline.ticks().iter().map(tick) }
            <rect class="head" x={head.saturating_sub(3).to_string()} y="7" width="6" height="21" rx="2" />
        </svg>
    }
}
