//! Files of the page that are fetched on demand, and going to another address of it.

use kobune::view::Lang;
use kobune::view::link;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

/// Fetches a text that lies beside the page, and calls `then` with it or with what went wrong.
pub(crate) fn fetch_text(address: &str, then: impl FnOnce(Result<String, String>) + 'static) {
    let address = address.to_owned();
    spawn_local(async move {
        then(text(&address).await);
    });
}

async fn text(address: &str) -> Result<String, String> {
    let told = |error: JsValue| {
        let error = error.dyn_into::<js_sys::Error>().map(|error| String::from(error.message()));
        error.unwrap_or_else(|_| "network".to_owned())
    };
    let response =
        JsFuture::from(gloo::utils::window().fetch_with_str(address)).await.map_err(told)?;
    let response: Response = response.dyn_into().map_err(told)?;
    if !response.ok() {
        return Err(response.status().to_string());
    }
    let text = JsFuture::from(response.text().map_err(told)?).await.map_err(told)?;
    Ok(text.as_string().unwrap_or_default())
}

/// Loads the page afresh, at the address it has now.
pub(crate) fn reload() {
    // A page that may not reload stays as it is.
    drop(gloo::utils::window().location().reload());
}

/// Changes what stands behind `#` without a step in the history.
pub(crate) fn replace_hash(hash: &str) {
    replace(hash);
}

/// The language that the address asks for.
pub(crate) fn lang_of_link() -> Option<Lang> {
    let location = gloo::utils::window().location();
    let (search, hash) =
        (location.search().unwrap_or_default(), location.hash().unwrap_or_default());
    link::lang(&search, &hash)
}

/// Takes the language out of the address once another was chosen.
pub(crate) fn forget_lang_of_link(chosen: Lang) {
    if lang_of_link().is_none_or(|lang| lang == chosen) {
        return;
    }
    let location = gloo::utils::window().location();
    let path = location.pathname().unwrap_or_default();
    let hash = location.hash().unwrap_or_default();
    replace(&format!("{path}{}", hash.split('?').next().unwrap_or_default()));
}

fn replace(address: &str) {
    if let Ok(history) = gloo::utils::window().history() {
        // Our own addresses are of this origin.
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(address)));
    }
}
