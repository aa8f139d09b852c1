//! The editor's tabs: which files of the sandbox are open, and which one is on top.
//!
//! The files themselves live in the shell's file system; a tab is a path. Names are what `touch` would take, within
//! reason: no slash at the ends, no control characters, short.

use super::{Lang, Text};

/// The manifest that lies on a fresh desk, without its comments.
pub const EXAMPLE: &str = include_str!("../../static/examples/web.yaml");

/// The file that lies on a fresh desk, with comments in the learner's language.
pub fn example(lang: Lang) -> String {
    let (what, how) = (Text::ExampleWhat.tell(lang), Text::ExampleHow.tell(lang));
    format!("# {what}\n# {how}\n{EXAMPLE}")
}

/// The open files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// Absolute paths in the order of their tabs.
    pub open: Vec<String>,
    /// The one on top.
    pub active: Option<String>,
}

/// Longest name of a file.
const NAME_CHARS_MAX: usize = 120;

impl Desk {
    /// Opens a file, or brings it to the top.
    pub fn open(&mut self, path: &str) {
        if !self.open.iter().any(|open| open == path) {
            self.open.push(path.to_owned());
        }
        self.active = Some(path.to_owned());
    }

    /// Closes a tab; its neighbour comes to the top.
    pub fn close(&mut self, path: &str) {
        let Some(index) = self.open.iter().position(|open| open == path) else { return };
        self.open.remove(index);
        if self.active.as_deref() == Some(path) {
            self.active = self.open.get(index).or(self.open.last()).cloned();
        }
    }

    /// Gives a tab another path.
    pub fn rename(&mut self, from: &str, to: &str) {
        for open in &mut self.open {
            if open == from {
                to.clone_into(open);
            }
        }
        if self.active.as_deref() == Some(from) {
            self.active = Some(to.to_owned());
        }
    }

    /// Brings the neighbour of the active tab to the top, round the ends.
    pub fn turn(&mut self, forward: bool) {
        let Some(at) = self.open.iter().position(|open| Some(open) == self.active.as_ref()) else {
            return;
        };
        let count = self.open.len();
        let next = if forward { at + 1 } else { at + count - 1 } % count;
        self.active = self.open.get(next).cloned();
    }
}

/// Whether a relative name can be given to a file.
pub fn is_file_name(name: &str) -> bool {
    let segment = |part: &str| !part.is_empty() && part != "." && part != "..";
    !name.trim().is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.chars().any(char::is_control)
        && name.split('/').all(segment)
}

/// A name like `wanted` that is not taken: `web.yaml`, `web-2.yaml`, `web-3.yaml`…
pub fn free_name(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let (stem, extension) = match wanted.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (wanted, String::new()),
    };
    let mut number = 2_u32;
    loop {
        let name = format!("{stem}-{number}{extension}");
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}

/// A word as the shell must be given it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./+:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The last part of a path.
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_brings_the_neighbour_up() {
        let mut desk = Desk::default();
        for path in ["/a", "/b", "/c", "/a", "/b"] {
            desk.open(path);
        }
        desk.close("/b");
        assert_eq!((desk.open.len(), desk.active.as_deref()), (2, Some("/c")));
        desk.close("/c");
        desk.close("/a");
        assert_eq!(desk, Desk::default());
    }

    #[test]
    fn tabs_turn_round() {
        let mut desk = Desk::default();
        desk.open("/a");
        desk.open("/b");
        desk.turn(true);
        assert_eq!(desk.active.as_deref(), Some("/a"));
        desk.turn(false);
        assert_eq!(desk.active.as_deref(), Some("/b"));
    }

    #[test]
    fn the_example_is_sound() {
        for lang in [Lang::En, Lang::Ja] {
            let cluster = crate::cluster::Cluster::new(crate::cluster::Settings::default());
            let world = crate::view::diagnostics::World { cluster: &cluster, namespace: "default" };
            assert_eq!(crate::view::diagnostics::check(&example(lang), &world), []);
        }
    }

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(quoted("web.yaml"), "web.yaml");
        assert_eq!(quoted("my file's.yaml"), "'my file'\\''s.yaml'");
    }

    #[test]
    fn names() {
        for name in ["web.yaml", "小舟.yaml", "a/b.yaml", "with space.yaml"] {
            assert!(is_file_name(name), "{name}");
        }
        for name in ["", " ", "/a", "a/", "a//b", "..", "a/../b", "a\0b"] {
            assert!(!is_file_name(name), "{name:?}");
        }
        assert_eq!(free_name("web.yaml", |name| name == "web.yaml"), "web-2.yaml");
        assert_eq!(free_name("notes", |name| name.len() < 7), "notes-2");
    }
}
