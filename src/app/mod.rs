//! The page: state, components, and the browser behind one door.
//!
//! State is a value with a pure `reduce`; a component turns a view (plain data from `kobune::view`) into markup and
//! events into actions; only `browser/` calls web-sys. Content-Security-Policy forbids inline styles: classes, SVG
//! attributes and CSSOM only.

mod browser;
mod classroom;
mod clerk;
mod drive;
mod lessons;
mod page;
mod panel;
mod restore;
mod state;
mod widget;

use kobune::view::Lang;

/// The name of the page's own world.
const WORLD: &str = "main";

/// Puts the page up, once what the last visit left was looked for.
pub(crate) fn start() {
    let remembered = || browser::load("lang").as_deref().and_then(Lang::from_tag);
    let lang = browser::lang_of_link().or_else(remembered).unwrap_or_else(|| {
        let preferred = browser::preferred_language();
        Lang::preferred(preferred.iter().map(String::as_str))
    });
    browser::guard(page::outside_words(lang));
    lessons::arrive(WORLD, move |berth| {
        browser::open_memory(&berth.name(), move |left| {
            let fresh = left.text.is_empty();
            let render = move |way| {
                yew::Renderer::<restore::Root>::with_props(restore::Props { lang, way }).render();
            };
            let begin = move || restore::Way::begin(berth, left, Box::new(render));
            // In a fresh world nothing was done yet that the first part of the code does not know.
            if fresh { begin() } else { browser::when_whole(begin) }
        });
    });
}
