//! Streams between commands: pipes in memory, the screen, and files behind a redirect.
//!
//! Writing never waits (a sandbox's texts are small); reading waits until there is something or the last writer is gone.
//! A reader that goes away breaks the pipe for its writers, as SIGPIPE does.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// What may lie unread in one pipe; a writer that goes on meets [`BrokenPipe`] instead of filling the page's memory.
const UNREAD_BYTES_MAX: usize = 64 << 20;

#[derive(Debug, Default)]
struct Buffer {
    bytes: VecDeque<u8>,
    /// How many [`Output`] handles there are; none left means end of file.
    writers: usize,
    /// Whether the reading end was closed.
    closed: bool,
    /// How many times something was written or read: tells a pipeline whether a round made progress.
    uses: u64,
}

/// The reading end. Clones read from the same stream. The default is a stream at its end.
#[derive(Clone, Debug, Default)]
pub struct Input(Rc<RefCell<Buffer>>);

/// The writing end. A pipe ends when its last clone is dropped.
pub struct Output(Sink);

/// Takes the bytes that are written behind a redirect.
pub type Writer = Rc<dyn Fn(&[u8]) -> Result<(), BrokenPipe>>;

enum Sink {
    Pipe(Rc<RefCell<Buffer>>),
    Screen(Screen, Stream),
    Writer(Writer),
    Nothing,
}

/// The reader has gone: a command that meets it ends, as with SIGPIPE.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct BrokenPipe;

/// Which of a process's two outputs.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A piece of what a session has shown, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// From which output.
    pub stream: Stream,
    /// The bytes; a chunk may end inside a character.
    pub bytes: Vec<u8>,
}

/// Where a session's output appears: both streams in the order of writing.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    chunks: Rc<RefCell<Vec<Chunk>>>,
    /// Columns of the terminal; 0 if this is none.
    columns: Rc<Cell<usize>>,
}

/// A new stream.
pub fn pipe() -> (Output, Input) {
    let buffer = Rc::new(RefCell::new(Buffer { writers: 1, ..Buffer::default() }));
    (Output(Sink::Pipe(Rc::clone(&buffer))), Input(buffer))
}

impl Screen {
    /// A screen with this many columns; 0 for output that no terminal shows.
    pub fn new(columns: usize) -> Self {
        Self { chunks: Rc::default(), columns: Rc::new(Cell::new(columns)) }
    }

    /// Changes the width.
    pub fn set_columns(&self, columns: usize) {
        self.columns.set(columns);
    }

    /// One of its two outputs.
    pub fn output(&self, stream: Stream) -> Output {
        Output(Sink::Screen(self.clone(), stream))
    }

    /// What has appeared since it was last asked.
    pub fn take(&self) -> Vec<Chunk> {
        self.chunks.take()
    }

    fn push(&self, stream: Stream, bytes: &[u8]) {
        let mut chunks = self.chunks.borrow_mut();
        match chunks.last_mut() {
            Some(last) if last.stream == stream => last.bytes.extend_from_slice(bytes),
            _ => chunks.push(Chunk { stream, bytes: bytes.to_vec() }),
        }
    }
}

impl Output {
    /// An output that hands everything to a function.
    pub fn to(writer: Writer) -> Self {
        Self(Sink::Writer(writer))
    }

    /// An output that forgets everything, like `/dev/null`.
    pub fn nothing() -> Self {
        Self(Sink::Nothing)
    }

    /// Writes text.
    pub fn write(&self, text: &str) -> Result<(), BrokenPipe> {
        self.write_bytes(text.as_bytes())
    }

    /// Writes bytes.
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<(), BrokenPipe> {
        match &self.0 {
            Sink::Pipe(buffer) => {
                let mut buffer = buffer.borrow_mut();
                if buffer.closed || buffer.bytes.len() + bytes.len() > UNREAD_BYTES_MAX {
                    return Err(BrokenPipe);
                }
                buffer.bytes.extend(bytes);
                buffer.uses += 1;
                Ok(())
            }
            Sink::Screen(screen, stream) => {
                screen.push(*stream, bytes);
                Ok(())
            }
            Sink::Writer(writer) => writer(bytes),
            Sink::Nothing => Ok(()),
        }
    }

    /// Whether the reader has gone.
    pub fn is_broken(&self) -> bool {
        matches!(&self.0, Sink::Pipe(buffer) if buffer.borrow().closed)
    }

    /// The terminal's width if this is one, as `isatty` and `TIOCGWINSZ` would tell.
    pub fn columns(&self) -> Option<usize> {
        match &self.0 {
            Sink::Screen(screen, _) => Some(screen.columns.get()).filter(|columns| *columns > 0),
            Sink::Pipe(_) | Sink::Writer(_) | Sink::Nothing => None,
        }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Sink::Pipe(_) => "Output(pipe)",
            Sink::Screen(..) => "Output(screen)",
            Sink::Writer(_) => "Output(file)",
            Sink::Nothing => "Output(nothing)",
        })
    }
}

impl Clone for Output {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Sink::Pipe(buffer) => {
                buffer.borrow_mut().writers += 1;
                Sink::Pipe(Rc::clone(buffer))
            }
            Sink::Screen(screen, stream) => Sink::Screen(screen.clone(), *stream),
            Sink::Writer(writer) => Sink::Writer(Rc::clone(writer)),
            Sink::Nothing => Sink::Nothing,
        })
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Sink::Pipe(buffer) = &self.0 {
            let mut buffer = buffer.borrow_mut();
            buffer.writers -= 1;
            buffer.uses += 1;
        }
    }
}

impl Input {
    /// A stream that holds these bytes and then ends.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = VecDeque::from(bytes.into());
        Self(Rc::new(RefCell::new(Buffer { bytes, ..Buffer::default() })))
    }

    /// What has arrived and was not read yet; never waits.
    pub fn drain(&self) -> Vec<u8> {
        self.0.borrow_mut().take_all()
    }

    /// The next line with its newline (the last may lack one); `None` at the end.
    pub async fn read_line(&self) -> Option<Vec<u8>> {
        poll_fn(|_| {
            let mut buffer = self.0.borrow_mut();
            let newline = buffer.bytes.iter().position(|byte| *byte == b'\n');
            match newline {
                Some(at) => {
                    buffer.uses += 1;
                    Poll::Ready(Some(buffer.bytes.drain(..=at).collect()))
                }
                None if buffer.writers > 0 => Poll::Pending,
                None if buffer.bytes.is_empty() => Poll::Ready(None),
                None => Poll::Ready(Some(buffer.take_all())),
            }
        })
        .await
    }

    /// Everything up to the end.
    pub async fn read_to_end(&self) -> Vec<u8> {
        poll_fn(|_| {
            let mut buffer = self.0.borrow_mut();
            if buffer.writers > 0 { Poll::Pending } else { Poll::Ready(buffer.take_all()) }
        })
        .await
    }

    /// Closes the reading end: later writes meet [`BrokenPipe`].
    pub fn close(&self) {
        let mut buffer = self.0.borrow_mut();
        buffer.closed = true;
        buffer.bytes = VecDeque::new();
        buffer.uses += 1;
    }

    /// How many times the stream was written to or read from.
    pub(super) fn uses(&self) -> u64 {
        self.0.borrow().uses
    }
}

impl Buffer {
    fn take_all(&mut self) -> Vec<u8> {
        self.uses += 1;
        std::mem::take(&mut self.bytes).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_breaks_when_its_reader_goes() {
        let (output, input) = pipe();
        assert_eq!(output.write("a"), Ok(()));
        assert_eq!(input.drain(), b"a");
        input.close();
        assert_eq!(output.write("b"), Err(BrokenPipe));
    }

    #[test]
    fn a_screen_keeps_the_order_of_both_streams() {
        let screen = Screen::new(0);
        let (out, err) = (screen.output(Stream::Stdout), screen.output(Stream::Stderr));
        for (output, text) in [(&out, "a"), (&out, "b"), (&err, "c"), (&out, "d")] {
            output.write(text).unwrap();
        }
        let texts: Vec<_> = screen.take().into_iter().map(|chunk| chunk.bytes).collect();
        assert_eq!(texts, [b"ab".to_vec(), b"c".to_vec(), b"d".to_vec()]);
        assert_eq!(out.columns(), None);
    }
}
