//! Files that the user gives the page: dropped on it or picked, one by one or in an archive.

use std::rc::Rc;

use kobune::archive;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, File, FileList, HtmlInputElement};

use super::memory::{become_whole, inflate};

/// The largest file that is opened.
pub(crate) const FILE_BYTES_MAX: u64 = 8 << 20;

/// The largest archive that is opened, and all that may be in one.
pub(crate) const ARCHIVE_BYTES_MAX: u64 = 16 << 20;

/// What came of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Picked {
    /// Its name and text.
    Text(String, String),
    /// It is too large: the limit, in MB.
    TooLarge(String, u64),
    /// It is not text.
    NotText(String),
    /// An archive's name, and what came of the files in it.
    Archive(String, Vec<Self>),
    /// It looks like an archive and cannot be read as one.
    BadArchive(String),
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
    let archive = name.to_ascii_lowercase().ends_with(".zip");
    let most = if archive { ARCHIVE_BYTES_MAX } else { FILE_BYTES_MAX };
    if size > most {
        return Picked::TooLarge(name, most >> 20);
    }
    let Ok(buffer) = JsFuture::from(file.array_buffer()).await else {
        return Picked::NotText(name);
    };
    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
    if !archive {
        return text_of(name, bytes);
    }
    become_whole().await;
    unpack(name, &bytes).await
}

fn text_of(name: String, bytes: Vec<u8>) -> Picked {
    match String::from_utf8(bytes) {
        Ok(text) => Picked::Text(name, text),
        Err(_) => Picked::NotText(name),
    }
}

/// The files of an archive, by clean paths; each may be refused by itself.
async fn unpack(name: String, bytes: &[u8]) -> Picked {
    let Ok(entries) = archive::read(bytes) else { return Picked::BadArchive(name) };
    let (mut all, mut left) = (Vec::new(), ARCHIVE_BYTES_MAX);
    for entry in entries {
        let Some(path) = archive::clean_path(&entry.name) else { continue };
        let size = entry.size as u64;
        if size > FILE_BYTES_MAX.min(left) {
            all.push(Picked::TooLarge(path, FILE_BYTES_MAX.min(ARCHIVE_BYTES_MAX) >> 20));
            continue;
        }
        left -= size;
        let bytes = if entry.deflated {
            inflate(entry.stored, entry.size).await
        } else {
            Some(entry.stored.to_vec())
        };
        match bytes.filter(|bytes| bytes.len() == entry.size && archive::crc(bytes) == entry.crc) {
            Some(bytes) => all.push(text_of(path, bytes)),
            None => return Picked::BadArchive(name),
        }
    }
    Picked::Archive(name, all)
}
