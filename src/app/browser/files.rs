//! Files that the user gives the page: dropped on it or picked.

use std::rc::Rc;

use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, File, FileList, HtmlInputElement};

/// The largest file that is opened.
pub(crate) const FILE_BYTES_MAX: u64 = 8 << 20;

/// What came of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Picked {
    /// Its name and text.
    Text(String, String),
    /// It is too large.
    TooLarge(String),
    /// It is not text.
    NotText(String),
}

/// Reads the files of a drop.
pub(crate) fn dropped_files(event: &DragEvent, give: Rc<dyn Fn(Picked)>) {
    if let Some(files) = event.data_transfer().and_then(|transfer| transfer.files()) {
        read(&files, give);
    }
}

/// Reads the files chosen in an input, and empties it so that the same file can be chosen again.
pub(crate) fn picked_files(input: &HtmlInputElement, give: Rc<dyn Fn(Picked)>) {
    if let Some(files) = input.files() {
        read(&files, give);
        input.set_value("");
    }
}

fn read(files: &FileList, give: Rc<dyn Fn(Picked)>) {
    let files: Vec<File> = (0..files.length()).filter_map(|index| files.get(index)).collect();
    spawn_local(async move {
        for file in files {
            give(read_one(&file).await);
        }
    });
}

async fn read_one(file: &File) -> Picked {
    let name = file.name();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a file's size is a whole number"
    )]
    let size = file.size() as u64;
    if size > FILE_BYTES_MAX {
        return Picked::TooLarge(name);
    }
    let bytes = JsFuture::from(file.array_buffer()).await;
    let bytes = bytes.map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec());
    match bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => Picked::Text(name, text),
        None => Picked::NotText(name),
    }
}
