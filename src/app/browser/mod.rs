//! The only place that calls the browser.
//!
//! Everything here is small: a clock, frames and timers, storage, files, the clipboard, the size of an element, motion,
//! and what lives outside WebAssembly: the editor element, and the save with the guard against faults (`outside.js`).

mod clock;
mod editor;
mod element;
mod fetch;
mod files;
mod memory;
mod preferences;

pub(crate) use clock::{Alarm, next_task, wall_micros};
pub(crate) use editor::EditorElement;
pub(crate) use element::{
    Listener, SizeWatch, copy_text, focus_id, glide, has_method, has_selection, place_within,
    point_in, run_along, scroll_to_end, shows_end, when_defined,
};
pub(crate) use fetch::{fetch_text, forget_lang_of_link, lang_of_link, reload, replace_hash};
pub(crate) use files::{Picked, dropped_files, picked_files};
pub(crate) use memory::{
    Aside, Left, Whose, begin_save, download, forget_aside, guard, is_whole, keep_files,
    keep_moment, keeper, list_asides, on_leave, on_trouble, once_whole, open_memory, read_aside,
    restart, set_aside, set_replaying, when_whole,
};
pub(crate) use preferences::{
    forget, hash, load, on_hash_change, preferred_language, save, set_language, set_theme,
};
