//! The run's journal, kept in JavaScript's memory so that it survives a fault of the core, and what is shown then.
//!
//! Every input is noted before the core sees it. After a panic nothing of the page's Rust may run again, so the panel is
//! plain elements without handlers: a link that saves the journal, and a link that loads the page afresh.

use std::cell::RefCell;
use std::panic;

use js_sys::{Array, Object, Reflect};
use kobune::view::{Lang, Text};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, Document, Element, Url};

thread_local! {
    static JOURNAL: Array = Array::new();
    static HEAD: RefCell<String> = const { RefCell::new(String::new()) };
    static SHOWN: RefCell<bool> = const { RefCell::new(false) };
}

/// Notes an input: at which virtual time (microseconds since the epoch), what was done, with what.
pub(crate) fn note(at: i64, act: &str, what: &[&str]) {
    let entry = Array::new();
    entry.push(&JsValue::from(at.to_string()));
    entry.push(&JsValue::from(act));
    for part in what {
        entry.push(&JsValue::from(*part));
    }
    JOURNAL.with(|journal| journal.push(&entry));
}

/// Notes that a file was written. Writing it again before anything else happens replaces the note.
pub(crate) fn note_write(at: i64, path: &str, text: &str) {
    JOURNAL.with(|journal| {
        let last = journal.get(journal.length().wrapping_sub(1)).dyn_into::<Array>();
        let same = last.is_ok_and(|last| last.get(1) == "write" && last.get(2) == *path);
        if same {
            journal.pop();
        }
    });
    note(at, "write", &[path, text]);
}

/// Begins the journal of a run and puts up the guard that shows the panel after a fault.
/// `head` is JSON that tells the world: engine version, seed, profile.
pub(crate) fn guard(head: &str, lang: Lang) {
    HEAD.with_borrow_mut(|kept| head.clone_into(kept));
    panic::set_hook(Box::new(move |info| {
        web_sys::console::error_1(&JsValue::from(info.to_string()));
        show(&info.to_string(), lang);
    }));
    // Faults that are no panic (a stack that ran out, a trap) reach the window as errors.
    let on_error =
        Closure::<dyn FnMut(web_sys::ErrorEvent)>::new(move |event: web_sys::ErrorEvent| {
            // Anything thrown through the core's frames leaves it in the middle of something.
            let stack = Reflect::get(&event.error(), &"stack".into()).ok();
            let stack = stack.and_then(|stack| stack.as_string()).unwrap_or_default();
            if stack.contains("wasm") {
                show(&event.message(), lang);
            }
        });
    // An old browser without listeners only loses the panel for traps.
    drop(
        gloo::utils::window()
            .add_event_listener_with_callback("error", on_error.as_ref().unchecked_ref()),
    );
    on_error.forget();
}

fn show(fault: &str, lang: Lang) {
    if SHOWN.with_borrow_mut(|shown| std::mem::replace(shown, true)) {
        return;
    }
    // Nothing is left to tell if even this fails; the console has the fault.
    drop(build(fault, lang));
}

fn build(fault: &str, lang: Lang) -> Result<(), JsValue> {
    let document = gloo::utils::document();
    let body = document.body().ok_or("no body")?;
    let panel = element(&document, "section", "crash")?;
    panel.set_attribute("role", "alertdialog")?;
    let title = element(&document, "h1", "")?;
    title.set_text_content(Some(Text::CrashTitle.tell(lang)));
    let text = element(&document, "p", "")?;
    text.set_text_content(Some(Text::CrashText.tell(lang)));
    let detail = element(&document, "pre", "")?;
    detail.set_text_content(Some(fault));
    let save = element(&document, "a", "button primary")?;
    save.set_text_content(Some(Text::CrashSave.tell(lang)));
    save.set_attribute("href", &journal_address(fault)?)?;
    save.set_attribute("download", "kobune-journal.json")?;
    let restart = element(&document, "a", "button")?;
    restart.set_text_content(Some(Text::CrashRestart.tell(lang)));
    restart.set_attribute("href", "?")?;
    for child in [&title, &text, &detail, &save, &restart] {
        panel.append_child(child)?;
    }
    body.append_child(&panel)?;
    Ok(())
}

fn element(document: &Document, tag: &str, class: &str) -> Result<Element, JsValue> {
    let element = document.create_element(tag)?;
    element.set_class_name(class);
    Ok(element)
}

/// An address from which the browser can save the journal.
fn journal_address(fault: &str) -> Result<String, JsValue> {
    let file = Object::new();
    let head = HEAD.with_borrow(|head| js_sys::JSON::parse(head))?;
    Reflect::set(&file, &"world".into(), &head)?;
    Reflect::set(&file, &"fault".into(), &fault.into())?;
    JOURNAL.with(|journal| Reflect::set(&file, &"acts".into(), journal))?;
    let text = js_sys::JSON::stringify(&file)?;
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text), &options)?;
    Url::create_object_url_with_blob(&blob)
}
