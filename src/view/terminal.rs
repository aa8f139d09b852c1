//! The terminal's scrollback: a block for each command, with what it printed.
//!
//! A value with small writes; old output is dropped so that the page stays quick. Pieces of text are shared (`Rc<str>`),
//! so a stream that goes on costs what is new. Escape codes are not text: `clear`'s empties the screen, others vanish.

use std::rc::Rc;

use crate::journal::News;
use crate::shell;

/// Pieces of output kept over all blocks.
const PIECES_MAX: usize = 3000;
/// Blocks kept.
const BLOCKS_MAX: usize = 300;
/// Characters kept over all blocks.
const CHARS_MAX: usize = 600_000;

/// Which of a command's two outputs.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A piece of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it was written.
    pub stream: Stream,
    /// The text.
    pub text: Rc<str>,
}

/// A command and its output so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Tells it from the others.
    pub id: u64,
    /// The prompt that stood before it.
    pub prompt: Rc<str>,
    /// What was typed.
    pub line: Rc<str>,
    /// What it printed.
    pub pieces: Vec<Piece>,
    /// Its exit code, once it ended.
    pub exit: Option<i32>,
    /// What it sent to the cluster that is kept and not simulated: told below, since it prints no such thing.
    pub unsimulated: Vec<String>,
}

/// All that is on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scrollback {
    /// The blocks, oldest first.
    pub blocks: Vec<Rc<Block>>,
    /// Whether something older was dropped.
    pub dropped: bool,
}

impl Scrollback {
    /// Begins a block; ids are the caller's and differ.
    pub fn begin(&mut self, id: u64, prompt: &str, line: &str) {
        self.blocks.push(Rc::new(Block {
            id,
            prompt: prompt.into(),
            line: plain(line).into(),
            pieces: Vec::new(),
            exit: None,
            unsimulated: Vec::new(),
        }));
        self.trim();
    }

    /// Adds output to a block.
    pub fn write(&mut self, id: u64, stream: Stream, text: &str) {
        let text = match text.rsplit_once(CLEAR) {
            Some((_, rest)) => {
                self.blocks.retain(|block| block.id == id);
                if let Some(block) = self.block(id) {
                    block.pieces.clear();
                }
                rest
            }
            None => text,
        };
        let text = plain(text);
        if text.is_empty() {
            return;
        }
        if let Some(block) = self.block(id) {
            block.pieces.push(Piece { stream, text: text.into() });
            self.trim();
        }
    }

    /// Empties the screen; what runs goes on in an empty block.
    pub fn clear(&mut self, running: Option<u64>) {
        self.blocks.retain(|block| Some(block.id) == running);
        if let Some(block) = running.and_then(|id| self.block(id)) {
            block.pieces.clear();
        }
        self.dropped = false;
    }

    /// Ends a block.
    pub fn end(&mut self, id: u64, exit: i32) {
        if let Some(block) = self.block(id) {
            block.exit = Some(exit);
        }
    }

    fn block(&mut self, id: u64) -> Option<&mut Block> {
        let block = self.blocks.iter_mut().rev().find(|block| block.id == id)?;
        Some(Rc::make_mut(block))
    }

    /// Drops the oldest output until what remains is within the limits.
    fn trim(&mut self) {
        let (mut pieces, mut chars) = (0, 0);
        for block in &self.blocks {
            pieces += block.pieces.len();
            chars += block.pieces.iter().map(|piece| piece.text.len()).sum::<usize>();
        }
        while self.blocks.len() > BLOCKS_MAX
            || (self.blocks.len() > 1 && (pieces > PIECES_MAX || chars > CHARS_MAX))
        {
            let gone = self.blocks.remove(0);
            pieces -= gone.pieces.len();
            chars -= gone.pieces.iter().map(|piece| piece.text.len()).sum::<usize>();
            self.dropped = true;
        }
        let Some(only) = self.blocks.first_mut() else { return };
        if pieces > PIECES_MAX || chars > CHARS_MAX {
            let only = Rc::make_mut(only);
            while only.pieces.len() > 1 && (pieces > PIECES_MAX || chars > CHARS_MAX) {
                let gone = only.pieces.remove(0);
                pieces -= 1;
                chars -= gone.text.len();
                self.dropped = true;
            }
        }
    }
}

/// What the terminal shows: the scrollback, and the line to type at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// What was typed and printed.
    pub scrollback: Rc<Scrollback>,
    /// The block of the command that holds the prompt, if one runs.
    pub running: Option<u64>,
    /// What stands before the cursor.
    pub prompt: Rc<str>,
}

impl Terminal {
    /// An empty screen.
    pub fn new(prompt: &str) -> Self {
        Self { prompt: prompt.into(), ..Self::default() }
    }

    /// Takes note of what happened.
    pub fn hear(&mut self, news: &News) {
        let scrollback = Rc::make_mut(&mut self.scrollback);
        match news {
            News::Began { id, line, holds_prompt, .. } => {
                scrollback.begin(*id, &self.prompt, line);
                if *holds_prompt {
                    self.running = Some(*id);
                }
            }
            News::Wrote { id, stream, text } => {
                let stream = match stream {
                    shell::Stream::Stdout => Stream::Out,
                    shell::Stream::Stderr => Stream::Err,
                };
                scrollback.write(*id, stream, text);
            }
            News::Unsimulated { id, what } => {
                if let Some(block) = scrollback.block(*id) {
                    block.unsimulated.extend(what.iter().cloned());
                }
            }
            News::Ended { id, exit, prompt } => {
                scrollback.end(*id, *exit);
                if self.running == Some(*id) {
                    self.running = None;
                }
                self.prompt = prompt.as_str().into();
            }
            News::Cleared => scrollback.clear(self.running),
        }
    }
}

/// What `clear` prints (xterm's terminfo).
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// Text without escape sequences and other control characters.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                if chars.next_if_eq(&'[').is_some() {
                    // A control sequence ends with its first letter.
                    while chars.next_if(|c| !c.is_ascii_alphabetic()).is_some() {}
                    chars.next();
                }
            }
            '\n' | '\t' => out.push(c),
            '\r' => {}
            '\0' => out.push('\u{fffd}'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(scrollback: &Scrollback) -> String {
        let pieces = scrollback.blocks.iter().flat_map(|block| &block.pieces);
        pieces.map(|piece| &*piece.text).collect()
    }

    #[test]
    fn clear_empties_the_screen() {
        let mut scrollback = Scrollback::default();
        scrollback.begin(1, "$", "echo a");
        scrollback.write(1, Stream::Out, "a\n");
        scrollback.begin(2, "$", "clear; echo b");
        scrollback.write(2, Stream::Out, "\u{1b}[H\u{1b}[2J\u{1b}[3Jb\n");
        assert_eq!(screen(&scrollback), "b\n");
    }

    #[test]
    fn control_characters_do_not_reach_the_page() {
        let mut scrollback = Scrollback::default();
        scrollback.begin(1, "$", "echo \0");
        assert_eq!(&*scrollback.blocks[0].line, "echo \u{fffd}");
        assert_eq!(plain("a\u{1b}[31mb\u{1b}[0m\0\r\n\u{7}"), "ab\u{fffd}\n");
    }

    #[test]
    fn an_endless_stream_stays_within_bounds() {
        let mut scrollback = Scrollback::default();
        scrollback.begin(1, "$", "yes");
        for _ in 0..10_000 {
            scrollback.write(1, Stream::Out, "y\n");
        }
        assert!(scrollback.dropped);
        assert!(scrollback.blocks[0].pieces.len() <= PIECES_MAX);
        scrollback.begin(2, "$", "big");
        scrollback.write(2, Stream::Out, &"x".repeat(CHARS_MAX + 1));
        assert_eq!(scrollback.blocks.len(), 1);
    }
}
