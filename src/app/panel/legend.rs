//! What the shapes and colours of the picture mean: shown where nothing is selected.

use kobune::view::Text;
use kobune::view::picture::Health;
use yew::prelude::*;

use super::container::{health_class, health_text};
use super::harbour::stripes;
use crate::app::widget::use_words;

/// The shapes worth telling apart at first sight.
const SHAPES: [Health; 6] = [
    Health::Queued,
    Health::Starting,
    Health::Unready,
    Health::Ready,
    Health::Crashing,
    Health::Terminating,
];

/// The states of a boat.
const BOATS: [(&str, Text); 3] =
    [("dark", Text::LegendDark), ("cut", Text::LegendCut), ("cordoned", Text::LegendCordoned)];

/// The key.
#[component]
pub(crate) fn Legend() -> Html {
    let words = use_words();
    let row = |health: &Health| {
        // The picture may be out of sight, and its patterns with it.
        let striped = *health == Health::Starting;
        let fill = striped.then_some("url(#stripes-legend)");
        html! {
            <li>
                <svg class={classes!("pod", "tint-0", health_class(*health))} width="34" height="24" aria-hidden="true">
                    if striped {
                        <defs>{ stripes("stripes-legend".to_owned(), 0) }</defs>
                    }
                    <rect class="pod-body" x="1" y="1" width="32" height="22" rx="5" {fill} />
                    if *health == Health::Ready {
                        <rect class="pod-ring" x="3" y="3" width="28" height="18" rx="3.5" />
                    }
                </svg>
                { words(health_text(*health)) }
            </li>
        }
    };
    let colour = |tint: u8| {
        let (class, x) = (format!("tint-{tint} tinted"), (tint * 11).to_string());
        html! { <rect {class} {x} y="5" width="12" height="14" rx="2" /> }
    };
    let boat = |(class, text): &(&'static str, Text)| {
        let (cut, cordoned) = (*text == Text::LegendCut, *text == Text::LegendCordoned);
        let lean = (*text == Text::LegendDark).then_some("rotate(-7 17 16)");
        html! {
            <li>
                <svg class={classes!("boat", *class)} width="34" height="24" aria-hidden="true">
                    <g transform={lean}>
                        <path class="hull" d="M2 11h30c-1 7-4 10-8 10h-14c-4 0-7-3-8-10z" />
                        <path class="hull-edge" d="M2 11h30c-1 7-4 10-8 10h-14c-4 0-7-3-8-10z" />
                        if cut {
                            <path class="slash" d="M24 10L31 1" />
                        }
                        if cordoned {
                            <path class="cordon" d="M25 10v-4m-3 -3h6" />
                        }
                    </g>
                </svg>
                { words(*text) }
            </li>
        }
    };
    html! {
        <section class="legend">
            <h2>{ words(Text::Legend) }</h2>
            <ul>
                { for SHAPES.iter().map(row) }
                <li>
                    <svg width="34" height="24" aria-hidden="true">
                        { for (0..3).map(colour) }
                        <path class="mark" d="M14 12h7" />
                    </svg>
                    { words(Text::LegendColour) }
                </li>
                <li>
                    <svg width="34" height="24" aria-hidden="true">
                        <rect class="water" x="1" y="11" width="32" height="12" rx="3" />
                        <rect class="waterline" x="1" y="11" width="32" height="2" />
                    </svg>
                    { words(Text::LegendWater) }
                </li>
                { for BOATS.iter().map(boat) }
            </ul>
        </section>
    }
}
