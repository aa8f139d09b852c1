//! The text editor as the page sees it: the custom element `<kobune-editor>`, which `editor.js` defines.
//!
//! The bundle (sources in `editor/`) registers the element; it keeps CodeMirror in its shadow root. Attributes: `theme`
//! (`light` or `dark`), `lang` (`ja` or `en`) and `label` (its accessible name), all observed. Events, bubbling:
//! `editor-change` after the user (not the page) changed the text, and `editor-apply` on Ctrl/Cmd+Enter.
//! If the bundle is absent the element is unknown to the browser and has none of these methods; see [`EditorElement::ready`].

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A `<kobune-editor>`.
    #[wasm_bindgen(extends = web_sys::HtmlElement)]
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) type EditorElement;

    /// Shows a file. Each name keeps its own undo history, selection and scroll position; the text is replaced only
    /// where it differs.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn open(this: &EditorElement, name: &str, text: &str);

    /// Drops what was kept for a name.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn forget(this: &EditorElement, name: &str);

    /// The text of the file that is shown.
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn text(this: &EditorElement) -> String;

    /// Marks places in the file that is shown. JSON: `[{"place":[1,1,1,5],"severity":"error","message":"…","advice":"…",
    /// "repairs":[{"place":[1,1,1,5],"before":"…","after":"…","name":"…"}]}]`; a place is line, column, last line and
    /// column, from 1, columns in UTF-16 units, the end exclusive.
    #[wasm_bindgen(method, structural, js_name = setDiagnostics)]
    pub(crate) fn set_diagnostics(this: &EditorElement, json: &str);

    /// Does a repair: by the number of what is marked, and of its repair. Nothing happens where the text has changed.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn repair(this: &EditorElement, found: u32, repair: u32);

    /// Puts the cursor on a line and column (from 1) and scrolls there.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn reveal(this: &EditorElement, line: u32, column: u32);
}
