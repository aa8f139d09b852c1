//! What the page remembers and what the browser says about the user: language, colours, the link that led here.

use gloo::events::EventListener;
use gloo::storage::{LocalStorage, Storage};
use wasm_bindgen::JsValue;

const PREFIX: &str = "kobune.";

/// A remembered preference.
pub(crate) fn load(name: &str) -> Option<String> {
    LocalStorage::get(format!("{PREFIX}{name}")).ok()
}

/// Remembers a preference.
pub(crate) fn save(name: &str, value: &str) {
    // Storage may be full or forbidden; the page works without memory.
    drop(LocalStorage::set(format!("{PREFIX}{name}"), value));
}

/// Forgets a preference.
pub(crate) fn forget(name: &str) {
    LocalStorage::delete(format!("{PREFIX}{name}"));
}

/// The languages that the browser prefers, best first.
pub(crate) fn preferred_language() -> Vec<String> {
    let navigator = gloo::utils::window().navigator();
    let list: Vec<String> =
        navigator.languages().iter().filter_map(|tag| JsValue::as_string(&tag)).collect();
    if list.is_empty() { navigator.language().into_iter().collect() } else { list }
}

/// Tells the document its language, for fonts, hyphenation and screen readers.
pub(crate) fn set_language(tag: &str) {
    set_root_attribute("lang", Some(tag));
}

/// Sets the colours: `light`, `dark`, or as the system has it.
pub(crate) fn set_theme(theme: Option<&str>) {
    set_root_attribute("data-theme", theme);
}

fn set_root_attribute(name: &str, value: Option<&str>) {
    let Some(root) = gloo::utils::document().document_element() else { return };
    // The names and values are ours and valid.
    drop(match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    });
}

/// Calls `hear` whenever what stands behind `#` changes, until it is dropped.
pub(crate) fn on_hash_change(hear: impl Fn() + 'static) -> EventListener {
    EventListener::new(&gloo::utils::window(), "hashchange", move |_| hear())
}

/// What stands behind `#` in the address, if anything.
pub(crate) fn hash() -> Option<String> {
    let hash = gloo::utils::window().location().hash().ok()?;
    let hash = hash.strip_prefix('#')?.trim().to_owned();
    (!hash.is_empty()).then_some(hash)
}
