//! The learner's files: folders and bytes by absolute path, as one value that the shell and the editor share.
//!
//! Every file's folder exists; paths are absolute and normal (no `.`, `..`, doubled or final slash). Sizes are bounded, so
//! that a pasted flood is an error and not the end of the page. `/dev/null` reads as empty and swallows writes.
//! *Differs:* no owners, permissions or links.

use std::fmt;
use std::sync::Arc;

use crate::persistent::OrdMap;

use crate::time::Time;

/// The folder a session starts in, and what `~` stands for.
pub const HOME: &str = "/home/student";
/// The largest file.
pub const FILE_BYTES_MAX: usize = 8 << 20;
/// All files together.
pub const TOTAL_BYTES_MAX: usize = 64 << 20;
/// How many files and folders there may be.
pub const ENTRIES_MAX: usize = 10_000;
/// Linux's `NAME_MAX` and `PATH_MAX`.
const NAME_BYTES_MAX: usize = 255;
const PATH_BYTES_MAX: usize = 4096;

const NULL: &str = "/dev/null";

/// A file or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// A file's bytes; `None` for a folder.
    pub bytes: Option<Arc<Vec<u8>>>,
    /// When it was last written.
    pub modified: Time,
}

/// Why a file operation was refused; it prints as `strerror` does.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the errno that its text names")]
pub enum FileError {
    NotFound,
    IsFolder,
    NotFolder,
    Exists,
    NotEmpty,
    TooLarge,
    Full,
    NameTooLong,
    Busy,
    InvalidName,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "No such file or directory",
            Self::IsFolder => "Is a directory",
            Self::NotFolder => "Not a directory",
            Self::Exists => "File exists",
            Self::NotEmpty => "Directory not empty",
            Self::TooLarge => "File too large",
            Self::Full => "No space left on device",
            Self::NameTooLong => "File name too long",
            Self::Busy => "Device or resource busy",
            Self::InvalidName => "Invalid argument",
        })
    }
}

/// All files and folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    entries: OrdMap<Arc<str>, Entry>,
    total_bytes: usize,
    /// Raised by every change, so that an editor can tell cheaply whether to look.
    revision: u64,
}

impl Default for Files {
    /// The folders that a home directory stands in, and nothing in them.
    fn default() -> Self {
        let folder = Entry { bytes: None, modified: Time::START };
        let entries = ["/", "/dev", "/home", HOME, "/tmp"]
            .into_iter()
            .map(|path| (Arc::from(path), folder.clone()))
            .collect();
        Self { entries, total_bytes: 0, revision: 0 }
    }
}

/// The absolute, normal form of `path` as seen from the folder `cwd`.
pub fn resolve(cwd: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { cwd };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The folder a path stands in and its last name; `/` stands in itself without a name.
pub fn split(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => ("/", path),
    }
}

impl Files {
    /// Raised by every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The file or folder at a path.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Whether there is something at a path.
    pub fn exists(&self, path: &str) -> bool {
        path == NULL || self.entries.contains_key(path)
    }

    /// Whether there is a folder at a path.
    pub fn is_folder(&self, path: &str) -> bool {
        self.get(path).is_some_and(|entry| entry.bytes.is_none())
    }

    /// A file's bytes.
    pub fn read(&self, path: &str) -> Result<Arc<Vec<u8>>, FileError> {
        if path == NULL {
            return Ok(Arc::default());
        }
        let entry = self.get(path).ok_or_else(|| self.missing(path))?;
        entry.bytes.clone().ok_or(FileError::IsFolder)
    }

    /// What stands directly in a folder, in order of name.
    pub fn list(&self, path: &str) -> Result<Vec<(&str, &Entry)>, FileError> {
        let entry = self.get(path).ok_or_else(|| self.missing(path))?;
        if entry.bytes.is_some() {
            return Err(FileError::NotFolder);
        }
        Ok(self.below(path).filter(|(name, _)| !name.contains('/')).collect())
    }

    /// Everything under a folder, with paths relative to it, in order.
    pub fn below(&self, path: &str) -> impl Iterator<Item = (&str, &Entry)> {
        let prefix = if path == "/" { "/".to_owned() } else { format!("{path}/") };
        self.entries
            .range(Arc::<str>::from(prefix.as_str())..)
            .map_while(move |(path, entry)| Some((path.strip_prefix(prefix.as_str())?, entry)))
            .filter(|(name, _)| !name.is_empty())
    }

    /// Makes a file or replaces its bytes.
    pub fn write(&mut self, path: &str, bytes: Vec<u8>, now: Time) -> Result<(), FileError> {
        if path == NULL {
            return Ok(());
        }
        let old = self.writable(path)?;
        self.reserve(bytes.len(), old, !self.entries.contains_key(path))?;
        self.put(path, Some(bytes.into()), now);
        Ok(())
    }

    /// Adds to a file's end, making it if it is not there.
    pub fn append(&mut self, path: &str, bytes: &[u8], now: Time) -> Result<(), FileError> {
        if path == NULL {
            return Ok(());
        }
        let old = self.writable(path)?;
        self.reserve(old + bytes.len(), old, !self.entries.contains_key(path))?;
        match self.entries.get_mut(path) {
            Some(Entry { bytes: Some(held), modified }) => {
                Arc::make_mut(held).extend_from_slice(bytes);
                self.total_bytes += bytes.len();
                *modified = now;
            }
            _ => self.put(path, Some(bytes.to_vec().into()), now),
        }
        self.revision += 1;
        Ok(())
    }

    /// Makes one folder.
    pub fn make_folder(&mut self, path: &str, now: Time) -> Result<(), FileError> {
        if self.exists(path) {
            return Err(FileError::Exists);
        }
        self.check_place(path)?;
        self.reserve(0, 0, true)?;
        self.put(path, None, now);
        Ok(())
    }

    /// Makes a folder and the ones it stands in; it may be there already.
    pub fn make_folders(&mut self, path: &str, now: Time) -> Result<(), FileError> {
        let mut at = String::new();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            at.push('/');
            at.push_str(name);
            match self.get(&at) {
                Some(entry) if entry.bytes.is_some() => return Err(FileError::NotFolder),
                Some(_) => {}
                None => self.make_folder(&at, now)?,
            }
        }
        Ok(())
    }

    /// Removes one file, or one folder with everything in it.
    pub fn remove(&mut self, path: &str) -> Result<(), FileError> {
        if !self.entries.contains_key(path) {
            return Err(self.missing(path));
        }
        if path == "/" || path == "/dev" || path == "/home" || path == HOME || path == "/tmp" {
            return Err(FileError::Busy);
        }
        let inside: Vec<String> =
            self.below(path).map(|(name, _)| format!("{path}/{name}")).collect();
        for path in inside.iter().map(String::as_str).chain([path]) {
            self.take(path);
        }
        Ok(())
    }

    /// Moves a file or folder; an existing file or empty folder at `to` is replaced.
    pub fn rename(&mut self, from: &str, to: &str, now: Time) -> Result<(), FileError> {
        let moved = self.get(from).cloned().ok_or_else(|| self.missing(from))?;
        if from == to {
            return Ok(());
        }
        self.check_place(to)?;
        if to.strip_prefix(from).is_some_and(|rest| rest.starts_with('/')) {
            return Err(FileError::InvalidName);
        }
        match self.get(to) {
            Some(there) if there.bytes.is_none() && moved.bytes.is_some() => {
                return Err(FileError::IsFolder);
            }
            Some(there) if there.bytes.is_some() && moved.bytes.is_none() => {
                return Err(FileError::NotFolder);
            }
            Some(_) if self.below(to).next().is_some() => return Err(FileError::NotEmpty),
            Some(_) => self.remove(to)?,
            None => {}
        }
        let inside: Vec<(String, Entry)> =
            self.below(from).map(|(name, entry)| (format!("{to}/{name}"), entry.clone())).collect();
        self.remove(from)?;
        self.put(to, moved.bytes, now);
        for (path, entry) in inside {
            self.put(&path, entry.bytes, entry.modified);
        }
        Ok(())
    }

    /// Why nothing is at `path`: something on the way is a file, or is missing.
    fn missing(&self, path: &str) -> FileError {
        let mut folder = split(path).0;
        loop {
            match self.get(folder) {
                Some(entry) if entry.bytes.is_some() => return FileError::NotFolder,
                None if folder != "/" => folder = split(folder).0,
                _ => return FileError::NotFound,
            }
        }
    }

    /// How many bytes a write to `path` replaces, if a file may stand there.
    fn writable(&self, path: &str) -> Result<usize, FileError> {
        match self.get(path) {
            Some(Entry { bytes: Some(bytes), .. }) => Ok(bytes.len()),
            Some(_) => Err(FileError::IsFolder),
            None => self.check_place(path).map(|()| 0),
        }
    }

    fn check_place(&self, path: &str) -> Result<(), FileError> {
        let (folder, name) = split(path);
        if name.len() > NAME_BYTES_MAX || path.len() > PATH_BYTES_MAX {
            return Err(FileError::NameTooLong);
        }
        if path.contains('\0') {
            return Err(FileError::InvalidName);
        }
        match self.get(folder) {
            Some(entry) if entry.bytes.is_none() => Ok(()),
            Some(_) => Err(FileError::NotFolder),
            None => Err(self.missing(path)),
        }
    }

    fn reserve(&self, bytes: usize, replaced: usize, new: bool) -> Result<(), FileError> {
        if bytes > FILE_BYTES_MAX {
            Err(FileError::TooLarge)
        } else if self.total_bytes - replaced + bytes > TOTAL_BYTES_MAX
            || (new && self.entries.len() >= ENTRIES_MAX)
        {
            Err(FileError::Full)
        } else {
            Ok(())
        }
    }

    fn put(&mut self, path: &str, bytes: Option<Arc<Vec<u8>>>, modified: Time) {
        self.take(path);
        self.total_bytes += bytes.as_ref().map_or(0, |bytes| bytes.len());
        self.entries.insert(path.into(), Entry { bytes, modified });
    }

    fn take(&mut self, path: &str) {
        self.revision += 1;
        if let Some(Entry { bytes: Some(bytes), .. }) = self.entries.remove(path) {
            self.total_bytes -= bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::START;

    #[test]
    fn paths_are_made_absolute_and_normal() {
        for (cwd, path, want) in [
            ("/home/student", "a", "/home/student/a"),
            ("/home/student", "../x/./y//", "/home/x/y"),
            ("/", "..", "/"),
            ("/a", "/b/c/..", "/b"),
        ] {
            assert_eq!(resolve(cwd, path), want, "{path} from {cwd}");
        }
    }

    #[test]
    fn files_live_in_folders() {
        let mut files = Files::default();
        assert_eq!(files.write("/home/student/a/b", vec![], NOW), Err(FileError::NotFound));
        files.make_folders("/home/student/a", NOW).unwrap();
        files.write("/home/student/a/b", b"one".to_vec(), NOW).unwrap();
        files.append("/home/student/a/b", b" two", NOW).unwrap();
        assert_eq!(files.read("/home/student/a/b").unwrap().as_slice(), b"one two");
        assert_eq!(files.read("/home/student/a"), Err(FileError::IsFolder));
        assert_eq!(files.read("/home/student/a/b/c"), Err(FileError::NotFolder));
        assert_eq!(files.make_folder("/home/student/a", NOW), Err(FileError::Exists));
        files.rename("/home/student/a", "/tmp/z", NOW).unwrap();
        assert_eq!(files.read("/tmp/z/b").unwrap().as_slice(), b"one two");
        assert_eq!(files.rename("/tmp/z", "/tmp/z/inside", NOW), Err(FileError::InvalidName));
        files.remove("/tmp/z").unwrap();
        assert_eq!(files.total_bytes, 0);
        assert_eq!(files.list("/tmp").unwrap(), []);
    }

    #[test]
    fn sizes_are_bounded() {
        let mut files = Files::default();
        let big = vec![0; FILE_BYTES_MAX + 1];
        assert_eq!(files.write("/tmp/f", big, NOW), Err(FileError::TooLarge));
        for index in 0..8 {
            files.write(&format!("/tmp/{index}"), vec![0; FILE_BYTES_MAX], NOW).unwrap();
        }
        assert_eq!(files.write("/tmp/f", vec![0], NOW), Err(FileError::Full));
        assert_eq!(
            files.write(&format!("/tmp/{}", "n".repeat(256)), vec![], NOW),
            Err(FileError::NameTooLong)
        );
        files.write("/dev/null", vec![0; 9], NOW).unwrap();
        assert_eq!(files.read("/dev/null").unwrap().len(), 0);
    }
}
