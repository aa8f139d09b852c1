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
pub(crate) use element::{SizeWatch, copy_text, focus, glide, pin_to_end, point_in, scroll_to};
pub(crate) use files::{FILE_BYTES_MAX, Picked, dropped_files, picked_files};
pub(crate) use journal::{guard, note};
pub(crate) use preferences::{hash, load, preferred_language, save, set_language, set_theme};
