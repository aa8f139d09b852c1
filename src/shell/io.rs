//! Streams between commands: a pipe in memory, its two ends shared by handle.
//!
//! Writing never waits (a sandbox's texts are small); reading waits until there is something or the last writer is gone.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

#[derive(Debug, Default)]
struct Buffer {
    bytes: VecDeque<u8>,
    /// How many [`Output`] handles there are; none left means end of file.
    writers: usize,
    /// Whether the reading end was closed.
    closed: bool,
}

/// The reading end. Clones read from the same stream.
#[derive(Clone, Debug, Default)]
pub struct Input(Rc<RefCell<Buffer>>);

/// The writing end. The stream ends when its last clone is dropped.
#[derive(Debug)]
pub struct Output(Rc<RefCell<Buffer>>);

/// The reader has gone: a command that meets it ends, as with SIGPIPE.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct BrokenPipe;

/// A new stream.
pub fn pipe() -> (Output, Input) {
    let buffer = Rc::new(RefCell::new(Buffer { writers: 1, ..Buffer::default() }));
    (Output(Rc::clone(&buffer)), Input(buffer))
}

impl Output {
    /// Writes text.
    pub fn write(&self, text: &str) -> Result<(), BrokenPipe> {
        self.write_bytes(text.as_bytes())
    }

    /// Writes bytes.
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<(), BrokenPipe> {
        let mut buffer = self.0.borrow_mut();
        if buffer.closed {
            return Err(BrokenPipe);
        }
        buffer.bytes.extend(bytes);
        Ok(())
    }
}

impl Clone for Output {
    fn clone(&self) -> Self {
        self.0.borrow_mut().writers += 1;
        Self(Rc::clone(&self.0))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.0.borrow_mut().writers -= 1;
    }
}

impl Input {
    /// What has arrived and was not read yet; never waits.
    pub fn drain(&self) -> Vec<u8> {
        self.0.borrow_mut().bytes.drain(..).collect()
    }

    /// The next line with its newline (the last may lack one); `None` at the end.
    pub async fn read_line(&self) -> Option<Vec<u8>> {
        poll_fn(|_| {
            let mut buffer = self.0.borrow_mut();
            let newline = buffer.bytes.iter().position(|byte| *byte == b'\n');
            match newline {
                Some(at) => Poll::Ready(Some(buffer.bytes.drain(..=at).collect())),
                None if buffer.writers > 0 => Poll::Pending,
                None if buffer.bytes.is_empty() => Poll::Ready(None),
                None => Poll::Ready(Some(buffer.bytes.drain(..).collect())),
            }
        })
        .await
    }

    /// Everything up to the end.
    pub async fn read_to_end(&self) -> Vec<u8> {
        poll_fn(|_| {
            let mut buffer = self.0.borrow_mut();
            if buffer.writers > 0 {
                Poll::Pending
            } else {
                Poll::Ready(buffer.bytes.drain(..).collect())
            }
        })
        .await
    }

    /// Closes the reading end: later writes meet [`BrokenPipe`].
    pub fn close(&self) {
        self.0.borrow_mut().closed = true;
    }
}
