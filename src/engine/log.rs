//! What a container wrote: lines with their times and streams, bounded as the kubelet bounds its files.
//!
//! *Differs:* the kubelet rotates at 10 MiB and keeps five files; here the newest [`Logs::KEPT`] lines stay.

use std::sync::Arc;

use crate::persistent::Vector;

use crate::time::Time;

/// Where a line was written.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the two streams of a process")]
pub enum Stream {
    Stdout,
    Stderr,
}

/// One line, without its newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub time: Time,
    /// Where.
    pub stream: Stream,
    /// What.
    pub text: Arc<str>,
}

/// The lines of one container, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logs {
    lines: Vector<LogLine>,
    /// Lines dropped so far: the number of the first kept line.
    dropped: u64,
}

impl Logs {
    /// How many lines are kept.
    pub const KEPT: usize = 2000;

    /// Writes text; each line of it becomes a line.
    pub fn write(&mut self, time: Time, stream: Stream, text: &str) {
        for line in text.lines() {
            self.lines.push_back(LogLine { time, stream, text: line.into() });
            if self.lines.len() > Self::KEPT {
                self.lines.pop_front();
                self.dropped += 1;
            }
        }
    }

    /// The kept lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.lines.iter()
    }

    /// The lines from number `first` on (counted from the container's first line), for following.
    pub fn since(&self, first: u64) -> impl Iterator<Item = &LogLine> {
        let skip = usize::try_from(first.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        self.lines.iter().skip(skip)
    }

    /// How many lines were ever written.
    pub fn written(&self) -> u64 {
        self.dropped + self.lines.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest_lines_and_their_numbers() {
        let mut logs = Logs::default();
        for number in 0..Logs::KEPT + 3 {
            logs.write(Time::START, Stream::Stdout, &format!("{number}\n"));
        }
        assert_eq!(logs.lines().count(), Logs::KEPT);
        assert_eq!(logs.lines().next().unwrap().text.as_ref(), "3");
        assert_eq!(logs.since(logs.written() - 1).next().unwrap().text.as_ref(), "2002");
    }
}
