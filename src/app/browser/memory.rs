//! The page's memory from one visit to the next, and the guard against faults: the Rust side of `outside.js`.
//!
//! Lines reach JavaScript before the core does what they tell, so that they outlive a core that stops. Where storing is
//! not possible all of this does nothing but keep the text for the panel.

use std::panic;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use kobune::journal::Keeper;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The JavaScript side.
mod outside {
    use super::{Array, JsValue, Uint8Array, wasm_bindgen};

    #[wasm_bindgen(module = "/src/app/browser/outside.js")]
    extern "C" {
        pub(crate) async fn open(name: &str) -> JsValue;
        pub(crate) fn begin(head: &str);
        pub(crate) fn keep(number: usize, line: &str);
        pub(crate) fn keep_moment(line: &str, hurry: bool);
        pub(crate) fn keep_files(text: &str);
        pub(crate) fn set_aside(text: &str, reason: &str);
        pub(crate) fn set_replaying(on: bool);
        pub(crate) fn on_trouble(hear: &JsValue);
        pub(crate) fn on_leave(hear: &JsValue);
        pub(crate) async fn asides() -> JsValue;
        pub(crate) async fn aside_text(key: &str) -> JsValue;
        pub(crate) async fn forget_aside(key: &str) -> JsValue;
        pub(crate) fn download(file: &str, bytes: &JsValue);
        pub(crate) async fn inflate(bytes: Uint8Array, most: usize) -> JsValue;
        pub(crate) fn restart(text: &str);
        pub(crate) fn is_whole() -> bool;
        pub(crate) async fn once_whole();
        pub(crate) async fn become_whole();
        pub(crate) fn guard(words: Array);
        pub(crate) fn fault(message: &str);
    }
}

pub(crate) use outside::{
    become_whole, is_whole, keep_files, keep_moment, set_aside, set_replaying,
};

/// Whose the save is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// This tab's: it alone writes it.
    Own,
    /// Another tab's; this one is not saved.
    Elsewhere,
    /// Nobody's: the browser stores nothing.
    Nobody,
}

/// What the last visit left.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub(crate) whose: Whose,
    /// The save; empty if there is none.
    pub(crate) text: String,
    /// In how many records its acts stand.
    pub(crate) records: usize,
    /// Whether the last visit ended while the save was being done again.
    pub(crate) replaying: bool,
    /// Whether the core stopped for good in it.
    pub(crate) fault: bool,
}

/// Looks for the save with a name, and calls `then` with what was found.
pub(crate) fn open_memory(name: &str, then: impl FnOnce(Left) + 'static) {
    let name = name.to_owned();
    spawn_local(async move {
        let left = Array::from(&outside::open(&name).await);
        let text = |index: u32| left.get(index).as_string().unwrap_or_default();
        let whose = match text(0).as_str() {
            "own" => Whose::Own,
            "elsewhere" => Whose::Elsewhere,
            _ => Whose::Nobody,
        };
        let mark = text(3);
        then(Left {
            whose,
            text: text(1),
            records: whole(&left.get(2)),
            replaying: mark == "replaying",
            fault: mark == "fault",
        });
    });
}

/// A fresh save: its first lines and the acts so far replace the one that was there.
pub(crate) fn begin_save(head: &str, lines: &[String]) {
    outside::begin(head);
    for (number, line) in lines.iter().enumerate() {
        outside::keep(number, line);
    }
}

/// Hands each act's line on before it is done.
pub(crate) fn keeper() -> Keeper {
    Rc::new(outside::keep)
}

/// Calls `hear` when storing fails, with the error's name, and with nothing when it works again.
pub(crate) fn on_trouble(hear: impl Fn(String) + 'static) {
    let hear = Closure::<dyn Fn(String)>::new(hear);
    outside::on_trouble(hear.as_ref());
    hear.forget();
}

/// Calls `hear` when the page may be about to go.
pub(crate) fn on_leave(hear: impl Fn() + 'static) {
    let hear = Closure::<dyn Fn()>::new(hear);
    outside::on_leave(hear.as_ref());
    hear.forget();
}

/// A save that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Aside {
    /// When, in the browser's words.
    pub(crate) when: String,
    /// Why, as it was given to [`set_aside`].
    pub(crate) reason: String,
    pub(crate) bytes: usize,
    key: String,
}

/// Tells what was set aside, newest first.
pub(crate) fn list_asides(then: impl FnOnce(Vec<Aside>) + 'static) {
    spawn_local(async move {
        let found = Array::from(&outside::asides().await);
        let aside = |entry: JsValue| {
            let entry = Array::from(&entry);
            let text = |index: u32| entry.get(index).as_string().unwrap_or_default();
            Aside { key: text(0), when: text(1), reason: text(2), bytes: whole(&entry.get(3)) }
        };
        then(found.iter().map(aside).collect());
    });
}

/// Gives the text of what was set aside to `then`.
pub(crate) fn read_aside(aside: &Aside, then: impl FnOnce(String) + 'static) {
    let key = aside.key.clone();
    spawn_local(async move {
        then(outside::aside_text(&key).await.as_string().unwrap_or_default());
    });
}

/// Throws away what was set aside, and calls `then`.
pub(crate) fn forget_aside(aside: &Aside, then: impl FnOnce() + 'static) {
    let key = aside.key.clone();
    spawn_local(async move {
        outside::forget_aside(&key).await;
        then();
    });
}

/// Gives the user a file.
pub(crate) fn download(file: &str, bytes: &[u8]) {
    outside::download(file, &Uint8Array::from(bytes).into());
}

/// What deflated bytes stand for; none if they are broken or stand for more than `most` bytes.
pub(crate) async fn inflate(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let inflated = outside::inflate(Uint8Array::from(bytes), most).await;
    inflated.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

/// Loads the page anew, with a save instead of the one there is, or (with an empty text) with none.
pub(crate) fn restart(save: &str) {
    outside::restart(save);
}

/// Calls `then` once all of the page's code is here: at once if it is. After a moment the page says that it waits, and where
/// the rest cannot be fetched it offers to try again.
pub(crate) fn when_whole(then: impl FnOnce() + 'static) {
    if is_whole() {
        return then();
    }
    spawn_local(async {
        become_whole().await;
        then();
    });
}

/// Calls `then` once all of the page's code is here, whoever asks for it.
pub(crate) fn once_whole(then: impl FnOnce() + 'static) {
    spawn_local(async {
        outside::once_whole().await;
        then();
    });
}

/// Puts up the guard that shows a panel after a fault; it speaks these words: title, text, save, restart. What is said of the
/// page's code follows: that it is under way, that it could not be fetched, try again.
pub(crate) fn guard(words: [&str; 7]) {
    outside::guard(words.iter().map(|word| JsValue::from(*word)).collect());
    panic::set_hook(Box::new(|info| outside::fault(&info.to_string())));
}

fn whole(number: &JsValue) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length in JavaScript is a whole number"
    )]
    let number = number.as_f64().unwrap_or_default() as usize;
    number
}
