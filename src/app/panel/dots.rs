//! Requests as dots that run from the shore to their Service and on to their Pod; one that failed ends as a red cross.
//!
//! Never more than [`DOTS_MAX`] at once, each drawn by one animation of the browser; none where less motion is wanted
//! (the numbers on the card say the same).

use std::rc::Rc;

use kobune::view::chart::{Chart, Way, way};
use kobune::view::picture::Dot;
use web_sys::Element;
use yew::prelude::*;

use crate::app::browser::{run_along, wall_micros};

/// So many dots are under way at once.
const DOTS_MAX: usize = 24;
/// How long a dot is on its way, and then for a while to be seen where it ended.
const LIFE_MILLIS: u32 = 1100;
/// The least time between two dots.
const GAP_MICROS: u64 = 48_000;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) chart: Rc<Chart>,
    /// The requests that are new.
    pub(crate) dots: Rc<Vec<Dot>>,
}

/// A dot under way.
#[derive(Clone)]
struct Live {
    dot: Dot,
    way: Way,
    began: u64,
}

/// The dots.
#[component]
pub(crate) fn Dots(props: &Props) -> Html {
    let live = use_mut_ref(Vec::<Live>::new);
    // By the value of the list: the chart changes more often.
    let last = use_mut_ref(|| None::<Rc<Vec<Dot>>>);
    let fresh = !last.borrow().as_ref().is_some_and(|last| Rc::ptr_eq(last, &props.dots));
    if fresh {
        last.replace(Some(Rc::clone(&props.dots)));
        let now = wall_micros();
        let mut live = live.borrow_mut();
        live.retain(|one| now.saturating_sub(one.began) < u64::from(LIFE_MILLIS) * 1000);
        for dot in props.dots.iter() {
            // Evenly over time, so that a stream looks like one; what failed goes first.
            let gap = if dot.answered { GAP_MICROS } else { GAP_MICROS / 4 };
            let recent = live.last().is_some_and(|last| now.saturating_sub(last.began) < gap);
            if live.len() >= DOTS_MAX || recent {
                continue;
            }
            let Some(way) = way(&props.chart, dot) else { continue };
            live.push(Live { dot: dot.clone(), way, began: now });
        }
    }
    let live = live.borrow();
    let mark = |one: &Live| {
        let (load, number) = one.dot.id;
        html! { <DotMark key={format!("{load}-{number}")} dot={one.dot.clone()} way={one.way.clone()} /> }
    };
    html! { <g class="dots" aria-hidden="true">{ for live.iter().map(mark) }</g> }
}

#[derive(Properties, PartialEq)]
struct MarkProps {
    dot: Dot,
    way: Way,
}

#[component]
fn DotMark(props: &MarkProps) -> Html {
    let node = use_node_ref();
    use_effect_with((), {
        let (node, path) = (node.clone(), props.way.path.clone());
        move |()| {
            if let Some(element) = node.cast::<Element>() {
                run_along(&element, &path, LIFE_MILLIS * 2 / 3);
            }
        }
    });
    let (x, y) = props.way.end;
    html! {
        <>
            <circle ref={node} class={classes!("dot", (!props.dot.answered).then_some("failed"))} r="3.5" />
            if !props.dot.answered {
                <path class="dot-end" d={format!("M{} {}l8 8m-8 0l8 -8", x - 4, y - 4)} />
            }
        </>
    }
}
