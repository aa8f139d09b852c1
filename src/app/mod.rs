//! The page: state, components, and the browser behind one door.
//!
//! State is a value with a pure `reduce`; a component turns a view (plain data from `kobune::view`) into markup and
//! events into actions; only `browser/` calls web-sys. Content-Security-Policy forbids inline styles: classes, SVG
//! attributes and CSSOM only.

mod browser;

use yew::prelude::*;

/// Puts the page up.
pub(crate) fn start() {
    yew::Renderer::<App>::new().render();
}

/// The whole page.
#[component]
fn App() -> Html {
    html! { <h1>{ "小舟 Kobune" }</h1> }
}
