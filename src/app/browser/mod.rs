//! The only place that calls the browser.

mod editor;

pub(crate) use editor::EditorElement;
