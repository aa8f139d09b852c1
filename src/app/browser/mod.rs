//! The only place that calls the browser.
//!
//! Everything here is small: a clock, frames and timers, storage, files, the clipboard, the size of an element, motion,
//! and the two custom faces of the page that live in JavaScript's memory: the editor element and the journal.

mod clock;
mod editor;
mod element;
mod files;
mod journal;
mod preferences;

pub(crate) use clock::{Alarm, wall_micros};
pub(crate) use editor::EditorElement;
pub(crate) use element::{
    Listener, SizeWatch, copy_text, focus_id, glide, has_method, has_selection, point_in,
    scroll_to_end, shows_end, when_defined,
};
pub(crate) use files::{FILE_BYTES_MAX, Picked, dropped_files, picked_files};
pub(crate) use journal::{guard, note, note_write};
pub(crate) use preferences::{
    hash, load, on_hash_change, preferred_language, save, set_language, set_theme,
};
