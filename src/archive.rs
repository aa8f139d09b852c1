//! Zip archives, as much of them as files of a sandbox need: written without compression, read in both common methods.
//!
//! Whatever the bytes are, reading gives entries within bounds or an error. Inflating is left to the caller (the browser
//! has it built in). Models PKWARE's APPNOTE 4.3. *Differs:* no ZIP64, no encryption, no archives in several parts.

/// The most entries that are read.
pub const ENTRIES_MAX: usize = 2000;

/// Why an archive cannot be read.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It is no archive, or a part of one.
    NotAnArchive,
    /// It uses something that is not read here.
    NotSupported,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its name as it stands there: do not trust it, see [`clean_path`].
    pub name: String,
    /// Its bytes as they are stored.
    pub stored: &'a [u8],
    /// Whether they are deflated.
    pub deflated: bool,
    /// How many bytes it has.
    pub size: usize,
    /// The check over its bytes.
    pub crc: u32,
}

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 2.0: folders and deflate.
const VERSION: u16 = 20;
/// Bit 11: names are UTF-8.
const UTF_8: u16 = 1 << 11;
/// 2026-04-01, the day on which every world starts.
const DATE: u16 = (46 << 9) | (4 << 5) | 1;

/// An archive of files, names with `/` between folders.
pub fn write(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let at = small(out.len());
        let mut head = Vec::new();
        for word in [VERSION, UTF_8, 0, 0, DATE] {
            head.extend_from_slice(&word.to_le_bytes());
        }
        for long in [crc(bytes), small(bytes.len()), small(bytes.len())] {
            head.extend_from_slice(&long.to_le_bytes());
        }
        head.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
        head.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&LOCAL.to_le_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(bytes);
        central.extend_from_slice(&CENTRAL.to_le_bytes());
        central.extend_from_slice(&VERSION.to_le_bytes());
        central.extend_from_slice(&head);
        // No comment, first disk, no attributes.
        central.extend_from_slice(&[0; 10]);
        central.extend_from_slice(&at.to_le_bytes());
        central.extend_from_slice(name.as_bytes());
    }
    let at = small(out.len());
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&central);
    out.extend_from_slice(&END.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&small(central.len()).to_le_bytes());
    out.extend_from_slice(&at.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    out
}

/// The files of an archive; folders are not among them.
pub fn read(bytes: &[u8]) -> Result<Vec<Entry<'_>>, Broken> {
    let end = find_end(bytes).ok_or(Broken::NotAnArchive)?;
    let count = usize::from(word(bytes, end + 10).ok_or(Broken::NotAnArchive)?);
    let mut at = long(bytes, end + 16).ok_or(Broken::NotAnArchive)?;
    if count > ENTRIES_MAX || at == usize::try_from(u32::MAX).unwrap_or(usize::MAX) {
        return Err(Broken::NotSupported);
    }
    let mut entries = Vec::new();
    for _ in 0..count {
        let (entry, next) = central(bytes, at).ok_or(Broken::NotAnArchive)?;
        at = next;
        let entry = entry?;
        if !entry.name.ends_with('/') {
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// The end record stands last, before a comment of up to 64 KiB.
fn find_end(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(22)?;
    (last.saturating_sub(0xffff)..=last).rev().find(|at| is(bytes, *at, END))
}

/// The entry at a place of the central directory, and where the next one stands; none if it is not there.
fn central(bytes: &[u8], at: usize) -> Option<(Result<Entry<'_>, Broken>, usize)> {
    if !is(bytes, at, CENTRAL) {
        return None;
    }
    let (flags, method) = (word(bytes, at + 8)?, word(bytes, at + 10)?);
    let (stored, size) = (long(bytes, at + 20)?, long(bytes, at + 24)?);
    let crc = u32::try_from(long(bytes, at + 16)?).ok()?;
    let name_length = usize::from(word(bytes, at + 28)?);
    let rest = usize::from(word(bytes, at + 30)?) + usize::from(word(bytes, at + 32)?);
    let local = long(bytes, at + 42)?;
    let name = bytes.get(at + 46..at + 46 + name_length)?;
    let next = at + 46 + name_length + rest;
    if flags & 1 != 0 || (method != 0 && method != 8) {
        return Some((Err(Broken::NotSupported), next));
    }
    if !is(bytes, local, LOCAL) {
        return None;
    }
    let skip = usize::from(word(bytes, local + 26)?) + usize::from(word(bytes, local + 28)?);
    let begin = local + 30 + skip;
    let stored = bytes.get(begin..begin.checked_add(stored)?)?;
    let name = String::from_utf8_lossy(name).into_owned();
    Some((Ok(Entry { name, stored, deflated: method == 8, size, crc }), next))
}

/// A path from an archive as one below a folder of ours: without what leads elsewhere. None if nothing is left, or for
/// what some systems put beside the files.
pub fn clean_path(name: &str) -> Option<String> {
    let name = name.replace('\\', "/");
    let parts: Vec<&str> = name
        .split('/')
        .filter(|part| !part.is_empty() && *part != "." && *part != ".." && !part.ends_with(':'))
        .collect();
    let last = parts.last()?;
    if parts[0] == "__MACOSX" || *last == ".DS_Store" || name.chars().any(char::is_control) {
        return None;
    }
    Some(parts.join("/"))
}

/// CRC-32 as zip, gzip and Ethernet have it.
pub fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

fn is(bytes: &[u8], at: usize, signature: u32) -> bool {
    at.checked_add(4).and_then(|end| bytes.get(at..end)) == Some(&signature.to_le_bytes())
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
}

/// All files of a sandbox together are far below 4 GiB.
fn small(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn sample() -> Vec<(String, Vec<u8>)> {
        vec![
            ("web.yaml".to_owned(), b"kind: Pod\n".to_vec()),
            ("小舟/a b.txt".to_owned(), Vec::new()),
            ("big".to_owned(), vec![7; 1000]),
        ]
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        let archive = write(&sample());
        let entries = read(&archive).unwrap();
        assert_eq!(entries.len(), 3);
        for (entry, (name, bytes)) in entries.iter().zip(sample()) {
            assert_eq!((&entry.name, entry.stored, entry.deflated), (&name, &bytes[..], false));
            assert_eq!((entry.size, entry.crc), (bytes.len(), crc(&bytes)));
        }
        assert_eq!(read(&write(&[])).unwrap(), []);
    }

    /// An entry as others write it: deflated, or encrypted, or in a way that nobody knows.
    #[test]
    fn what_others_deflated_is_found() {
        let stored = [0x4b, 0x4c, 0xa4, 0x3d, 0x00, 0x00];
        let mut archive = write(&[("a".to_owned(), stored.to_vec())]);
        let at = archive.len() - 22 - 47;
        archive[at + 10] = 8;
        let entries = read(&archive).unwrap();
        assert_eq!((entries[0].stored, entries[0].deflated), (&stored[..], true));
        archive[at + 10] = 99;
        assert_eq!(read(&archive), Err(Broken::NotSupported));
        archive[at + 10] = 8;
        archive[at + 8] |= 1;
        assert_eq!(read(&archive), Err(Broken::NotSupported), "encrypted");
    }

    #[test]
    fn no_bytes_do_harm() {
        assert_eq!(read(b""), Err(Broken::NotAnArchive));
        assert_eq!(read(&[b'P'; 500]), Err(Broken::NotAnArchive));
        let (archive, mut random) = (write(&sample()), Random::new(1));
        for _ in 0..2000 {
            let mut bytes = archive.clone();
            for _ in 0..=random.below(6) {
                let tail = random.below(400).min(bytes.len() - 1);
                let at =
                    if random.below(2) == 0 { bytes.len() - 1 - tail } else { random.below(90) };
                bytes[at] = [0, 1, 0xff, 0x7f, 0x50][random.below(5)];
            }
            bytes.truncate(bytes.len() - random.below(3) * random.below(50));
            drop(read(&bytes));
        }
    }

    #[test]
    fn paths_lead_nowhere_else() {
        for (name, want) in [
            ("a/b.yaml", Some("a/b.yaml")),
            ("/etc/passwd", Some("etc/passwd")),
            ("../../x", Some("x")),
            ("C:\\Users\\x.yaml", Some("Users/x.yaml")),
            ("./a//b", Some("a/b")),
            ("..", None),
            ("", None),
            ("a/.DS_Store", None),
            ("__MACOSX/a", None),
            ("a\0b", None),
        ] {
            assert_eq!(clean_path(name).as_deref(), want, "{name}");
        }
    }
}
