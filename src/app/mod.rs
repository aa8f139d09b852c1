//! The page: state, components, and the browser behind one door.
//!
//! State is a value with a pure `reduce`; a component turns a view (plain data from `kobune::view`) into markup and
//! events into actions; only `browser/` calls web-sys. Content-Security-Policy forbids inline styles: classes, SVG
//! attributes and CSSOM only.

mod browser;
mod clerk;
mod console;
mod drive;
mod page;
mod panel;
mod state;
mod widget;

use kobune::view::Lang;

/// Puts the page up.
pub(crate) fn start() {
    let lang = browser::load("lang").as_deref().and_then(Lang::from_tag).unwrap_or_else(|| {
        let preferred = browser::preferred_language();
        Lang::preferred(preferred.iter().map(String::as_str))
    });
    let settings = kobune::cluster::Settings::default();
    let head = serde_json::json!({
        "engine": env!("CARGO_PKG_VERSION"),
        "seed": settings.seed,
        "nodes": settings.nodes,
        "profile": "default",
    });
    browser::guard(&head.to_string(), lang);
    yew::Renderer::<page::App>::with_props(page::Props { lang }).render();
}
