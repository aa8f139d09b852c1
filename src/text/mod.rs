//! Programs that turn texts into others: `awk` and `sed`, for the user's shell and for containers alike.
//!
//! Each is read once and then handed line after line; what it prints is a text. Neither knows where lines come from.

pub(crate) mod awk;
pub(crate) mod printf;
pub(crate) mod sed;

/// A line without its newline.
pub(crate) fn line_of(line: &[u8]) -> String {
    String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned()
}
